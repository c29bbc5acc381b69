"""The notice log; supervisors set lead times."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import ConfigurationAdmin, FactAdmin
from notifications.notices.models import LeadTime, Notice


@admin.register(LeadTime)
class LeadTimeAdmin(ConfigurationAdmin):
    """How far ahead customers are told, by place and term."""

    list_display = ("kind", "interval", "country", "region", "earliest_days", "latest_days", "source")
    list_filter = ("kind", "interval", "country")
    ordering = ("kind", "interval", "country", "region")


@admin.register(Notice)
class NoticeAdmin(FactAdmin):
    """What was told ahead of time, once each."""

    list_display = ("kind", "subject", "customer", "about_on", "created_at", "message")
    list_filter = ("kind",)
    list_select_related = ("customer", "message")
    search_fields = ("=subject", "=customer__number")
