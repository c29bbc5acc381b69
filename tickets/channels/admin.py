"""Supervisors edit mailboxes and phone lines; calls are read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from ledger.customers.queries import normalise_phone
from ledger.errors import DomainError
from ledger.events.admin import ConfigurationAdmin, FactAdmin
from tickets.channels.models import CallLog, Mailbox, PhoneLine


@admin.register(Mailbox)
class MailboxAdmin(ConfigurationAdmin):
    """The mailboxes we poll. The password is never stored: name the environment variable that holds it."""

    list_display = ("address", "host", "port", "use_tls", "queue", "is_active", "last_polled_at", "last_error")
    list_filter = ("is_active",)
    list_select_related = ("queue",)
    readonly_fields = ("last_polled_at", "last_error")


class PhoneLineForm(forms.ModelForm):
    """A line whose number can be dialled."""

    class Meta:
        model = PhoneLine
        fields: Any = "__all__"

    def clean_number(self) -> str:
        """Keep the number in E.164."""
        try:
            return normalise_phone(self.cleaned_data["number"])
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal


@admin.register(PhoneLine)
class PhoneLineAdmin(ConfigurationAdmin):
    """The billing lines, as printed on bills."""

    form = PhoneLineForm
    list_display = ("name", "number", "hours")
    list_select_related = ("hours",)


@admin.register(CallLog)
class CallLogAdmin(FactAdmin):
    """Calls. A number is never a proof of identity."""

    list_display = ("external_id", "caller", "caller_problem", "line", "ticket", "outcome", "started_at")
    list_filter = ("line",)
    list_select_related = ("line", "ticket")
    search_fields = ("=external_id", "=caller")
