"""Changes that wait for their day: made then by the billing run, or taken back before."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.subscriptions.changes import make
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.planning import SubscriptionNotInState, plan_change
from ledger.subscriptions.preview import preview_of
from ledger.subscriptions.reckoning import Case
from ledger.subscriptions.telling import lock_subscription, record_change, take_back
from ledger.subscriptions.terms import Change, What

SCHEDULED = SubscriptionChange.State.SCHEDULED


class NoSuchChange(NotFound):
    """There is no such change, or it is of somebody else's subscription."""


@transaction.atomic
def withdraw_change(change_id: int, *, by: Actor, at: datetime) -> SubscriptionChange:
    """This will take back a change that was arranged and has not been made: everything stays as it is.

    :raises SubscriptionNotInState: if it was made, refused or taken back before
    """
    row, subscription = _lock_change(change_id)
    if row.state != SCHEDULED:
        raise SubscriptionNotInState(f"This change is {row.state} already; it cannot be taken back.")
    if row.what == What.RESUME:
        raise SubscriptionNotInState("A pause ends on its day; resume before, or cancel.")
    take_back(row, subscription, by=by, at=at)
    return row


def _lock_change(change_id: int) -> tuple[SubscriptionChange, Subscription]:
    found = SubscriptionChange.objects.filter(pk=change_id).first()
    if found is None:
        raise NoSuchChange("There is no such change.")
    subscription = lock_subscription(found.subscription_id)
    return SubscriptionChange.objects.select_for_update().get(pk=change_id), subscription


@transaction.atomic
def apply_scheduled_change(change_id: int, *, by: Actor, at: datetime) -> SubscriptionChange:
    """This will make a planned change whose day has come, as of that day; one made or taken back before is left alone.

    One that cannot be made any more is refused, with the reason, and the subscription goes on as it is.
    """
    row, subscription = _lock_change(change_id)
    if row.state != SCHEDULED or row.effective_on > subscription.customer.local_day(at):
        return row
    zone = ZoneInfo(subscription.customer.time_zone)
    case = Case(subscription, at=at, received_at=datetime.combine(row.effective_on, time(), zone))
    try:
        with transaction.atomic():
            planned = plan_change(case, Change.from_json(row.wanted), on=row.effective_on)
            preview = preview_of(case, planned)
            row.apply(at=at)
            row.save()
            make(case, planned, preview, row, by=by, at=at)
    except DomainError as refusal:
        row = SubscriptionChange.objects.get(pk=change_id)
        row.refuse(why=str(refusal), at=at)
        row.save()
        record_change(kinds.SUBSCRIPTION_CHANGE_REFUSED, subscription, None, row, by=by, at=at)
    return row


def apply_due_changes(subscription_id: int, *, by: Actor, at: datetime) -> int:
    """This will make every planned change of a subscription whose day has come, in order; return how many."""
    day = lock_subscription(subscription_id).customer.local_day(at)
    due = SubscriptionChange.objects.filter(subscription_id=subscription_id, state=SCHEDULED, effective_on__lte=day)
    ids = list(due.order_by("effective_on", "pk").values_list("pk", flat=True))
    for change_id in ids:
        apply_scheduled_change(change_id, by=by, at=at)
    return len(ids)
