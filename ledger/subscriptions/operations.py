"""start, pause, resume, cancel and reinstate a subscription; its trial's end; when its bills are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from ledger.catalogue.models import Product
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.models import Subscription, SubscriptionAddOn
from ledger.subscriptions.planning import AddOnDoesNotFit, PlanNotOnSale, SubscriptionNotInState
from ledger.subscriptions.preview import next_bill
from ledger.subscriptions.queries import price_on
from ledger.subscriptions.reckoning import Case
from ledger.subscriptions.starting import PAY_WITHIN
from ledger.subscriptions.telling import NoSuchSubscription, lock_subscription, record_subscription
from ledger.subscriptions.terms import LARGEST_QUANTITY, Change, UnusedPart, What, When

__all__ = ["NoSuchSubscription", "PlanNotOnSale", "SubscriptionNotInState", "lock_subscription"]

#: The longest trial anybody gives.
LONGEST_TRIAL_DAYS = 366


class SubscriptionIdReused(InvalidInput):
    """The same external id was used before, for another subscription."""


@transaction.atomic
def start_subscription(
    customer_id: int,
    *,
    plan_code: str,
    started_on: date | None = None,
    external_id: str | None = None,
    quantity: int = 1,
    add_ons: Sequence[tuple[str, int]] = (),
    trial_days: int | None = None,
    pays_first: bool = False,
    by: Actor,
    at: datetime,
) -> Subscription:
    """This will start a subscription whose first period is billed by the next billing run, after its trial.

    `trial_days` empty means what the plan gives. With `pays_first` it begins once its first bill is paid, and never
    started when that takes longer than `PAY_WITHIN`; a trial asks for nothing first. A repeated `external_id` returns
    the first subscription.

    :raises PlanNotOnSale: if the plan or an add-on is unknown, retired, or has no price in the customer's currency
    :raises AddOnDoesNotFit: if an add-on is billed in another interval than the plan
    """
    customer = get_customer(customer_id)
    known = _known(external_id, customer_id)
    if known:
        return known
    day = started_on or customer.local_day(at)
    plan = _on_sale(plan_code, Product.Kind.PLAN, customer, day)
    begins_on = day + timedelta(days=_trial_days(plan, trial_days))
    subscription = _new(customer, plan, _quantity(quantity), (day, begins_on), pays_first=pays_first, at=at)
    subscription.external_id = external_id
    known = _insert_or_find(subscription)
    if known:
        return known
    _take(subscription, plan, add_ons, day)
    waits = subscription.state == Subscription.State.STARTING
    _record(kinds.SUBSCRIPTION_ORDERED if waits else kinds.SUBSCRIPTION_STARTED, subscription, by=by, at=at)
    return subscription


def _new(
    customer: Customer, plan: Product, quantity: int, days: tuple[date, date], *, pays_first: bool, at: datetime
) -> Subscription:
    """Return a subscription that is billed from the second of two days on; what lies before it is its trial."""
    day, begins_on = days
    in_trial = begins_on > day
    waits = pays_first and not in_trial
    state = Subscription.State.STARTING if waits else Subscription.State.ACTIVE
    return Subscription(
        customer=customer,
        plan_id=plan.pk,
        currency=customer.currency,
        state=Subscription.State.TRIAL if in_trial else state,
        quantity=quantity,
        anchor_on=begins_on,
        renews_on=begins_on,
        metered_on=begins_on,
        priced_on=day,
        trial_ends_on=begins_on if in_trial else None,
        started_at=at,
        pay_by=at + PAY_WITHIN if waits else None,
    )


def _on_sale(code: str, kind: str, customer: Customer, day: date) -> Product:
    """Return what can be bought on a day.

    :raises PlanNotOnSale: with the reason it was retired for, if one is given
    """
    product = Product.objects.filter(code=code, kind=kind).first()
    why = product.retired_reason if product and not product.is_on_sale else ""
    if product is None or not product.is_on_sale or price_on(product, customer.currency, day) is None:
        words = f"The {Product.Kind(kind).label.lower()} {code!r} is not sold in {customer.currency}."
        raise PlanNotOnSale(f"{words} {why}".strip())
    return product


def _trial_days(plan: Product, wanted: int | None) -> int:
    days = plan.trial_days if wanted is None else wanted
    if not 0 <= days <= LONGEST_TRIAL_DAYS:
        raise InvalidInput(f"A trial lasts at most {LONGEST_TRIAL_DAYS} days.")
    return days


def _quantity(wanted: int) -> int:
    if not 1 <= wanted <= LARGEST_QUANTITY:
        raise InvalidInput(f"A quantity is from 1 to {LARGEST_QUANTITY:,}.")
    return wanted


def _take(subscription: Subscription, plan: Product, add_ons: Sequence[tuple[str, int]], day: date) -> None:
    for code, quantity in add_ons:
        add_on = _on_sale(code, Product.Kind.ADD_ON, subscription.customer, day)
        if add_on.interval != plan.interval:
            raise AddOnDoesNotFit(f"{add_on.name} is not billed in the interval of {plan.name}.")
        SubscriptionAddOn.objects.create(
            subscription=subscription, product_id=add_on.pk, quantity=_quantity(quantity), since=day, priced_on=day
        )


def _known(external_id: str | None, customer_id: int) -> Subscription | None:
    known = Subscription.objects.filter(external_id=external_id).first() if external_id else None
    if known and known.customer_id != customer_id:
        raise SubscriptionIdReused(f"{external_id!r} was used before for another subscription.")
    return known


def _insert_or_find(subscription: Subscription) -> Subscription | None:
    """Insert the subscription, or return the one that was started under its external id at the same moment."""
    try:
        with transaction.atomic():
            subscription.save(force_insert=True)
            return None
    except IntegrityError:
        known = _known(subscription.external_id, subscription.customer_id)
        if known is None:
            raise
        return known


def _record(kind: str, subscription: Subscription, *, by: Actor, at: datetime) -> None:
    """Write an event with what the customer is told: the plan, when it renews, the next bill."""
    case = Case(subscription, at=at)
    bill = next_bill(case, case.facts)
    record_subscription(
        kind,
        subscription,
        by=by,
        at=at,
        trial_ends_on=subscription.trial_ends_on.isoformat() if subscription.trial_ends_on else None,
        next_bill_on=bill.on.isoformat() if bill else None,
        next_bill_minor=bill.total.minor if bill else None,
    )


def pause_subscription(
    subscription_id: int,
    *,
    until: date | None = None,
    when: When | None = None,
    received_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Subscription:
    """This will stop service and renewals; the days that are paid for and not used are credited.

    It goes on by itself on `until`, or after the longest pause the plan allows.

    :raises SubscriptionNotInState: if it is not active
    :raises PauseTooLong: if the plan allows no pause of that length
    """
    wanted = Change(What.PAUSE, pause_until=until, when=when)
    return _changed(subscription_id, wanted, by=by, at=at, received_at=received_at)


def resume_subscription(
    subscription_id: int, *, received_at: datetime | None = None, by: Actor, at: datetime
) -> Subscription:
    """This will serve it again from today; the days up to the next billing day are billed by the next run.

    :raises SubscriptionNotInState: if it is not paused
    """
    return _changed(subscription_id, Change(What.RESUME), by=by, at=at, received_at=received_at)


def cancel_subscription(
    subscription_id: int,
    *,
    when: When | None = None,
    unused: UnusedPart = UnusedPart.KEPT,
    reasons: Sequence[str] = (),
    words: str = "",
    received_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Subscription:
    """This will end it when the period ends in which the request was received, or at once (`When.NOW`).

    A period that was billed since the request came is credited in full. What is paid and not used by an end at once
    is kept, or credited (`UnusedPart.CREDITED`). Nobody has to say why.

    :raises SubscriptionNotInState: if it is cancelled already
    """
    wanted = Change(What.CANCEL, when=when, unused=unused, reasons=tuple(reasons), words=words)
    return _changed(subscription_id, wanted, by=by, at=at, received_at=received_at)


def reinstate_subscription(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will undo a cancellation before service has ended: it renews as if nothing had been said.

    :raises SubscriptionNotInState: if it is not cancelled
    :raises ServiceHasEnded: if its last day is over
    """
    return _changed(subscription_id, Change(What.REINSTATE), by=by, at=at)


def _changed(
    subscription_id: int, change: Change, *, by: Actor, at: datetime, received_at: datetime | None = None
) -> Subscription:
    apply_change(subscription_id, change, by=by, at=at, received_at=received_at)
    return Subscription.objects.select_related("plan", "customer").get(pk=subscription_id)


@transaction.atomic
def end_trial(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will make a trial a subscription that is billed, on the day its trial ends or later; repeating is harmless.

    :raises SubscriptionNotInState: if the trial has days left
    """
    subscription = lock_subscription(subscription_id)
    if subscription.state != Subscription.State.TRIAL:
        return subscription
    ends_on = subscription.trial_ends_on
    if ends_on is None or subscription.customer.local_day(at) < ends_on:
        raise SubscriptionNotInState(f"The trial lasts until {ends_on}.")
    subscription.end_trial()
    subscription.save()
    _record(kinds.SUBSCRIPTION_TRIAL_ENDED, subscription, by=by, at=at)
    return subscription


@transaction.atomic
def mark_past_due(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will say that a bill of it is overdue; only what is active falls behind, anything else is left as it is."""
    subscription = lock_subscription(subscription_id)
    if subscription.state == Subscription.State.ACTIVE:
        subscription.fall_behind()
        subscription.save()
        _record(kinds.SUBSCRIPTION_PAST_DUE, subscription, by=by, at=at)
    return subscription


@transaction.atomic
def clear_past_due(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will say that nothing of it is overdue any more; repeating is harmless."""
    subscription = lock_subscription(subscription_id)
    if subscription.state == Subscription.State.PAST_DUE:
        subscription.catch_up()
        subscription.save()
        _record(kinds.SUBSCRIPTION_CAUGHT_UP, subscription, by=by, at=at)
    return subscription
