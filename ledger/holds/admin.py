"""Holds, to read: they are placed and lifted by what they come from."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from ledger.holds.models import Hold


@admin.register(Hold)
class HoldAdmin(FactAdmin):
    """Why nothing is collected, charged for lateness or restricted."""

    list_display = ("customer", "kind", "stops", "invoice", "source", "placed_at", "until", "lifted_at")
    list_filter = ("kind",)
    list_select_related = ("customer", "invoice")
    search_fields = ("=customer__number", "=source")
