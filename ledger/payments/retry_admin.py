"""Supervisors set the caps and the days; the plan is read, and what came of it by cause."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ledger.events.admin import ConfigurationAdmin, FactAdmin
from ledger.payments.retry_models import NetworkRule, Retry, RetrySchedule
from ledger.payments.retry_reports import TOO_OFTEN, recovery_by_cause

#: The report covers bills whose first failure was within so many days.
REPORT_DAYS = 90


@admin.register(NetworkRule)
class NetworkRuleAdmin(ConfigurationAdmin):
    """How often a card may be tried, by network and date."""

    list_display = ("network", "category", "most", "window_days", "basis", "valid_from", "valid_to", "source")
    list_filter = ("network",)
    ordering = ("network", "category", "valid_from")


@admin.register(RetrySchedule)
class RetryScheduleAdmin(ConfigurationAdmin):
    """On which days a declined payment is tried again."""

    list_display = ("segment", "name", "offsets", "may_move_days", "most_tries", "most_days")
    ordering = ("segment",)


@admin.register(Retry)
class RetryAdmin(FactAdmin):
    """Planned tries and what became of them; above them, what came of failed payments by cause."""

    list_display = ("invoice", "customer", "number", "planned_for", "state", "method", "why")
    list_filter = ("state", "rule", "schedule")
    list_select_related = ("invoice", "customer", "method")
    search_fields = ("=invoice__number", "=customer__number")
    list_before_template = "admin/recovery_report.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the report of the last months above the plan."""
        now = timezone.now()
        rows = recovery_by_cause(since=now - timedelta(days=REPORT_DAYS), until=now)
        more = {**(extra_context or {}), "recovery": rows, "days": REPORT_DAYS, "too_often": TOO_OFTEN}
        page: HttpResponse = super().changelist_view(request, more)
        return page
