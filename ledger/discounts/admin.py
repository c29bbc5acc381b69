"""Discounts given to customers, with the decisions as buttons."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django_fsm import can_proceed
from unfold.admin import TabularInline

from ledger.discounts.models import DiscountGrant, DiscountUse
from ledger.discounts.operations import approve_grant, decline_grant, end_grant
from ledger.discounts.queries import why_not_decide
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction

APPROVE = "billing_desk.refund.approve"


def _why_not_end(grant: DiscountGrant, by: Actor) -> str | None:
    if by.customer_id is not None and by.customer_id == grant.customer_id:
        return "This is your own account; a colleague has to work on it."
    return None if can_proceed(grant.end) else f"{grant} is {grant.get_state_display().lower()}."


class DiscountUseInline(TabularInline):
    """The bills it was used on."""

    model = DiscountUse
    fields = ("invoice", "shown_amount", "used_at", "returned_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Uses are counted with the bill."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Uses are facts."""
        return False

    @admin.display(description="Amount")
    def shown_amount(self, use: DiscountUse) -> str:
        """Show the amount as money."""
        return use.amount.display()


@admin.register(DiscountGrant)
class DiscountGrantAdmin(FactAdmin):
    """Discounts customers were given."""

    list_display = ("name", "customer", "shown_value", "duration", "state", "reason", "requested_by", "requested_at")
    list_filter = ("state", "duration", "currency")
    list_select_related = ("customer",)
    search_fields = ("=name", "=customer__number")
    inlines = (DiscountUseInline,)
    object_actions = (
        ObjectAction(
            "approve", "Approve", approve_grant, APPROVE, "Approved: the next bill takes it off.",
            why_not=why_not_decide,
        ),
        ObjectAction(
            "decline", "Decline", decline_grant, APPROVE, "Declined.",
            asks="Reason for who asked", why_not=why_not_decide,
        ),
        ObjectAction(
            "end", "End", end_grant, "billing_desk.discount.grant", "It takes nothing off any more.",
            asks="Why it ends", why_not=_why_not_end,
        ),
    )  # fmt: skip

    @admin.display(description="Takes off")
    def shown_value(self, grant: DiscountGrant) -> str:
        """Show the percentage or the amount."""
        return grant.amount.display() if grant.amount else f"{(grant.percent or 0):f} %"
