"""Ladders are edited; steps, promises and fees are read, with their decisions as buttons."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import TabularInline

from ledger.collections.fee_models import LateFee
from ledger.collections.models import DunningStep, Ladder, PaymentPromise, Rung
from ledger.collections.promises import withdraw_payment_promise
from ledger.collections.waiving import approve_late_fee_waiver, decline_late_fee_waiver, waive_late_fee
from ledger.events.actor import Actor
from ledger.events.admin import ConfigurationAdmin, FactAdmin, ObjectAction


def _why_not_waive(fee: LateFee, by: Actor) -> str | None:
    if by.customer_id is not None and by.customer_id == fee.customer_id:
        return "This is your own account; a colleague has to work on it."
    return "It was waived." if fee.waived_at else None


def _why_not_withdraw(promise: PaymentPromise, by: Actor) -> str | None:
    return None if promise.state == PaymentPromise.State.OPEN else f"It is {promise.get_state_display()}."


class RungInline(TabularInline):
    """The steps of a ladder, in order."""

    model = Rung
    fields = ("days_after_due", "action", "wording")
    ordering = ("days_after_due",)
    extra = 0


@admin.register(Ladder)
class LadderAdmin(ConfigurationAdmin):
    """What follows from not paying, by segment. Bills that are on a ladder keep the steps they were planned with."""

    list_display = ("name", "customer_kind", "currency", "least_minor", "is_active")
    inlines = (RungInline,)


@admin.register(DunningStep)
class DunningStepAdmin(FactAdmin):
    """Every step of every overdue bill."""

    list_display = ("customer", "invoice", "position", "action", "planned_on", "state", "taken_at", "outcome")
    list_filter = ("state", "action")
    list_select_related = ("customer", "invoice")
    search_fields = ("=customer__number", "=invoice__number")


@admin.register(PaymentPromise)
class PaymentPromiseAdmin(FactAdmin):
    """What customers gave their word on."""

    list_display = ("customer", "amount", "pay_by", "state", "came_in_minor", "made_by", "made_at")
    list_filter = ("state",)
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    object_actions = (
        ObjectAction(
            "withdraw", "Withdraw", withdraw_payment_promise, "billing_desk.collections.work",
            "Withdrawn: collection goes on.", why_not=_why_not_withdraw,
        ),
    )  # fmt: skip


@admin.register(LateFee)
class LateFeeAdmin(FactAdmin):
    """What late payment cost, with its formula; waived here, too."""

    list_display = ("invoice", "customer", "kind", "amount", "span_start", "span_end", "charged_at", "waived_at")
    list_filter = ("kind", "currency")
    list_select_related = ("customer", "invoice")
    search_fields = ("=customer__number", "=invoice__number")
    object_actions = (
        ObjectAction(
            "waive", "Waive", waive_late_fee, "billing_desk.collections.work", "Waived, or asked for.",
            asks="Why it is waived", why_not=_why_not_waive,
        ),
        ObjectAction(
            "approve", "Approve the waiver", approve_late_fee_waiver, "billing_desk.refund.approve", "Waived.",
            why_not=_why_not_waive,
        ),
        ObjectAction(
            "decline", "Decline the waiver", decline_late_fee_waiver, "billing_desk.refund.approve", "Declined.",
            asks="Reason for who asked", why_not=_why_not_waive,
        ),
    )  # fmt: skip
