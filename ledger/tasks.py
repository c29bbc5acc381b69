"""Celery entry points of the ledger: each makes one call."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from ledger.books import operations as books
from ledger.events import outbox, sealing
from ledger.refunds import paying as refunds
from ledger.subscriptions import renewals


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


@shared_task(name="ledger.tasks.renew_subscriptions")
def renew_subscriptions(**_: object) -> None:
    """Nightly: bill the subscriptions that renew."""
    renewals.renew_due_subscriptions(at=timezone.now())
