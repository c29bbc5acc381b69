"""Supervisors edit wording with a live preview; saving writes a new version, the one before stays on file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from ledger.errors import DomainError
from ledger.events.admin import ConfigurationAdmin, actor_of
from notifications.wording.boundary import check_boundary
from notifications.wording.catalogue import WORDINGS
from notifications.wording.models import BoundaryText, MessageTemplate
from notifications.wording.operations import preview, write_wording
from notifications.wording.render import find_text


class WordingForm(forms.ModelForm):
    """One message in one language. The placeholders are checked here, with the words of the operation."""

    key = forms.ChoiceField(choices=[(key, key) for key in sorted(WORDINGS)], widget=UnfoldAdminSelectWidget)
    subject = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    body = forms.CharField(widget=UnfoldAdminTextareaWidget(attrs={"rows": 16}))

    class Meta:
        model = MessageTemplate
        fields = ("key", "language", "subject", "body")

    def clean(self) -> dict[str, Any]:
        """Refuse what write_wording would refuse, beside the form."""
        found = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                preview(found["key"], found["language"], subject=found["subject"], body=found["body"])
                check_boundary(found["key"], found["language"])
            except DomainError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return dict(found)

    def validate_constraints(self) -> None:
        """Leave versions to write_wording: the form's object is not the row that is written."""


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ConfigurationAdmin):
    """The words customers read."""

    form = WordingForm
    list_display = ("key", "language", "version", "is_in_use", "subject", "written_by", "written_at")
    list_filter = ("is_in_use", "language", "key")
    ordering = ("key", "language", "-version")
    change_form_after_template = "admin/wording_preview.html"

    def get_urls(self) -> list[Any]:
        """Add the preview's address."""
        view = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", view, name="notifications_messagetemplate_preview"), *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the text that is in use."""
        key, language = request.GET.get("key", ""), request.GET.get("language", "en")
        if key not in WORDINGS:
            return {"language": language}
        text = find_text(key, language)
        return {"key": key, "language": language, "subject": text.subject, "body": text.body}

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer the text being written, filled with example values; writes nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        words = {name: request.POST.get(name, "") for name in ("key", "language", "subject", "body")}
        try:
            shown = preview(words["key"], words["language"], subject=words["subject"], body=words["body"])
        except DomainError as refusal:
            return render(request, "admin/_wording_preview.html", {"refusal": str(refusal)})
        return render(request, "admin/_wording_preview.html", {"shown": shown})

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Write a new version; the operation records it."""
        words = form.cleaned_data
        written = write_wording(
            words["key"], words["language"], words["subject"], words["body"], by=actor_of(request), at=timezone.now()
        )
        obj.pk = written.pk

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What customers were told stays on file."""
        return False


@admin.register(BoundaryText)
class BoundaryTextAdmin(ConfigurationAdmin):
    """Disclaimer and referral per language; without one, nothing that comes near advice is published in it."""

    list_display = ("language", "disclaimer")
    ordering = ("language",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A language keeps its disclaimer: texts in use rely on it."""
        return False
