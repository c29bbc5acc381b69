"""start, pause, resume and cancel a subscription."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django_fsm import can_proceed

from ledger.customers.queries import get_customer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.periods import period_containing
from ledger.catalogue.models import Plan
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.queries import INTERVAL_MONTHS, price_on


class NoSuchSubscription(NotFound):
    """There is no such subscription, or it is somebody else's."""


class PlanNotOnSale(DomainError):
    """The plan does not exist or is not sold any more."""


class SubscriptionNotInState(DomainError):
    """The subscription is not in a state in which this can be done."""


class SubscriptionIdReused(InvalidInput):
    """The same external id was used before, for another subscription."""


@transaction.atomic
def start_subscription(
    customer_id: int,
    *,
    plan_code: str,
    started_on: date | None = None,
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Subscription:
    """This will start a subscription whose first period is billed by the next renewal run.

    A repeated `external_id` returns the first subscription.

    :raises PlanNotOnSale: if the plan is unknown, retired, or has no price in the customer's currency
    """
    customer = get_customer(customer_id)
    known = _known(external_id, customer_id)
    if known:
        return known
    plan = Plan.objects.filter(code=plan_code, is_on_sale=True).first()
    day = started_on or customer.local_day(at)
    if plan is None or price_on(plan, customer.currency, day) is None:
        raise PlanNotOnSale(f"The plan {plan_code!r} is not sold in {customer.currency}.")
    subscription = Subscription(
        customer=customer, plan=plan, currency=customer.currency, anchor_on=day, renews_on=day, started_at=at
    )
    subscription.external_id = external_id
    known = _insert_or_find(subscription)
    if known:
        return known
    _record(kinds.SUBSCRIPTION_STARTED, subscription, by=by, at=at)
    return subscription


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


def lock_subscription(subscription_id: int) -> Subscription:
    """Lock a subscription for this transaction.

    :raises NoSuchSubscription: if there is none
    """
    locked = Subscription.objects.select_for_update(of=("self",)).select_related("plan", "customer")
    subscription = locked.filter(pk=subscription_id).first()
    if subscription is None:
        raise NoSuchSubscription("There is no such subscription.")
    return subscription


def _record(kind: str, subscription: Subscription, *, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=subscription,
        customer_id=subscription.customer_id,
        by=by,
        at=at,
        plan=subscription.plan.name,
        renews_on=subscription.renews_on.isoformat(),
    )


def _check(move: object, subscription: Subscription, words: str) -> None:
    if not can_proceed(move):
        raise SubscriptionNotInState(f"This subscription is {subscription.state}; it cannot be {words}.")


@transaction.atomic
def pause_subscription(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will stop renewals until it is resumed; what is paid for runs on.

    :raises SubscriptionNotInState: if it is not active
    """
    subscription = lock_subscription(subscription_id)
    _check(subscription.pause, subscription, "paused")
    subscription.pause(at=at)
    subscription.save()
    _record(kinds.SUBSCRIPTION_PAUSED, subscription, by=by, at=at)
    return subscription


@transaction.atomic
def resume_subscription(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will renew again, from the anchor's next day on; the days paused are never billed.

    :raises SubscriptionNotInState: if it is not paused
    """
    subscription = lock_subscription(subscription_id)
    _check(subscription.resume, subscription, "resumed")
    today = subscription.customer.local_day(at)
    if subscription.renews_on < today:
        months = INTERVAL_MONTHS[subscription.plan.interval]
        period = period_containing(subscription.anchor_on, months, today)
        subscription.renews_on = today if period.start == today else period.end
    subscription.resume()
    subscription.save()
    _record(kinds.SUBSCRIPTION_RESUMED, subscription, by=by, at=at)
    return subscription


@transaction.atomic
def cancel_subscription(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will end it when the period that is billed ends; nothing is renewed any more.

    :raises SubscriptionNotInState: if it is cancelled already
    """
    subscription = lock_subscription(subscription_id)
    _check(subscription.cancel, subscription, "cancelled")
    subscription.cancel(at=at)
    subscription.save()
    _record(kinds.SUBSCRIPTION_CANCELLED, subscription, by=by, at=at)
    return subscription
