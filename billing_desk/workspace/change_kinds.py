"""Which changes of a subscription the desk makes: how each is called, and the proof the customer needs for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest

from billing_desk.plan_changes import ChangeKind, why_impossible
from billing_desk.workspace import access
from billing_desk.workspace.change_forms import (
    AddOnForm,
    BillingDayForm,
    CancelForm,
    KeepForm,
    PauseForm,
    PlanForm,
    QuantityForm,
    ResumeForm,
)
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.terms import What
from tickets.conversations.models import Ticket
from verification.policy import level_for
from verification.queries import current_proof

PERMISSION = "subscription.change"


@dataclass(frozen=True)
class Kind(ChangeKind):
    """One change: what the button says, before and after the preview."""

    label: str
    button: str


KINDS = {
    "plan": Kind("Change plan", "Change the plan", form=PlanForm),
    "quantity": Kind("Quantity", "Change the quantity", form=QuantityForm),
    "add-ons": Kind("Add-ons", "Change the add-on", form=AddOnForm),
    "billing-day": Kind("Billing day", "Move the billing day", form=BillingDayForm),
    "pause": Kind("Pause", "Pause", form=PauseForm, purpose="pause"),
    "resume": Kind("Resume", "Resume", form=ResumeForm, asks_first=False),
    "keep": Kind("Keep it after all", "Take the cancellation back", form=KeepForm, asks_first=False),
    "cancel": Kind("Cancel", "Cancel the subscription", form=CancelForm, purpose="cancel"),
}


def why_not_now(request: HttpRequest, kind: Kind, ticket: Ticket | None, *, proved: int) -> str:
    """Return why this agent may not make a change here and now: the role, or what the customer has not proved."""
    forbidden = access.why_not(request, PERMISSION)
    if forbidden:
        return forbidden
    if ticket is None:
        return "Open it from a case of this customer: there they prove who they are."
    if proved < level_for(kind.purpose):
        return "Verify the customer first (v)."
    return ""


def proved_in(ticket: Ticket | None, *, at: datetime) -> int:
    """Return the level the customer has proved in a case; 0 without one."""
    if ticket is None or ticket.customer_id is None:
        return 0
    proof = current_proof(ticket.customer_id, f"ticket:{ticket.pk}", at=at)
    return proof.level if proof else 0


def changes_on_offer(
    request: HttpRequest, subscription: Subscription, ticket: Ticket | None, today: date, *, at: datetime
) -> list[dict[str, str]]:
    """Return the changes that make sense as the subscription is, each with its key; a greyed one says why."""
    proved, found = proved_in(ticket, at=at), []
    for name, kind in KINDS.items():
        impossible = why_impossible(kind, subscription, today)
        if impossible and kind.what in (What.RESUME, What.REINSTATE):
            continue
        why = impossible or why_not_now(request, kind, ticket, proved=proved)
        found.append({"name": name, "label": kind.label, "why_not": why, "key": str(len(found) + 1)})
    return found
