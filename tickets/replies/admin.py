"""Supervisors edit standard explanations."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import ConfigurationAdmin
from tickets.replies.models import ReplyTemplate


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(ConfigurationAdmin):
    """What agents start from; placeholders in double braces come from the live account."""

    list_display = ("name", "shortcut", "language", "topics")
    list_filter = ("language",)
    search_fields = ("name", "shortcut", "body")
    ordering = ("name",)
