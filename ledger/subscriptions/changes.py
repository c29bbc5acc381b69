"""Changes of a running subscription in two steps: preview_change shows the figures, apply_change makes exactly them.

What is wanted for later waits as a SubscriptionChange until its day has come, or until it is withdrawn.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.planning import NothingToChange, Planned, plan_change
from ledger.subscriptions.preview import Preview, preview_of
from ledger.subscriptions.reckoning import Case
from ledger.subscriptions.settling import settle, write_terms
from ledger.subscriptions.telling import NoSuchSubscription, lock_subscription, record_change, take_back
from ledger.subscriptions.terms import Change, What

SCHEDULED = SubscriptionChange.State.SCHEDULED
#: Which event says that a change was made.
MADE = {
    What.PLAN: kinds.SUBSCRIPTION_PLAN_CHANGED,
    What.QUANTITY: kinds.SUBSCRIPTION_QUANTITY_CHANGED,
    What.TAKE_ADD_ON: kinds.SUBSCRIPTION_ADD_ON_ADDED,
    What.DROP_ADD_ON: kinds.SUBSCRIPTION_ADD_ON_REMOVED,
    What.BILLING_DAY: kinds.SUBSCRIPTION_BILLING_DAY_MOVED,
    What.PAUSE: kinds.SUBSCRIPTION_PAUSED,
    What.RESUME: kinds.SUBSCRIPTION_RESUMED,
    What.CANCEL: kinds.SUBSCRIPTION_CANCELLED,
    What.REINSTATE: kinds.SUBSCRIPTION_REINSTATED,
}
#: What else a change takes the place of, besides the same one arranged before.
REPLACES = {
    What.PLAN: {What.PLAN, What.QUANTITY},
    What.TAKE_ADD_ON: {What.TAKE_ADD_ON, What.DROP_ADD_ON},
    What.DROP_ADD_ON: {What.TAKE_ADD_ON, What.DROP_ADD_ON},
    What.PAUSE: {What.PAUSE, What.RESUME},
    What.RESUME: {What.PAUSE, What.RESUME},
}


class ReceivedInTheFuture(DomainError):
    """A request is worked on after it was received, never before."""


class PreviewOutdated(DomainError):
    """The figures moved since they were shown: `preview` has the new ones, which have to be confirmed first."""

    def __init__(self, preview: Preview) -> None:
        super().__init__(
            f"The figures have changed since they were shown: it comes to {preview.total} now. Please confirm again."
        )
        self.preview = preview


def preview_change(
    subscription_id: int, change: Change, *, at: datetime, received_at: datetime | None = None
) -> Preview:
    """Return what a change would come to if it was confirmed now; nothing is written.

    :raises DomainError: if it could not be made; the message says why
    """
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription("There is no such subscription.")
    case = _case(found, at=at, received_at=received_at)
    planned = plan_change(case, change)
    _refuse_arranged(found, planned)
    return preview_of(case, planned)


def _case(subscription: Subscription, *, at: datetime, received_at: datetime | None) -> Case:
    if received_at is not None and received_at > at:
        raise ReceivedInTheFuture("A request cannot have been received after now.")
    return Case(subscription, at=at, received_at=received_at)


@transaction.atomic
def apply_change(
    subscription_id: int,
    change: Change,
    *,
    by: Actor,
    at: datetime,
    expected_total: Money | None = None,
    received_at: datetime | None = None,
    on: date | None = None,
) -> SubscriptionChange:
    """This will make a change, or arrange it for its day; it counts from when the request was received.

    `on` is the first day of it where that was agreed with the customer.
    With `expected_total`, the total that was shown and confirmed, nothing is done unless it still comes to that.

    :raises PreviewOutdated: if the figures moved since they were shown; it carries the new ones
    :raises NothingToChange: if it is as wanted already, so a second click changes nothing
    :raises DomainError: if it cannot be made; the message says why
    """
    subscription = lock_subscription(subscription_id)
    case = _case(subscription, at=at, received_at=received_at)
    planned = plan_change(case, change, on=on)
    _refuse_arranged(subscription, planned)
    preview = preview_of(case, planned)
    if expected_total is not None and expected_total != preview.total:
        raise PreviewOutdated(preview)
    _withdraw_replaced(subscription, planned, by=by, at=at)
    row = _new_row(case, planned, preview, by=by)
    if planned.is_now:
        make(case, planned, preview, row, by=by, at=at)
    else:
        record_change(kinds.SUBSCRIPTION_CHANGE_SCHEDULED, subscription, preview, row, by=by, at=at)
    return row


def _refuse_arranged(subscription: Subscription, planned: Planned) -> None:
    arranged = subscription.changes.filter(state=SCHEDULED, what=planned.change.what, target=planned.change.add_on)
    row = arranged.first()
    if row and not planned.is_now and (row.wanted, row.effective_on) == (planned.change.to_json(), planned.on):
        raise NothingToChange(f"This is arranged for {row.effective_on} already.")


def _new_row(case: Case, planned: Planned, preview: Preview, *, by: Actor) -> SubscriptionChange:
    state = SubscriptionChange.State.APPLIED if planned.is_now else SCHEDULED
    return SubscriptionChange.objects.create(
        subscription=case.subscription,
        what=planned.change.what.value,
        target=planned.change.add_on,
        wanted=planned.change.to_json(),
        state=state,
        effective_on=planned.on,
        figures=preview.figures(),
        requested_by=str(by),
        received_at=case.received_at,
        recorded_at=case.at,
        decided_at=case.at if planned.is_now else None,
    )


def make(case: Case, planned: Planned, preview: Preview, row: SubscriptionChange, *, by: Actor, at: datetime) -> None:
    """Issue what is to be issued, write the new terms, move the state, say so."""
    subscription, after = case.subscription, planned.reckoning.after
    settled = settle(subscription, planned.reckoning, today=case.today, ref=f"change-{row.pk}", by=by, at=at)
    write_terms(subscription, after)
    _move(case, planned)
    subscription.save()
    if planned.change.what == What.PAUSE and planned.change.pause_until is not None:
        _arrange_resuming(case, planned, by=by)
    record_change(MADE[planned.change.what], subscription, preview, row, settled=settled, by=by, at=at)


def _move(case: Case, planned: Planned) -> None:
    subscription, after = case.subscription, planned.reckoning.after
    what = planned.change.what
    if what == What.PAUSE:
        subscription.pause(at=case.received_at)
    elif what == What.RESUME:
        subscription.resume()
    elif what == What.CANCEL and after.ends_on is not None:
        subscription.cancel(ends_on=after.ends_on, at=case.received_at)
    elif what == What.REINSTATE:
        in_trial = after.trial_ends_on is not None and case.today < after.trial_ends_on
        (subscription.reinstate_trial if in_trial else subscription.reinstate)()


def _arrange_resuming(case: Case, planned: Planned, *, by: Actor) -> None:
    """A pause ends by itself on its last day, so nobody is forgotten in it."""
    if planned.change.pause_until is None:
        return
    SubscriptionChange.objects.create(
        subscription=case.subscription,
        what=What.RESUME.value,
        wanted=Change(What.RESUME).to_json(),
        effective_on=planned.change.pause_until,
        requested_by=str(by),
        received_at=case.received_at,
        recorded_at=case.at,
    )


def _withdraw_replaced(subscription: Subscription, planned: Planned, *, by: Actor, at: datetime) -> None:
    """Take back what was arranged and a new change takes the place of; a cancellation, all that would come after it."""
    change = planned.change
    if change.what == What.CANCEL:
        replaced = Q(effective_on__gte=planned.on)
    else:
        replaced = Q(what__in=[what.value for what in REPLACES.get(change.what, {change.what})], target=change.add_on)
    for row in subscription.changes.select_for_update().filter(replaced, state=SCHEDULED).order_by("pk"):
        take_back(row, subscription, by=by, at=at)
