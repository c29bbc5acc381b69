"""Access, to read, with a supervisor's override; and the policies."""

from __future__ import annotations

from django.contrib import admin

from ledger.entitlements.models import Access, AccessOverride, AccessPolicy
from ledger.entitlements.operations import OPEN_DAYS, end_override_of, keep_access_open
from ledger.events.actor import Actor
from ledger.events.admin import ConfigurationAdmin, FactAdmin, ObjectAction

SUPERVISOR = "billing_desk.config.edit"


def _why_not_end(access: Access, _by: Actor) -> str | None:
    return None if access.reason == Access.Reason.OVERRIDE else "The books decide already."


@admin.register(AccessPolicy)
class AccessPolicyAdmin(ConfigurationAdmin):
    """How long access goes on after a payment failed."""

    list_display = ("name", "customer_kind", "currency", "grace_days", "suspended_after_days", "is_active")


@admin.register(Access)
class AccessAdmin(FactAdmin):
    """What access comes to; nobody sets it."""

    list_display = ("customer", "state", "reason", "since_on", "restricts_on", "warned_on", "reviewed_at")
    list_filter = ("state", "reason")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    object_actions = (
        ObjectAction(
            "open", f"Keep open for {OPEN_DAYS} days", keep_access_open, SUPERVISOR, "Access stays open until then.",
            asks="Why it stays open",
        ),
        ObjectAction(
            "end", "Let the books decide", end_override_of, SUPERVISOR, "The books decide again.", why_not=_why_not_end
        ),
    )  # fmt: skip


@admin.register(AccessOverride)
class AccessOverrideAdmin(FactAdmin):
    """What supervisors decided, and until when."""

    list_display = ("customer", "state", "until", "why", "decided_by", "decided_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
