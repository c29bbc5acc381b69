"""How customers want to hear from us, and what they agreed to: to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from notifications.preferences.models import Consent, Preference


@admin.register(Preference)
class PreferenceAdmin(FactAdmin):
    """Channel, language and quiet hours."""

    list_display = ("customer", "channel", "language", "quiet_from", "quiet_until", "changed_at")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)


@admin.register(Consent)
class ConsentAdmin(FactAdmin):
    """Every yes and no, the newest holds."""

    list_display = ("customer", "kind", "granted", "source", "recorded_at")
    list_filter = ("kind", "granted")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
