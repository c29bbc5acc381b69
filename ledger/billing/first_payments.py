"""The first payment of a subscription that has to be paid before it begins: it begins, or it never started."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.building import lock_customer
from ledger.invoices.crediting import Correction, credit_lines
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.voiding import void_invoice
from ledger.money import Money
from ledger.payments.attempt_models import Attempt, Collection
from ledger.subscriptions.billed import source_of
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.starting import PAY_WITHIN, begin_subscription, expire_subscription

log = logging.getLogger(__name__)

ENDER = Actor.system("end_unpaid_starts")
WHY = "It was not paid in time, so the subscription never started."
#: The money is on its way, or nobody knows: the answer comes first.
UNDER_WAY = (Attempt.State.PENDING, Attempt.State.UNKNOWN)


def begin_paid_subscription(event: Event, at: datetime) -> None:
    """For invoice.paid: the subscription whose first bill this was begins. Safe to run twice."""
    invoice_id = int(event.subject.partition(":")[2])
    sources = InvoiceLine.objects.filter(invoice_id=invoice_id).values_list("charge__source", flat=True).distinct()
    for source in sources:
        kind, _, pk = source.partition(":")
        if kind == "subscription" and pk.isdecimal():
            begin_subscription(int(pk), by=ENDER, at=at)


def end_unpaid_starts(*, at: datetime, limit: int = 200) -> int:
    """Sweep: end what was not paid within its time; return how many never started. Safe to run twice and at once."""
    due = Subscription.objects.filter(state=Subscription.State.STARTING, pay_by__lte=at).order_by("pay_by", "pk")
    ended = 0
    for subscription_id in list(due.values_list("pk", flat=True)[:limit]):
        try:
            ended += end_unpaid_start(subscription_id, at=at)
        except DomainError as refusal:
            log.warning("subscription %s is not ended: %s", subscription_id, refusal)
    return ended


@transaction.atomic
def end_unpaid_start(subscription_id: int, *, at: datetime) -> bool:
    """This will withdraw the first bill of a subscription nobody paid for, and end it; say whether it did.

    What was paid in part becomes credit. While a payment is under way, or less time than promised has passed since the
    bill, nothing is ended.

    :raises DomainError: if the bill cannot be withdrawn, because a part of it is in dispute
    """
    owner = Subscription.objects.filter(pk=subscription_id).values_list("customer_id", flat=True).get()
    lock_customer(owner)
    subscription = Subscription.objects.select_for_update().get(pk=subscription_id)
    bill = Invoice.objects.filter(lines__charge__source=source_of(subscription_id)).order_by("pk").first()
    if subscription.state != Subscription.State.STARTING or bill is None:
        return False
    if bill.state == Invoice.State.PAID:
        begin_subscription(subscription_id, by=ENDER, at=at)
        return False
    if _has_time(bill, at) or _is_under_way(bill):
        return False
    _withdraw(bill, source_of(subscription_id), at=at)
    expire_subscription(subscription_id, bill=bill, by=ENDER, at=at)
    return True


def _has_time(bill: Invoice, at: datetime) -> bool:
    """Whether the bill came so late that its time to be paid is not over."""
    issued = Event.objects.filter(kind=kinds.INVOICE_ISSUED, subject=f"invoice:{bill.pk}").order_by("pk").first()
    return issued is not None and at < issued.occurred_at + PAY_WITHIN


def _is_under_way(bill: Invoice) -> bool:
    tried = Attempt.objects.filter(invoice=bill).filter(Q(state__in=UNDER_WAY))
    return tried.exists() or Collection.objects.filter(invoice=bill, closed_at=None).exists()


def _withdraw(bill: Invoice, source: str, *, at: datetime) -> None:
    if bill.state == Invoice.State.VOID:
        return
    if not (bill.paid_minor or bill.credited_minor):
        void_invoice(bill.pk, reason=WHY, by=ENDER, at=at)
        return
    lines = InvoiceLine.objects.filter(invoice=bill).order_by("pk")
    rests = {line.pk: Money(line.total.minor - line.credited_minor, bill.currency) for line in lines}
    left = [Correction(line_id, rest) for line_id, rest in rests.items() if rest.minor > 0]
    if left:
        credit_lines(left, reason=WHY, source=f"{source}:never-started", by=ENDER, at=at)
