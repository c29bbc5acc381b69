"""Supervisors edit mailboxes and phone lines; calls are read."""

from __future__ import annotations

from typing import Any

import phonenumbers
from babel import Locale
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
        """Keep the number in E.164; it must be one that can be dialled."""
        try:
            number = normalise_phone(self.cleaned_data["number"])
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal
        if not phonenumbers.is_valid_number(phonenumbers.parse(number)):
            raise ValidationError(f"{number} is not a number anybody can have.")
        return number

    def clean_country(self) -> str:
        """Take the code in either case, and only one that exists."""
        country = str(self.cleaned_data["country"]).strip().upper()
        if country and country not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(f"{country} is not a country code.")
        return country

    def clean_languages(self) -> list[str]:
        """Keep languages whose names can be written on a bill."""
        tags = [tag.strip() for tag in self.cleaned_data["languages"] or []]
        strange = [tag for tag in tags if tag.partition("-")[0].lower() not in Locale("en").languages]
        if strange:
            raise ValidationError(f"{strange[0]} is not a language code; write them like de,en.")
        return tags


@admin.register(PhoneLine)
class PhoneLineAdmin(ConfigurationAdmin):
    """The lines customers may call, as printed on bills: one active one for each purpose and country."""

    form = PhoneLineForm
    list_display = ("name", "number", "purpose", "country", "hours", "is_active")
    list_filter = ("purpose", "is_active")
    list_select_related = ("hours",)


@admin.register(CallLog)
class CallLogAdmin(FactAdmin):
    """Calls. A number is never a proof of identity."""

    list_display = ("external_id", "caller", "caller_problem", "line", "ticket", "outcome", "started_at")
    list_filter = ("line",)
    list_select_related = ("line", "ticket")
    search_fields = ("=external_id", "=caller")
