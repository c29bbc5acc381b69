"""Files of another system: tried first, then imported; what every row came to, and the problems to take away as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction, actor_of
from ledger.imports.files import LARGEST_UPLOAD, PART
from ledger.imports.models import ImportProblem, ImportRun
from ledger.imports.operations import Order, import_after_dry_run, request_import, why_not_import
from ledger.imports.totals import read_totals

MAY_IMPORT = "billing_desk.import.run"
#: Problems shown on the page; the CSV file has all of them.
SHOWN = 100
#: A cell that begins like this is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class UploadForm(forms.ModelForm):
    """A file, and how to read it. It is tried first."""

    file = forms.FileField(help_text="It is only tried: what it would do is shown, and then you can import it.")

    class Meta:
        model = ImportRun
        fields = ("kind", "form", "is_all_or_nothing", "default_country", "default_currency")

    def clean(self) -> dict[str, Any]:
        """Refuse a file that is too large before it is read."""
        cleaned = dict(super().clean() or self.cleaned_data)
        file = cleaned.get("file")
        if file is not None and file.size > LARGEST_UPLOAD:
            raise ValidationError(f"At most {LARGEST_UPLOAD // PART} MB can be uploaded; use the command for more.")
        return cleaned

    def order(self) -> Order:
        """Return what was asked for, as the operation takes it."""
        given = self.cleaned_data
        return Order(
            kind=given["kind"],
            form=given["form"],
            file_name=given["file"].name,
            is_dry_run=True,
            is_all_or_nothing=given["is_all_or_nothing"],
            country=given["default_country"].upper(),
            currency=given["default_currency"].upper(),
        )


def _why_not(run: ImportRun, _by: Actor) -> str | None:
    return why_not_import(run)


@admin.register(ImportRun)
class ImportRunAdmin(FactAdmin):
    """Imports, the newest first; a running one shows how far it is."""

    form = UploadForm
    list_display = (
        "pk", "kind", "file_name", "is_dry_run", "state", "rows", "imported", "known", "changed", "refused", "left_out",
        "requested_by", "requested_at",
    )  # fmt: skip
    list_filter = ("kind", "state", "is_dry_run")
    search_fields = ("=sha256", "file_name")
    change_form_before_template = "admin/import_run.html"
    object_actions = (
        ObjectAction(
            "import", "Import this file", import_after_dry_run, MAY_IMPORT,
            "The import has begun; it stands on top of the list.",
            why_not=_why_not, explains="Rows with problems are left out, unless it is all or nothing. Nobody is told.",
        ),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Supervisors and finance upload."""
        return bool(request.user.has_perm(MAY_IMPORT))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The upload, or what the page above does not say."""
        if obj is None:
            return ("kind", "form", "file", "is_all_or_nothing", "default_country", "default_currency")
        return ("kind", "form", "file_name", "sha256", "size", "is_dry_run", "is_all_or_nothing", "default_country",
                "default_currency", "requested_by", "requested_at", "finished_at")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Everything, once it is asked for."""
        return self.get_fields(request, obj) if obj is not None else ()

    def get_urls(self) -> list[Any]:
        """Add the address the page asks for progress, and the file of problems."""
        view = self.admin_site.admin_view
        return [
            path("<int:run_id>/progress/", view(self.progress), name="ledger_importrun_progress"),
            path("<int:run_id>/problems.csv", view(self.problems), name="ledger_importrun_problems"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the file and have it tried."""
        run = request_import(form.cleaned_data["file"], order=form.order(), by=actor_of(request), at=timezone.now())
        obj.pk = run.pk

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show a refusal in its own words."""
        try:
            page: HttpResponse = super().add_view(request, form_url, extra_context)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
        return page

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Go to the page that shows what the file would do."""
        messages.success(request, "The file is being tried; this page shows what it would do.")
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:ledger_importrun_change", args=[obj.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an import with its counts, totals and problems."""
        shown = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if shown is not None:
            more |= _figures(shown)
        page: HttpResponse = super().change_view(request, object_id, form_url, more)
        return page

    def progress(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Show the figures as they are now, for the page that asks every two seconds."""
        return render(request, "admin/_import_run_figures.html", _figures(self._shown(request, run_id)))

    def problems(self, request: HttpRequest, run_id: int) -> StreamingHttpResponse:
        """Give every problem as a CSV file."""
        run = self._shown(request, run_id)
        answer = StreamingHttpResponse(_problem_lines(run), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{run.pk}-problems.csv"'
        return answer

    def _shown(self, request: HttpRequest, run_id: int) -> ImportRun:
        shown = self.get_object(request, str(run_id))
        if shown is None or not self.has_view_permission(request, shown):
            raise PermissionDenied
        found: ImportRun = shown
        return found


def _figures(run: ImportRun) -> dict[str, Any]:
    return {
        "run": run,
        "totals": read_totals(run.totals),
        "problems": list(run.problems.order_by("line", "pk")[:SHOWN]),
        "is_at_work": run.state in (ImportRun.State.WAITING, ImportRun.State.RUNNING),
    }


class _Echo:
    """Hands back what a CSV writer writes."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def _problem_lines(run: ImportRun) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(("line", "id", "what", "problem"))
    found = run.problems.order_by("line", "pk").values_list("line", "external_id", "kind", "message")
    for line, external_id, kind, message in found.iterator(chunk_size=1000):
        yield writer.writerow((line, _harmless(external_id), kind, _harmless(message)))


def _harmless(text: str) -> str:
    """Return a text that a spreadsheet shows and does not compute."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@admin.register(ImportProblem)
class ImportProblemAdmin(FactAdmin):
    """Rows that were not imported, over all imports."""

    list_display = ("run", "line", "external_id", "kind", "message")
    list_filter = ("kind",)
    list_select_related = ("run",)
    search_fields = ("=external_id",)
    raw_id_fields = ("run",)
