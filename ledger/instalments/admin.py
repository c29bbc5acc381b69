"""Payment plans, to read: they are proposed, agreed and kept by operations; a waiting one is decided here."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction, as_money
from ledger.instalments import deciding
from ledger.instalments.acceptance import PlanAcceptance
from ledger.instalments.models import Instalment, PaymentPlan


def _not_waiting(plan: PaymentPlan, by: Actor) -> str | None:
    if plan.state != PaymentPlan.State.WAITING_APPROVAL:
        return "It does not wait for approval."
    return "Somebody else has to decide: you proposed it." if plan.requested_by == str(by) else None


def _is_over(plan: PaymentPlan, _by: Actor) -> str | None:
    return None if plan.state in PaymentPlan.LIVE else "It is over."


@admin.register(PaymentPlan)
class PaymentPlanAdmin(FactAdmin):
    """What customers pay in instalments, and what waits for a second person's word."""

    list_display = ("number", "customer", as_money("covered_minor"), "state", "requested_by", "agreed_at", "closed_at")
    list_filter = ("state", "every", "charges_automatically")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number")
    object_actions = (
        ObjectAction(
            "approve", "Approve", deciding.approve_plan, "billing_desk.refund.approve", "The customer can agree to it.",
            why_not=_not_waiting,
        ),
        ObjectAction(
            "decline", "Decline", deciding.decline_plan, "billing_desk.refund.approve", "It is declined.",
            asks="Why", why_not=_not_waiting,
        ),
        ObjectAction(
            "cancel", "Call off", deciding.cancel_plan, "billing_desk.refund.approve", "It is called off.",
            asks="Why", why_not=_is_over,
        ),
    )  # fmt: skip


@admin.register(Instalment)
class InstalmentAdmin(FactAdmin):
    """The parts of plans, by their day."""

    list_display = ("plan", "position", "due_on", as_money("amount_minor"), as_money("paid_minor"), "state")
    list_filter = ("state",)
    list_select_related = ("plan",)
    search_fields = ("=plan__number",)
    ordering = ("due_on",)


@admin.register(PlanAcceptance)
class PlanAcceptanceAdmin(FactAdmin):
    """Who agreed to which words."""

    list_display = ("plan", "accepted_by", "channel", "wording_version", "accepted_at", "recorded_by")
    list_select_related = ("plan",)
    search_fields = ("=plan__number",)
