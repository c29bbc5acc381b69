"""Given explanations, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from ledger.explanations.models import GivenExplanation


@admin.register(GivenExplanation)
class GivenExplanationAdmin(FactAdmin):
    """What customers were told."""

    list_display = ("subject", "customer", "language", "given_at", "given_by", "superseded_at")
    list_filter = ("language",)
    list_select_related = ("customer",)
    search_fields = ("=subject", "=customer__number")
