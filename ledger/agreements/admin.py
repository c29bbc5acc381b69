"""Agreements, version by version, with the decisions as buttons."""

from __future__ import annotations

from django.contrib import admin
from django_fsm import can_proceed

from ledger.agreements.deciding import approve_agreement, decline_agreement
from ledger.agreements.models import Agreement
from ledger.agreements.offering import end_agreement, offer_agreement
from ledger.agreements.queries import why_not_decide
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction

PROPOSE = "billing_desk.subscription.change"


def _why_not(agreement: Agreement, by: Actor, move: object) -> str | None:
    if by.customer_id is not None and by.customer_id == agreement.customer_id:
        return "This is your own account; a colleague has to work on it."
    return None if can_proceed(move) else f"This agreement is {agreement.get_state_display().lower()}."


def _why_not_offer(agreement: Agreement, by: Actor) -> str | None:
    return _why_not(agreement, by, agreement.offer)


def _why_not_decline(agreement: Agreement, by: Actor) -> str | None:
    return _why_not(agreement, by, agreement.decline)


def _why_not_end(agreement: Agreement, by: Actor) -> str | None:
    return _why_not(agreement, by, agreement.end)


@admin.register(Agreement)
class AgreementAdmin(FactAdmin):
    """What was agreed on with customers; a version's words are what was shown and accepted."""

    list_display = (
        "pk", "customer", "subscription", "version", "plan", "shown_price", "starts_on", "ends_on", "state",
        "requested_by",
    )  # fmt: skip
    list_filter = ("state", "currency")
    list_select_related = ("customer", "subscription", "plan")
    search_fields = ("=customer__number", "=wording_hash")
    object_actions = (
        ObjectAction(
            "approve", "Approve", approve_agreement, "billing_desk.refund.approve", "Approved: it can be offered.",
            why_not=why_not_decide,
        ),
        ObjectAction(
            "offer", "Offer to the customer", offer_agreement, PROPOSE, "Offered: the customer may accept it.",
            why_not=_why_not_offer,
        ),
        ObjectAction(
            "decline", "Decline or take back", decline_agreement, PROPOSE, "Declined.",
            asks="Reason", why_not=_why_not_decline,
        ),
        ObjectAction(
            "end", "End", end_agreement, PROPOSE, "It ends with the next billing day after its notice.",
            asks="Why it ends", why_not=_why_not_end,
        ),
    )  # fmt: skip

    @admin.display(description="Price")
    def shown_price(self, agreement: Agreement) -> str:
        """Show the agreed price, the percentage off, or that it is the list price."""
        if agreement.price is not None:
            return agreement.price.display()
        return f"{agreement.percent:f} % off" if agreement.percent is not None else "list price"
