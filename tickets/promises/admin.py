"""Promises to customers, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from tickets.promises.models import Promise


@admin.register(Promise)
class PromiseAdmin(FactAdmin):
    """What customers were told would happen, kept or broken."""

    list_display = ("words", "ticket", "made_by", "due_at", "kept_at", "broken_at")
    list_filter = (("kept_at", admin.EmptyFieldListFilter), ("broken_at", admin.EmptyFieldListFilter), "what")
    list_select_related = ("ticket",)
