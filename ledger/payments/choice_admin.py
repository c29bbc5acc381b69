"""Which card or account customers chose, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from ledger.payments.choice_models import MethodChoice


@admin.register(MethodChoice)
class MethodChoiceAdmin(FactAdmin):
    """With what a plan, a bill or everything is paid."""

    list_display = ("customer", "subscription", "invoice", "method", "state", "chosen_by", "chosen_at", "undo_until")
    list_filter = ("state",)
    list_select_related = ("customer", "subscription", "invoice", "method")
    search_fields = ("=customer__number",)
