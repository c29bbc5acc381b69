"""Hardship cases, to read; ending one is a button."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction
from ledger.hardship.models import HardshipCase
from ledger.hardship.operations import end_hardship


def _is_over(case: HardshipCase, _by: Actor) -> str | None:
    return "It is over." if case.state == HardshipCase.State.ENDED else None


@admin.register(HardshipCase)
class HardshipCaseAdmin(FactAdmin):
    """Who told us that they cannot pay, and when somebody looks again."""

    list_display = ("customer", "cause", "state", "outcome", "review_on", "opened_at", "ended_at")
    list_filter = ("state", "cause", "outcome")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    object_actions = (
        ObjectAction(
            "end", "End it", end_hardship, "billing_desk.refund.approve", "It is ended.", asks="Why", why_not=_is_over,
        ),
    )  # fmt: skip
