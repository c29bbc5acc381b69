"""A customer's word to pay: taken, kept, broken. While it is open, its bills are neither collected nor reminded of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from ledger.collections.models import PaymentPromise, PromisedInvoice
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event, subject_of
from ledger.holds.models import Hold
from ledger.holds.operations import lift_holds, place_hold
from ledger.invoices.building import lock_customer
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.workdays import next_workday

RUNNER = Actor.system("promises")
STOPS = (Hold.Stop.COLLECTION, Hold.Stop.REMINDERS, Hold.Stop.RESTRICTION)
#: A promise for a later day is a payment plan.
LONGEST_DAYS = 30
#: Who broke this many within half a year is not believed again without a payment plan.
MOST_BROKEN = 3
BROKEN_COUNT_FOR = timedelta(days=183)
State = PaymentPromise.State


class NoSuchPaymentPromise(NotFound):
    """There is no such promise."""


class PromiseAlreadyOpen(DomainError):
    """The customer has given their word already, and the day has not come."""


class PromiseTooLarge(DomainError):
    """More was promised than is asked for."""


class TooManyBrokenPromises(DomainError):
    """The customer has not kept their word too often."""


class PromiseNotOpen(DomainError):
    """The promise is closed."""


@transaction.atomic
def make_payment_promise(
    customer_id: int,
    *,
    amount: Money,
    pay_by: date,
    invoice_ids: Sequence[int],
    conversation: str = "",
    by: Actor,
    at: datetime,
) -> PaymentPromise:
    """This will take a customer's word to pay an amount of some bills by a day, and hold those bills until then.

    A day on which banks do not work counts as the next one on which they do.

    :raises InvalidInput: if the day is past or too far, or a bill is not asked for
    :raises PromiseTooLarge: if it is more than is due on the bills, disputed parts left out
    :raises PromiseAlreadyOpen, TooManyBrokenPromises: if their word is out, or was broken too often
    """
    customer = lock_customer(customer_id)
    refuse_own_account(by, customer_id)
    bills = _bills(customer, invoice_ids)
    _check(customer, amount, pay_by, bills, at=at)
    promise = PaymentPromise.objects.create(
        customer=customer,
        amount_minor=amount.minor,
        currency=amount.currency,
        pay_by=pay_by,
        counted_until=next_workday(pay_by, customer.country, customer.region),
        made_by=str(by),
        made_at=at,
        conversation=conversation,
    )
    PromisedInvoice.objects.bulk_create(
        PromisedInvoice(promise=promise, invoice=bill, paid_before_minor=bill.paid_minor) for bill in bills
    )
    _record(kinds.PAYMENT_PROMISE_MADE, promise, by=by, at=at, bills=[bill.number for bill in bills])
    for bill in bills:
        _hold(promise, bill, customer, by=by, at=at)
    return promise


def _hold(promise: PaymentPromise, bill: Invoice, customer: Customer, *, by: Actor, at: datetime) -> None:
    ends = promise.counted_until + timedelta(days=1)
    place_hold(
        customer.pk,
        kind=Hold.Kind.PROMISE,
        stops=STOPS,
        source=subject_of(promise),
        why=f"Promised to pay {promise.amount} by {promise.pay_by.isoformat()}",
        invoice_id=bill.pk,
        until=datetime.combine(ends, time(0), ZoneInfo(customer.time_zone)),
        by=by,
        at=at,
    )


def _bills(customer: Customer, invoice_ids: Sequence[int]) -> list[Invoice]:
    wanted = set(invoice_ids)
    bills = list(Invoice.objects.filter(pk__in=wanted, customer=customer, state=Invoice.State.OPEN).order_by("pk"))
    if not wanted or len(bills) < len(wanted) or any(bill.due_amount.minor <= 0 for bill in bills):
        raise InvalidInput("A promise names open bills of the customer on which something is asked for.")
    return bills


def _check(customer: Customer, amount: Money, pay_by: date, bills: Sequence[Invoice], *, at: datetime) -> None:
    today = customer.local_day(at)
    if not today <= pay_by <= today + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(
            f"The day is today or one of the next {LONGEST_DAYS} days; for longer, agree a payment plan."
        )
    due = sum((bill.due_amount for bill in bills), Money(0, bills[0].currency))
    if amount.minor <= 0 or amount.currency != due.currency:
        raise InvalidInput(f"The amount is above zero and in {due.currency}.")
    if amount > due:
        raise PromiseTooLarge(f"Only {due} is asked for on these bills.")
    if PaymentPromise.objects.filter(customer=customer, state=State.OPEN).exists():
        raise PromiseAlreadyOpen("The customer has promised to pay already; withdraw that promise first.")
    lately = PaymentPromise.objects.filter(customer=customer, state=State.BROKEN, closed_at__gt=at - BROKEN_COUNT_FOR)
    if lately.count() >= MOST_BROKEN:
        raise TooManyBrokenPromises(
            f"{MOST_BROKEN} promises were broken within half a year: agree a payment plan instead."
        )


@transaction.atomic
def withdraw_payment_promise(promise_id: int, *, by: Actor, at: datetime) -> PaymentPromise:
    """This will take a promise back; what it held goes on.

    :raises PromiseNotOpen: if it is closed
    """
    promise = _lock(promise_id)
    refuse_own_account(by, promise.customer_id)
    promise.withdraw(by=str(by), at=at)
    promise.save()
    _record(kinds.PAYMENT_PROMISE_WITHDRAWN, promise, by=by, at=at)
    lift_holds(subject_of(promise), by=by, at=at)
    return promise


@transaction.atomic
def settle_payment_promise(promise_id: int, *, by: Actor = RUNNER, at: datetime) -> PaymentPromise:
    """This will close a promise that is kept, or whose day is over; one that still has time stays open.

    Broken or kept in part, the ladder goes on with its next step, not with its first.

    :raises PromiseNotOpen: if it is closed
    """
    promise = _lock(promise_id)
    came_in = _came_in(promise)
    if came_in < promise.amount and promise.customer.local_day(at) <= promise.counted_until:
        return promise
    if came_in >= promise.amount:
        kind = kinds.PAYMENT_PROMISE_KEPT
        promise.keep(came_in=came_in, by=str(by), at=at)
    elif came_in.minor > 0:
        kind = kinds.PAYMENT_PROMISE_PARTLY_KEPT
        promise.keep_partly(came_in=came_in, by=str(by), at=at)
    else:
        kind = kinds.PAYMENT_PROMISE_BROKEN
        promise.break_it(by=str(by), at=at)
    promise.save()
    _record(kind, promise, by=by, at=at, came_in_minor=came_in.minor)
    lift_holds(subject_of(promise), by=by, at=at)
    return promise


def settle_due_promises(*, at: datetime) -> int:
    """Close every promise that is kept or whose day is over; return how many. A nightly job, before the ladder's."""
    closed = 0
    today = at.date() + timedelta(days=1)
    due = PaymentPromise.objects.filter(state=State.OPEN, counted_until__lte=today).order_by("pk")
    for promise_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            held = PaymentPromise.objects.select_for_update(skip_locked=True, of=("self",))
            if held.filter(pk=promise_id, state=State.OPEN).exists():
                closed += settle_payment_promise(promise_id, at=at).state != State.OPEN
    return closed


def settle_promise_of(customer_id: int, *, at: datetime) -> None:
    """Close a customer's open promise if what came in keeps it; nothing where there is none."""
    open_one = PaymentPromise.objects.filter(customer_id=customer_id, state=State.OPEN).first()
    if open_one and _came_in(open_one) >= open_one.amount:
        settle_payment_promise(open_one.pk, at=at)


def _lock(promise_id: int) -> PaymentPromise:
    found = PaymentPromise.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=promise_id)
    promise = found.first()
    if promise is None:
        raise NoSuchPaymentPromise("There is no such promise.")
    if promise.state != State.OPEN:
        raise PromiseNotOpen(f"This promise is {promise.get_state_display()}.")
    return promise


def _came_in(promise: PaymentPromise) -> Money:
    bills = PromisedInvoice.objects.filter(promise=promise).select_related("invoice")
    return Money(sum(max(bill.invoice.paid_minor - bill.paid_before_minor, 0) for bill in bills), promise.currency)


def _record(kind: str, promise: PaymentPromise, *, by: Actor, at: datetime, **more: Any) -> None:
    record_event(
        kind, subject=promise, customer_id=promise.customer_id, by=by, at=at, amount_minor=promise.amount_minor,
        currency=promise.currency, pay_by=promise.pay_by.isoformat(), conversation=promise.conversation, **more,
    )  # fmt: skip
