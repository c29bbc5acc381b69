"""What cases led to, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from tickets.casework.models import CaseLink


@admin.register(CaseLink)
class CaseLinkAdmin(FactAdmin):
    """Cases and the disputes, refunds and payments they belong to."""

    list_display = ("ticket", "role", "subject", "linked_by", "linked_at")
    list_filter = ("role",)
    list_select_related = ("ticket",)
    search_fields = ("=subject",)
