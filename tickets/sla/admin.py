"""Supervisors edit promises of time and business hours; running clocks are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from ledger.errors import DomainError
from ledger.events.admin import ConfigurationAdmin, FactAdmin
from tickets.sla.calendars import build_calendar, find_zone, holiday_dates
from tickets.sla.hours import WEEKDAYS
from tickets.sla.models import BusinessHours, Clock, Holiday, SlaPolicy

WEEKLY_HELP = 'ISO weekdays (1 is Monday) with intervals: {"1": [["09:00", "12:30"], ["13:30", "17:30"]]}'


class BusinessHoursForm(forms.ModelForm):
    """Hours that the arithmetic understands."""

    weekly = forms.JSONField(required=False, help_text=WEEKLY_HELP, widget=UnfoldAdminTextareaWidget)

    class Meta:
        model = BusinessHours
        fields: Any = "__all__"

    def clean_weekly(self) -> Any:
        """Take an empty field as no hours at all: right for a team that is always there."""
        return self.cleaned_data["weekly"] or {}

    def clean(self) -> dict[str, Any]:
        """Build the calendar once: what cannot be built is refused in its words."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return found
        try:
            find_zone(found["time_zone"])
            weekly = {WEEKDAYS[day]: [tuple(pair) for pair in pairs] for day, pairs in found["weekly"].items()}
            build_calendar(found["time_zone"], weekly, always=found["always_open"])
            if found["holiday_country"]:
                year = datetime.now(UTC).year
                holiday_dates(found["holiday_country"], [year], subdivision=found["holiday_region"])
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise forms.ValidationError({"weekly": f"Write it like this: {WEEKLY_HELP}"}) from problem
        return found


class HolidayInline(TabularInline):
    """Days that differ from the country's public holidays."""

    model = Holiday
    extra = 0


@admin.register(BusinessHours)
class BusinessHoursAdmin(ConfigurationAdmin):
    """When a team works."""

    form = BusinessHoursForm
    list_display = ("name", "time_zone", "always_open", "holiday_country", "holiday_region")
    inlines = (HolidayInline,)


@admin.register(SlaPolicy)
class SlaPolicyAdmin(ConfigurationAdmin):
    """How soon we answer, in business time."""

    list_display = (
        "name", "hours", "first_response_minutes", "next_response_minutes", "resolution_minutes", "is_default",
    )  # fmt: skip
    list_select_related = ("hours",)


@admin.register(Clock)
class ClockAdmin(FactAdmin):
    """Promises of time on cases."""

    list_display = ("ticket", "kind", "state", "due_at", "stopped_at", "breached_at")
    list_filter = ("state", "kind")
    list_select_related = ("ticket",)
