"""Identity checks, to read. What was asked and answered is not shown: only its keyed hash exists."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from verification.models import Check


@admin.register(Check)
class CheckAdmin(FactAdmin):
    """Who was asked to prove who they are, how, and how it ended."""

    list_display = ("pk", "customer", "conversation", "purpose", "level", "state", "started_by", "started_at")
    list_filter = ("state", "level", "purpose")
    list_select_related = ("customer",)
    search_fields = ("=conversation", "=customer__number")
    exclude = ("contact_point",)
