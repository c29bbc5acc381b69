"""Supervisors edit reasons and budgets; what was given, and corrections, are read, with their decisions as buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django_fsm import can_proceed

from ledger.adjustments.correcting import (
    approve_corrections,
    cancel_corrections,
    check_approver,
    decline_corrections,
    request_corrections,
)
from ledger.adjustments.correction_models import CorrectionBatch, CorrectionItem
from ledger.adjustments.models import Adjustment, AdjustmentReason, TeamBudget
from ledger.adjustments.operations import reverse_adjustment
from ledger.adjustments.running import reverse_corrections
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.admin import ConfigurationAdmin, FactAdmin, ObjectAction

APPROVE, ASK, GIVE = "billing_desk.refund.approve", "billing_desk.correction.ask", "billing_desk.adjustment.give"


def _unless_open(move: str) -> Callable[[Any, Actor], str | None]:
    """Return the greying of a button: the move must be one the diagram has now."""

    def why_not(thing: Any, _by: Actor) -> str | None:
        return None if can_proceed(getattr(thing, move)) else f"{thing} is {thing.get_state_display().lower()}."

    return why_not


def _why_not_decide(batch: CorrectionBatch, by: Actor) -> str | None:
    if batch.state != CorrectionBatch.State.REQUESTED:
        return f"{batch} is {batch.get_state_display().lower()}."
    try:
        check_approver(batch, by=by)
    except DomainError as refusal:
        return str(refusal)
    return None


@admin.register(AdjustmentReason)
class AdjustmentReasonAdmin(ConfigurationAdmin):
    """What may be given for which reason, and how often."""

    list_display = ("code", "title", "kind", "cause", "per_year", "is_in_use")
    list_filter = ("kind", "cause", "is_in_use")


@admin.register(TeamBudget)
class TeamBudgetAdmin(ConfigurationAdmin):
    """What a team may give away in a month, and what is left of it."""

    list_display = ("team", "month", "currency", "amount_minor", "spent_minor")
    list_filter = ("currency", "team")
    ordering = ("-month", "team")


@admin.register(Adjustment)
class AdjustmentAdmin(FactAdmin):
    """What was given to customers by somebody's decision."""

    list_display = ("number", "customer", "reason", "state", "requested_by", "granted_by", "granted_at")
    list_filter = ("state", "reason__cause", "reason__kind", "currency")
    list_select_related = ("customer", "reason")
    search_fields = ("=number", "=customer__number")
    object_actions = (
        ObjectAction(
            "reverse", "Take back", reverse_adjustment, GIVE, "Taken back; the customer is told why.",
            asks="Reason the customer reads", why_not=_unless_open("reverse"),
        ),
    )  # fmt: skip


@admin.register(CorrectionBatch)
class CorrectionBatchAdmin(FactAdmin):
    """Our mistakes, and the correction of everybody they hit."""

    list_display = ("number", "finding", "currency", "state", "found", "requested_by", "approved_by")
    list_filter = ("state", "currency")
    search_fields = ("=number", "=finding")
    object_actions = (
        ObjectAction(
            "request", "Ask for approval", request_corrections, ASK, "Somebody else decides now.",
            why_not=_unless_open("request"),
        ),
        ObjectAction(
            "approve", "Approve", approve_corrections, APPROVE, "Approved: the corrections run now.",
            explains="Every line listed is credited and each customer is told.", why_not=_why_not_decide,
        ),
        ObjectAction(
            "decline", "Decline", decline_corrections, APPROVE, "Declined.", asks="Reason", why_not=_why_not_decide
        ),
        ObjectAction(
            "cancel", "Drop", cancel_corrections, ASK, "Dropped; nothing is credited.", asks="Reason",
            why_not=_unless_open("cancel"),
        ),
        ObjectAction(
            "reverse", "Take the whole batch back", reverse_corrections, APPROVE, "Every line is charged again.",
            asks="Reason the customers read", why_not=_unless_open("take_back"),
        ),
    )  # fmt: skip


@admin.register(CorrectionItem)
class CorrectionItemAdmin(FactAdmin):
    """The lines of the batches: corrected, or passed over with the reason."""

    list_display = ("batch", "customer", "line", "state", "skipped_because", "credit_note", "done_at")
    list_filter = ("state", "skipped_because")
    list_select_related = ("batch", "customer", "line", "credit_note")
    search_fields = ("=batch__number", "=customer__number")
