"""Bills on paper, to read: who wants them, the letters, and the files they were printed from."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from ledger.printing.models import DeliveryChoice, Letter, PrintBatch


@admin.register(DeliveryChoice)
class DeliveryChoiceAdmin(FactAdmin):
    """How customers want their bills."""

    list_display = ("customer", "way", "state", "chosen_by", "chosen_at", "undo_until")
    list_filter = ("way", "state")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)


@admin.register(Letter)
class LetterAdmin(FactAdmin):
    """Bills that go by post."""

    list_display = ("invoice", "customer", "state", "batch", "queued_at", "closed_at")
    list_filter = ("state",)
    list_select_related = ("invoice", "customer", "batch")
    search_fields = ("=invoice__number", "=customer__number")


@admin.register(PrintBatch)
class PrintBatchAdmin(FactAdmin):
    """Files of letters; taken, fetched and printed on the desk (Billing, Paper bills)."""

    list_display = ("day", "state", "taken_by", "taken_at", "printed_by", "printed_at")
    list_filter = ("state",)
