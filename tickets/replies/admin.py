"""Supervisors edit standard explanations, and the phrases that are left to advisers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from ledger.errors import DomainError
from ledger.events.admin import ConfigurationAdmin
from notifications.wording.boundary import check_languages
from tickets.replies.models import BlockedPhrase, ReplyTemplate


class ReplyTemplateForm(forms.ModelForm):
    """A template; one that comes near advice needs a disclaimer in its language."""

    class Meta:
        model = ReplyTemplate
        fields = ("name", "shortcut", "topics", "language", "tag", "body")

    def clean(self) -> dict[str, Any]:
        """Refuse to publish what has no disclaimer."""
        found = super().clean() or self.cleaned_data
        if found.get("tag") == ReplyTemplate.Tag.ADVICE and found.get("language"):
            try:
                check_languages([found["language"]])
            except DomainError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return dict(found)


class BlockedPhraseForm(forms.ModelForm):
    """A phrase with at least one word in it."""

    class Meta:
        model = BlockedPhrase
        fields = ("language", "words", "why", "is_in_use")

    def clean_words(self) -> str:
        """Refuse a phrase that would block every reply."""
        words = " ".join(str(self.cleaned_data["words"]).split())
        if not any(letter.isalpha() for letter in words) or words.startswith("*") or words.endswith("*"):
            raise forms.ValidationError("A phrase begins and ends with a word; * stands between words only.")
        return words


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(ConfigurationAdmin):
    """What agents start from; placeholders in double braces come from the live account."""

    form = ReplyTemplateForm
    list_display = ("name", "shortcut", "language", "tag", "topics")
    list_filter = ("language", "tag")
    search_fields = ("name", "shortcut", "body")
    ordering = ("name",)


@admin.register(BlockedPhrase)
class BlockedPhraseAdmin(ConfigurationAdmin):
    """What agents do not write: a lawyer, a tax adviser or a debt adviser may."""

    form = BlockedPhraseForm
    list_display = ("words", "language", "why", "is_in_use")
    list_filter = ("language", "is_in_use")
    search_fields = ("words",)
    ordering = ("language", "words")
