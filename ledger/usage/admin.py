"""Reported usage, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from ledger.usage.models import UsageEvent


@admin.register(UsageEvent)
class UsageEventAdmin(FactAdmin):
    """What was used, as it was reported; a correction is a report of its own."""

    list_display = ("key", "customer", "meter", "quantity", "happened_at", "received_at", "received_from")
    list_filter = ("meter",)
    list_select_related = ("customer",)
    search_fields = ("=key", "=customer__number")
