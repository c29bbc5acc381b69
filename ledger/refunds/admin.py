"""The approval list: refunds with their decisions as buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django_fsm import can_proceed

from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction
from ledger.refunds.models import Refund
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund
from ledger.refunds.queries import why_not_approve

APPROVE = "billing_desk.refund.approve"


def _call_off(refund_id: int, *, why: str, by: Actor, at: Any) -> Refund:
    return cancel_refund(refund_id, why=why, by=by, at=at)


def _why_not_cancel(refund: Refund, by: Actor) -> str | None:
    if by.customer_id is not None and by.customer_id == refund.customer_id:
        return "This is your own account; a colleague has to work on it."
    return None if can_proceed(refund.cancel) else f"{refund.number} is {refund.get_state_display().lower()}."


@admin.register(Refund)
class RefundAdmin(FactAdmin):
    """Money on its way back to customers."""

    list_display = ("number", "customer", "shown_amount", "state", "reason", "requested_by", "requested_at")
    list_filter = ("state", "currency", "is_goodwill")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number")
    object_actions = (
        ObjectAction(
            "approve", "Approve", approve_refund, APPROVE, "Approved: the refund is paid soon.",
            explains="From here on we owe the customer this money.", why_not=why_not_approve,
        ),
        ObjectAction(
            "decline", "Decline", decline_refund, APPROVE, "Declined; the customer is told the reason.",
            asks="Reason the customer reads", why_not=why_not_approve,
        ),
        ObjectAction(
            "cancel", "Call off", _call_off, "billing_desk.refund.request", "The refund is called off.",
            asks="Why it is called off", asks_as="why", why_not=_why_not_cancel,
        ),
    )  # fmt: skip

    @admin.display(description="Amount", ordering="amount_minor")
    def shown_amount(self, refund: Refund) -> str:
        """Show the amount as money."""
        return refund.amount.display()
