"""start_hardship, review_hardship, end_hardship: somebody says that they cannot pay, and what we do about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.hardship.models import HardshipCase
from ledger.hardship.queries import free_advice
from ledger.holds.models import Hold
from ledger.holds.operations import lift_holds, place_hold
from ledger.money import Money

Stop = Hold.Stop
Cause = HardshipCase.Cause
#: What a hold stops by its cause. Whoever is insolvent is not charged at all: others have a say over that money.
STOPS: dict[str, tuple[str, ...]] = {
    Cause.CANNOT_PAY: (Stop.REMINDERS.value, Stop.FEES.value, Stop.RESTRICTION.value),
    Cause.INSOLVENCY: (Stop.COLLECTION.value, Stop.REMINDERS.value, Stop.FEES.value, Stop.RESTRICTION.value),
}
HOLD_KIND = {Cause.CANNOT_PAY: Hold.Kind.HARDSHIP, Cause.INSOLVENCY: Hold.Kind.INSOLVENCY}
#: Days after which somebody looks at it again: time to speak with an adviser.
REVIEW_DAYS = 30
MOST_REVIEW_DAYS = 180


class NoSuchHardshipCase(NotFound):
    """There is no such hardship case."""


class HardshipNotInState(DomainError):
    """The hardship case is not in a state in which this can be done."""


@transaction.atomic
def start_hardship(
    customer_id: int,
    *,
    words: str,
    can_pay_monthly: Money | None = None,
    is_insolvent: bool = False,
    said_by: str = "",
    conversation: str = "",
    by: Actor,
    at: datetime,
) -> HardshipCase:
    """This will note that a customer cannot pay, and stop fees, reminders and restriction; in insolvency all of it.

    What was said is recorded as information, and nobody is advised. While a case is live it is returned, made stricter
    when insolvency is said for the first time.

    :raises InvalidInput: if nothing was said, or the amount is in another currency
    """
    refuse_own_account(by, customer_id)
    customer = _customer(customer_id)
    _check(customer, words, can_pay_monthly)
    live = HardshipCase.objects.filter(customer=customer).exclude(state=HardshipCase.State.ENDED).first()
    if live is not None:
        return _stricter(live, words, is_insolvent=is_insolvent, said_by=said_by, by=by, at=at)
    case = HardshipCase.objects.create(
        customer=customer,
        cause=Cause.INSOLVENCY if is_insolvent else Cause.CANNOT_PAY,
        words=words.strip()[:500],
        said_by=said_by.strip()[:200],
        currency=customer.currency,
        can_pay_monthly_minor=can_pay_monthly.minor if can_pay_monthly is not None else None,
        conversation=conversation,
        review_on=customer.local_day(at) + timedelta(days=REVIEW_DAYS),
        opened_by=str(by),
        opened_at=at,
    )
    _hold(case, by=by, at=at)
    _record(kinds.HARDSHIP_STARTED, case, by=by, at=at, advisers=_advisers(customer, at=at))
    return case


def _customer(customer_id: int) -> Customer:
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    return customer


def _check(customer: Customer, words: str, can_pay_monthly: Money | None) -> None:
    if not words.strip():
        raise InvalidInput("Write down what the customer said.")
    if can_pay_monthly is None:
        return
    if can_pay_monthly.currency != customer.currency or can_pay_monthly.minor < 0:
        raise InvalidInput(f"What can be paid a month is in {customer.currency}, and not below zero.")


def _stricter(
    case: HardshipCase, words: str, *, is_insolvent: bool, said_by: str, by: Actor, at: datetime
) -> HardshipCase:
    """Return the live case; where insolvency is new, everything stops, and what was said before stays in the trail."""
    if not is_insolvent or case.cause == Cause.INSOLVENCY:
        return case
    case.cause = Cause.INSOLVENCY
    case.save(update_fields=["cause"])
    lift_holds(case.source, by=by, at=at)
    _hold(case, by=by, at=at)
    _record(
        kinds.HARDSHIP_STARTED, case, by=by, at=at, advisers=_advisers(case.customer, at=at),
        said=words.strip()[:500], adviser=said_by.strip()[:200],
    )  # fmt: skip
    return case


def _hold(case: HardshipCase, *, by: Actor, at: datetime) -> None:
    cause = Cause(case.cause)
    place_hold(
        case.customer_id,
        kind=HOLD_KIND[cause],
        stops=STOPS[cause],
        source=case.source,
        why=f"The customer {cause.label}.",
        by=by,
        at=at,
    )


def _advisers(customer: Customer, *, at: datetime) -> list[dict[str, str]]:
    """Return whom the customer is told of, as the event keeps it."""
    found = free_advice(customer, on=customer.local_day(at))
    return [{"name": each.name, "url": each.url, "phone": each.phone} for each in found]


def _lock(case_id: int) -> HardshipCase:
    case = HardshipCase.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=case_id).first()
    if case is None:
        raise NoSuchHardshipCase("There is no such hardship case.")
    return case


def _check_move(case: HardshipCase, move: object, words: str) -> None:
    if not can_proceed(move):
        raise HardshipNotInState(f"This hardship case is {case.get_state_display().lower()}; it cannot be {words}.")


@transaction.atomic
def review_hardship(
    case_id: int, *, outcome: str, note: str = "", review_on: date | None = None, by: Actor, at: datetime
) -> HardshipCase:
    """This will keep what was decided, and when somebody looks again; what is stopped stays so until it is ended.

    :raises InvalidInput: if the outcome is unknown, or the next look is not within half a year
    :raises HardshipNotInState: if it was reviewed or ended before
    """
    case = _lock(case_id)
    refuse_own_account(by, case.customer_id)
    _check_move(case, case.review, "reviewed")
    today = case.customer.local_day(at)
    again = review_on or today + timedelta(days=REVIEW_DAYS)
    if outcome not in HardshipCase.Outcome.values:
        raise InvalidInput(f"The outcome is one of: {', '.join(HardshipCase.Outcome.values)}.")
    if not today <= again <= today + timedelta(days=MOST_REVIEW_DAYS):
        raise InvalidInput(f"The next look is within {MOST_REVIEW_DAYS} days.")
    case.review(outcome=outcome, note=note.strip()[:500], review_on=again, by=str(by), at=at)
    case.save()
    _record(kinds.HARDSHIP_REVIEWED, case, by=by, at=at, outcome=outcome, review_on=again.isoformat())
    return case


@transaction.atomic
def end_hardship(case_id: int, *, reason: str, by: Actor, at: datetime) -> HardshipCase:
    """This will lift what the case stopped; from here on fees and reminders may come again, none for the days between.

    :raises InvalidInput: if no reason is given
    :raises HardshipNotInState: if it is over
    """
    case = _lock(case_id)
    refuse_own_account(by, case.customer_id)
    _check_move(case, case.end, "ended")
    if not 1 <= len(reason.strip()) <= 300:
        raise InvalidInput("Say why it ends, in at most 300 characters.")
    case.end(reason=reason.strip(), by=str(by), at=at)
    case.save()
    lift_holds(case.source, by=by, at=at)
    _record(kinds.HARDSHIP_ENDED, case, by=by, at=at, reason=case.end_reason)
    return case


def _record(kind: str, case: HardshipCase, *, by: Actor, at: datetime, **more: Any) -> None:
    record_event(
        kind,
        subject=case,
        customer_id=case.customer_id,
        by=by,
        at=at,
        case_cause=case.cause,
        conversation=case.conversation,
        **more,
    )
