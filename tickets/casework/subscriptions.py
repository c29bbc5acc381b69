"""Changes of a subscription from a case: on the customer's proof in this very conversation, with a line in it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format

from ledger.events.actor import Actor
from ledger.money import Money
from ledger.subscriptions.arranged import NoSuchChange, withdraw_change
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.telling import NoSuchSubscription
from ledger.subscriptions.terms import Change, What
from tickets.casework.operations import CustomerNotKnown
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_event_line, lock_ticket
from verification.queries import require_proof

#: What the customer proves who they are for, where it is not just another plan.
PURPOSES = {What.CANCEL: "cancel", What.PAUSE: "pause"}
USUAL = "change_plan"


@transaction.atomic
def change_subscription_for_ticket(
    ticket_id: int,
    subscription_id: int,
    change: Change,
    *,
    expected_total: Money,
    received_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> SubscriptionChange:
    """This will make or arrange a change the customer asked for in this case, at the total that was shown.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    :raises NoSuchSubscription: if it is not this customer's
    :raises PreviewOutdated: if the figures moved since they were shown; it carries the new ones
    :raises CustomerNotKnown: if the ticket has no customer
    """
    ticket = lock_ticket(ticket_id, by=by)
    _check(ticket, subscription_id, PURPOSES.get(change.what, USUAL), at=at)
    made = apply_change(subscription_id, change, expected_total=expected_total, received_at=received_at, by=by, at=at)
    _note(ticket, made, _words(made), by=by, at=at)
    return made


@transaction.atomic
def withdraw_change_for_ticket(ticket_id: int, change_id: int, *, by: Actor, at: datetime) -> SubscriptionChange:
    """This will take back what was arranged for the customer of this case.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    :raises NoSuchChange: if it is of somebody else's subscription
    """
    ticket = lock_ticket(ticket_id, by=by)
    row = SubscriptionChange.objects.filter(pk=change_id).first()
    if row is None:
        raise NoSuchChange("There is no such change.")
    _check(ticket, row.subscription_id, USUAL, at=at)
    made = withdraw_change(change_id, by=by, at=at)
    _note(ticket, made, f"{_subject(made)} taken back", by=by, at=at)
    return made


def _check(ticket: Ticket, subscription_id: int, purpose: str, *, at: datetime) -> None:
    if ticket.customer_id is None:
        raise CustomerNotKnown("Please say first whose case this is.")
    if not Subscription.objects.filter(pk=subscription_id, customer_id=ticket.customer_id).exists():
        raise NoSuchSubscription("There is no such subscription in this case.")
    require_proof(ticket.customer_id, f"ticket:{ticket.pk}", action=purpose, at=at)


def _note(ticket: Ticket, made: SubscriptionChange, text: str, *, by: Actor, at: datetime) -> None:
    """Put one line into the case: what was done, by whom."""
    key, about = f"change:{made.pk}:{made.state}", f"subscription:{made.subscription_id}"
    who = f" by {by.name}" if by.name else ""
    add_event_line(ticket.pk, key=key, text=f"{text}{who}.", about=about, at=at)


def _words(made: SubscriptionChange) -> str:
    day = date_format(made.effective_on, "j F Y")
    if made.state == SubscriptionChange.State.SCHEDULED:
        return f"{_subject(made)} arranged for {day}"
    return f"{_subject(made)} made, from {day}"


def _subject(made: SubscriptionChange) -> str:
    """Return "Plan: Plus instead of Basic" from the figures kept with a change."""
    old, new, what = made.figures.get("old", ""), made.figures.get("new", ""), What(made.what)
    if what in (What.CANCEL, What.PAUSE, What.RESUME, What.REINSTATE):
        return {What.CANCEL: "Cancellation", What.PAUSE: "Pause", What.RESUME: "Resumption"}.get(what, "Reinstatement")
    named = what.value.replace("_", " ").capitalize()
    return f"{named}, {new or 'none'} instead of {old or 'none'}:" if old != new else named
