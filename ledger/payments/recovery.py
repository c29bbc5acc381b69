"""plan_after_failure, run_due_retries, cancel_retries: how money that did not come is tried for again.

The whole plan is written when the schedule's own try fails. Tries of a customer or an agent use nothing of it up. On
the day of each try the world is looked at again, and the bill is collected like any other: one attempt at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.holds.models import Hold
from ledger.holds.queries import live_holds
from ledger.invoices.building import record_invoice
from ledger.invoices.models import Invoice
from ledger.payments.attempt_models import Attempt
from ledger.payments.choices import chosen_method
from ledger.payments.collecting import CollectionInProgress, GatewayResting, collect_invoice
from ledger.payments.declines import DeclineReason, Family, RetryRule
from ledger.payments.declines_codes import find_reason
from ledger.payments.models import Payment, PaymentMethod
from ledger.payments.network_rules import Try, fits
from ledger.payments.retries import plan_retries
from ledger.payments.retry_models import Retry
from ledger.payments.retry_queries import card_of, learned_chances, schedule_for, tried_card

RUNNER = Actor.system("run_due_retries")
#: A worker that took a try up and said nothing for so long is dead; also how long a resting gateway is left alone.
LEASE = timedelta(minutes=15)
#: How often a worker looks again when others take what it saw.
PATIENCE = 20


@transaction.atomic
def plan_after_failure(payment_id: int, *, invoice_id: int, by: Actor, at: datetime) -> list[Retry]:
    """This will write the plan for a bill whose scheduled payment failed, once per bill and card.

    A failure within a plan changes it only where the new code forbids any more tries. When nothing is left to try, that
    is recorded, so that collections can go on. While collection is on hold nothing is planned: an instalment that
    failed is the payment plan's affair.
    """
    failed = Payment.objects.select_related("method").get(pk=payment_id)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=failed.customer_id)
    invoice = Invoice.objects.get(pk=invoice_id, customer=customer)
    reason, planned = find_reason(failed.failure_code), list[Retry]()
    if live_holds(customer.pk, stop=Hold.Stop.COLLECTION, invoice_id=invoice.pk, at=at):
        return planned
    if failed.method is not None and _is_open(invoice):
        before = Retry.objects.filter(invoice=invoice, method=failed.method)
        if reason.retry is not RetryRule.SOON:
            # The bank has answered: what was planned for a technical fault, or forbidden now, has no use.
            stale = before.filter(state=Retry.State.PLANNED)
            if reason.retry is RetryRule.ON_SCHEDULE:
                stale = stale.filter(rule=RetryRule.SOON)
            _cancel(stale, why=_answered(reason), by=by, at=at)
        if not before.filter(rule=reason.retry).exists():
            planned = _write_plan(failed, invoice, customer, reason, by=by, at=at)
    _say_if_exhausted(invoice, reason, failed, by=by, at=at)
    return planned


@transaction.atomic
def give_up_card(payment_id: int, *, by: Actor, at: datetime) -> int:
    """This will call off every planned try of a card that a bank refused for good, whoever tried it for which bill.

    Where the code says something else, or nothing is planned, nothing changes.
    """
    failed = Payment.objects.get(pk=payment_id)
    reason = find_reason(failed.failure_code)
    if failed.method_id is None or not (reason.ends_card or reason.family is Family.FIX_BY_CUSTOMER):
        return 0
    planned = Retry.objects.filter(method_id=failed.method_id, state=Retry.State.PLANNED).select_related("invoice")
    bills = {retry.invoice_id: retry.invoice for retry in planned}
    called_off = _cancel(planned, why=_answered(reason), by=by, at=at)
    for invoice in bills.values():
        _say_if_exhausted(invoice, reason, failed, by=by, at=at)
    return called_off


def _answered(reason: DeclineReason) -> str:
    cause = "refused" if reason.is_secret else reason.cause.name.replace("_", " ")
    return f"The bank has answered: {cause}."


def _is_open(invoice: Invoice) -> bool:
    return invoice.state == Invoice.State.OPEN and invoice.due_amount.minor > 0


def _write_plan(
    failed: Payment, invoice: Invoice, customer: Customer, reason: DeclineReason, *, by: Actor, at: datetime
) -> list[Retry]:
    if failed.method is None or reason.retry not in (RetryRule.ON_SCHEDULE, RetryRule.SOON):
        return []
    schedule = schedule_for(customer)
    moments = plan_retries(
        Try(failed.created_at, failed.amount_minor, failed.currency),
        reason,
        schedule,
        card=card_of(failed.method, at=at),
        zone=ZoneInfo(customer.time_zone),
        chances=learned_chances(at=at) if schedule.may_move_days else None,
    )
    rows = [
        Retry(
            customer=customer,
            invoice=invoice,
            method=failed.method,
            failed=failed,
            rule=reason.retry,
            schedule=schedule.name,
            number=number,
            amount_minor=invoice.due_amount.minor,
            currency=invoice.currency,
            planned_for=moment,
            planned_at=at,
        )
        for number, moment in enumerate(moments, start=1)
    ]
    planned = Retry.objects.bulk_create(rows)
    if planned:
        days = [moment.isoformat() for moment in moments]
        _record(kinds.RETRIES_PLANNED, invoice, by=by, at=at, schedule=schedule.name, planned_for=days)
    return planned


def _say_if_exhausted(invoice: Invoice, reason: DeclineReason, failed: Payment, *, by: Actor, at: datetime) -> None:
    if _is_open(invoice) and not Retry.objects.filter(invoice=invoice, state=Retry.State.PLANNED).exists():
        _record(kinds.RETRIES_EXHAUSTED, invoice, by=by, at=at, family=reason.family, payment_id=failed.pk)


@transaction.atomic
def cancel_retries(invoice_id: int, *, why: str, by: Actor, at: datetime) -> int:
    """This will call off what is still planned for a bill; where nothing is planned nothing changes."""
    return _cancel(Retry.objects.filter(invoice_id=invoice_id, state=Retry.State.PLANNED), why=why, by=by, at=at)


@transaction.atomic
def cancel_retries_of_card(method_id: int, *, why: str, by: Actor, at: datetime) -> int:
    """This will call off what is still planned for a card, whatever bill it is for."""
    return _cancel(Retry.objects.filter(method_id=method_id, state=Retry.State.PLANNED), why=why, by=by, at=at)


def _cancel(planned: Iterable[Retry], *, why: str, by: Actor, at: datetime) -> int:
    ids = [retry.pk for retry in planned]
    rows = list(
        Retry.objects.select_for_update(of=("self",))
        .select_related("invoice")
        .filter(pk__in=ids, state=Retry.State.PLANNED)
        .order_by("pk")
    )
    for retry in rows:
        retry.cancel(why=why, at=at)
        retry.save()
    for invoice in {retry.invoice_id: retry.invoice for retry in rows}.values():
        _record(kinds.RETRIES_CANCELLED, invoice, by=by, at=at, why=why)
    return len(rows)


def run_due_retries(*, at: datetime, limit: int = 200) -> int:
    """This will make the tries that are due, each by one worker, and return how many were taken up.

    Must not run inside a transaction: the gateway is asked in between.
    """
    taken = missed = 0
    while taken < limit and missed < PATIENCE:
        retry = _claim(at=at)
        if retry is not None:
            taken, missed = taken + 1, 0
            _make(retry, at=at)
        elif _free(at=at).exists():
            missed += 1  # Another worker was quicker with the one that was looked at.
        else:
            break
    return taken


def _free(*, at: datetime) -> QuerySet[Retry]:
    due = Retry.objects.filter(state=Retry.State.PLANNED, planned_for__lte=at)
    return due.filter(Q(claimed_at=None) | Q(claimed_at__lte=at - LEASE))


@transaction.atomic
def _claim(*, at: datetime) -> Retry | None:
    free = _free(at=at).select_related("invoice", "method", "customer")
    retry = free.select_for_update(skip_locked=True, of=("self",)).order_by("planned_for", "pk").first()
    if retry is None:
        return None
    made = _made_before(retry)
    if made is not None:
        # The worker that took it up died after the attempt was written down; it is not made twice.
        retry.finish(attempt_id=made.pk, at=at)
        retry.save()
        return retry
    retry.claimed_at = at
    retry.save(update_fields=["claimed_at"])
    return retry


def _made_before(retry: Retry) -> Attempt | None:
    if retry.claimed_at is None:
        return None
    cards = {retry.method_id, chosen_method(retry.invoice, since=retry.planned_at)}
    made = Attempt.objects.filter(
        invoice_id=retry.invoice_id, method_id__in=cards, trigger=Attempt.Trigger.SCHEDULE, retry=None
    )
    return made.filter(started_at__gte=retry.claimed_at).order_by("pk").first()


def _make(retry: Retry, *, at: datetime) -> None:
    if retry.state != Retry.State.PLANNED:
        return
    planned, chosen = retry.method_id, chosen_method(retry.invoice, since=retry.planned_at)
    if chosen and chosen != planned:
        # Only for this try: the row keeps the card it was planned for, and an undone choice leaves no trace.
        retry.method = PaymentMethod.objects.get(pk=chosen)
    why_not = _why_not(retry, at=at)
    if why_not:
        _settle(retry, why=why_not, at=at)
        return
    try:
        attempt = collect_invoice(
            retry.invoice_id, method_id=retry.method_id, trigger=Attempt.Trigger.SCHEDULE, by=RUNNER, at=at
        )
    except (CollectionInProgress, GatewayResting):
        return  # It stays planned and is taken up again when the lease is over.
    except DomainError as refusal:
        _settle(retry, why=str(refusal), at=at)
        return
    with transaction.atomic():
        locked = Retry.objects.select_for_update().get(pk=retry.pk)
        if locked.state == Retry.State.PLANNED:
            locked.finish(attempt_id=attempt.pk, at=at)
            locked.save()
        if retry.method_id != planned:
            rest = Retry.objects.filter(invoice_id=retry.invoice_id, method_id=planned, state=Retry.State.PLANNED)
            _cancel(rest, why="Another card was chosen for the bill.", by=RUNNER, at=at)


def _why_not(retry: Retry, *, at: datetime) -> str:
    """Return why a try that is due is not made after all; empty where nothing stands in the way."""
    invoice, method = retry.invoice, retry.method
    if not _is_open(invoice):
        return "Nothing is asked for on the bill any more."
    if method.removed_at is not None:
        return "The card was replaced or taken off the account."
    if method.expires_on is not None and method.expires_on < retry.customer.local_day(at):
        return "The card has expired; it is not tried again."
    held = live_holds(retry.customer_id, stop=Hold.Stop.COLLECTION, invoice_id=invoice.pk, at=at)
    if held:
        return f"Collection is on hold: {held[0].why}"
    later = Retry.objects.filter(invoice=invoice, method=method, state=Retry.State.PLANNED, planned_for__lte=at)
    if later.filter(planned_for__gt=retry.planned_for).exists():
        return "It was missed, and a later try is due already."
    card = tried_card(method, at=at)
    now = Try(at, invoice.due_amount.minor, invoice.currency)
    return "" if fits(now, card.tries, card.caps) else "The network's limit of tries for this card is reached."


@transaction.atomic
def _settle(retry: Retry, *, why: str, at: datetime) -> None:
    locked = Retry.objects.select_for_update().get(pk=retry.pk)
    if locked.state == Retry.State.PLANNED:
        locked.skip(why=why, at=at)
        locked.save()
        _record(kinds.RETRY_SKIPPED, retry.invoice, by=RUNNER, at=at, why=why, number_in_plan=retry.number)
        if not _is_open(retry.invoice):
            return
        if not Retry.objects.filter(invoice_id=retry.invoice_id, state=Retry.State.PLANNED).exists():
            _record(kinds.RETRIES_EXHAUSTED, retry.invoice, by=RUNNER, at=at, why=why)


def _record(kind: str, invoice: Invoice, *, by: Actor, at: datetime, **more: Any) -> None:
    record_invoice(kind, invoice, amount=invoice.due_amount, by=by, at=at, **more)
