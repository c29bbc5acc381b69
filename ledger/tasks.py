"""Celery entry points of the ledger: each makes one call."""

import contextlib
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from ledger.adjustments import running as corrections
from ledger.agreements import offering as agreements
from ledger.billing import first_payments
from ledger.billing import operations as billing
from ledger.billing.lease import BillingRunInProgress
from ledger.books import operations as books
from ledger.closing import operations as closing
from ledger.closing.months import month_of
from ledger.collections import dunning, promises
from ledger.disputes import answering
from ledger.disputes import watching as disputes
from ledger.entitlements import operations as entitlements
from ledger.events import outbox, sealing
from ledger.events.actor import Actor
from ledger.hardship import reviewing as hardship
from ledger.imports import operations as imports
from ledger.instalments import keeping as instalments
from ledger.payments import due, mandates, recovery
from ledger.payments import resolving as attempts
from ledger.reconciliation import parking
from ledger.refunds import paying as refunds
from ledger.refunds import watching as watch


@shared_task(name="ledger.tasks.run_reactions_of")
def run_reactions_of(*, event_id: int, **_: object) -> None:
    """Run the reactions of one event, soon after it happened."""
    outbox.run_reactions_of(event_id, at=timezone.now())


@shared_task(name="ledger.tasks.run_due_reactions")
def run_due_reactions(**_: object) -> None:
    """Sweep: run whatever is due and nobody ran."""
    outbox.run_due_reactions(at=timezone.now())


@shared_task(name="ledger.tasks.seal_events")
def seal_events(**_: object) -> None:
    """Chain new events into the audit trail."""
    sealing.seal_events()


@shared_task(name="ledger.tasks.seal_entries")
def seal_entries(**_: object) -> None:
    """Chain new journal entries and fold the balances of system accounts."""
    books.seal_entries(at=timezone.now())
    books.fold_balances()


@shared_task(name="ledger.tasks.close_days")
def close_days(**_: object) -> None:
    """Keep the closing balances of yesterday."""
    books.close_day(timezone.localdate() - timedelta(days=1), at=timezone.now())


@shared_task(name="ledger.tasks.pay_refund")
def pay_refund(*, refund_id: int, **_: object) -> None:
    """Send one approved refund to the gateway."""
    refunds.pay_refund(refund_id, at=timezone.now())


@shared_task(name="ledger.tasks.pay_due_refunds")
def pay_due_refunds(**_: object) -> None:
    """Sweep: send approved refunds nobody sent."""
    refunds.pay_due_refunds(at=timezone.now())


@shared_task(name="ledger.tasks.watch_refunds")
def watch_refunds(**_: object) -> None:
    """Hourly: ask about refunds whose promised day is near, tell the customer before it passes."""
    watch.watch_refunds(at=timezone.now())


@shared_task(name="ledger.tasks.run_corrections")
def run_corrections(**_: object) -> None:
    """Sweep: go on with correction batches that were approved, or whose worker died."""
    corrections.run_corrections(at=timezone.now())


@shared_task(name="ledger.tasks.resolve_unknown_attempts")
def resolve_unknown_attempts(**_: object) -> None:
    """Sweep: ask the gateway what became of payments without an answer."""
    attempts.resolve_unknown(at=timezone.now())


@shared_task(name="ledger.tasks.collect_due_invoices")
def collect_due_invoices(**_: object) -> None:
    """Hourly, because a day begins somewhere every hour: charge what is due today."""
    due.collect_due_invoices(at=timezone.now())


@shared_task(name="ledger.tasks.send_chargeback_answer")
def send_chargeback_answer(*, answer_id: int, **_: object) -> None:
    """Hand one answer to a chargeback in."""
    answering.send_answer(answer_id, at=timezone.now())


@shared_task(name="ledger.tasks.send_due_answers")
def send_due_answers(**_: object) -> None:
    """Sweep: hand in answers nobody sent, and ask about those without a word."""
    answering.send_due_answers(at=timezone.now())


@shared_task(name="ledger.tasks.take_up_parked")
def take_up_parked(**_: object) -> None:
    """Sweep: place what gateways reported of things we had not heard of."""
    parking.take_up_parked(at=timezone.now())


@shared_task(name="ledger.tasks.keep_methods")
def keep_methods(**_: object) -> None:
    """Sweep: put on file what customers paid with and want kept."""
    mandates.keep_methods(at=timezone.now())


@shared_task(name="ledger.tasks.run_billing")
def run_billing(**_: object) -> None:
    """Hourly: bill every period that has begun; while another worker bills, it does this one's work too."""
    with contextlib.suppress(BillingRunInProgress):
        billing.run_billing(at=timezone.now())


@shared_task(name="ledger.tasks.end_unpaid_starts")
def end_unpaid_starts(**_: object) -> None:
    """Sweep: end subscriptions whose first bill nobody paid in time."""
    first_payments.end_unpaid_starts(at=timezone.now())


@shared_task(name="ledger.tasks.resume_billing")
def resume_billing(**_: object) -> None:
    """Sweep: go on with a run that was asked for, or whose worker died."""
    with contextlib.suppress(BillingRunInProgress):
        billing.resume_billing(at=timezone.now())


@shared_task(name="ledger.tasks.prepare_month")
def prepare_month(**_: object) -> None:
    """Daily: recognise the revenue of the month before and check it, until it is closed."""
    last = month_of(month_of(timezone.localdate()) - timedelta(days=1))
    with contextlib.suppress(closing.MonthAlreadyClosed):
        closing.prepare_daily(last, by=Actor.system("close"), at=timezone.now())


@shared_task(name="ledger.tasks.publish_head")
def publish_head(**_: object) -> None:
    """Daily: send the newest seal of the books to whoever keeps it outside the database."""
    closing.publish_head(by=Actor.system("close"), at=timezone.now())


@shared_task(name="ledger.tasks.keep_plans")
def keep_plans(**_: object) -> None:
    """Hourly: charge the instalments whose day has come, tell of missed ones, end plans nobody made good."""
    instalments.keep_plans(at=timezone.now())


@shared_task(name="ledger.tasks.note_hardship_reviews")
def note_hardship_reviews(**_: object) -> None:
    """Daily: make the hardship cases whose day has come somebody's task."""
    hardship.note_reviews_due(at=timezone.now())


@shared_task(name="ledger.tasks.run_due_retries")
def run_due_retries(**_: object) -> None:
    """Sweep: try declined payments again whose day has come."""
    recovery.run_due_retries(at=timezone.now())


@shared_task(name="ledger.tasks.keep_agreements")
def keep_agreements(**_: object) -> None:
    """Hourly: lapse offers nobody accepted in time, end agreements that have run out."""
    agreements.keep_agreements(at=timezone.now())


@shared_task(name="ledger.tasks.run_dunning")
def run_dunning(**_: object) -> None:
    """Daily: close promises whose day is over, then take the steps of the ladders that are due."""
    promises.settle_due_promises(at=timezone.now())
    dunning.run_dunning(at=timezone.now())


@shared_task(name="ledger.tasks.review_access")
def review_access(**_: object) -> None:
    """Hourly: bring access in line with the calendar; what money changes is reviewed at once."""
    entitlements.review_due_access(at=timezone.now())


@shared_task(name="ledger.tasks.run_import")
def run_import(*, run_id: int, **_: object) -> None:
    """Read one uploaded file: try it, or import it."""
    imports.run_import(run_id, at=timezone.now())


@shared_task(name="ledger.tasks.resume_imports")
def resume_imports(**_: object) -> None:
    """Sweep: read files nobody reads, and delete old ones."""
    imports.resume_imports(at=timezone.now())


@shared_task(name="ledger.tasks.watch_disputes")
def watch_disputes(**_: object) -> None:
    """Hourly: say which deadlines near, take provisional credit back, close what nobody appealed."""
    disputes.watch_disputes(at=timezone.now())
