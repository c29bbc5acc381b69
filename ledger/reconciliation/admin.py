"""Files are taken and breaks worked here; lines are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction, actor_of, as_money
from ledger.events.operations import record_event
from ledger.reconciliation.models import Break, SettlementFile, SettlementLine
from ledger.reconciliation.operations import resolve_break, take_settlement_file
from ledger.reconciliation.parked_models import ParkedReport

MAY_RECONCILE = "billing_desk.books.close"


class FileForm(forms.Form):
    """One file, what it is and whose it is."""

    file = forms.FileField()
    format = forms.ChoiceField(choices=SettlementFile.Format.choices)
    account = forms.CharField(max_length=60, help_text="The provider (sandbox, stripe) or the bank account (IBAN)")


@admin.register(SettlementFile)
class SettlementFileAdmin(FactAdmin):
    """What banks and providers sent, with its control figures."""

    list_display = (
        "name",
        "account",
        "format",
        "lines_count",
        "known_before",
        "first_on",
        "last_on",
        "open_breaks",
        "taken_at",
    )
    list_filter = ("format", "account")
    list_before_template = "admin/settlement_files.html"

    def get_urls(self) -> list[Any]:
        """Add the address a file is sent to."""
        view = self.admin_site.admin_view(self.take)
        return [path("take/", view, name="ledger_settlementfile_take"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the files with the form that takes another one."""
        more = {**(extra_context or {}), "may_take": request.user.has_perm(MAY_RECONCILE), "file_form": FileForm()}
        more["take_address"] = reverse(f"{self.admin_site.name}:ledger_settlementfile_take")
        page: HttpResponse = super().changelist_view(request, more)
        return page

    def take(self, request: HttpRequest) -> HttpResponse:
        """Take a file; a refusal is shown in its own words."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by, at = actor_of(request), timezone.now()
        if not request.user.has_perm(MAY_RECONCILE):
            why = f"no permission {MAY_RECONCILE}"
            record_event(kinds.ACCESS_REFUSED, subject="settlementfile:new", customer_id=None, by=by, at=at, why=why)
            raise PermissionDenied
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            messages.error(request, "Please choose a file, its format, and whose it is.")
        else:
            self._take(request, form, by=by, at=at)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:ledger_settlementfile_changelist"))

    def _take(self, request: HttpRequest, form: FileForm, *, by: Actor, at: Any) -> None:
        given = form.cleaned_data
        try:
            taken = take_settlement_file(
                given["file"].file,
                name=given["file"].name,
                format=given["format"],
                account=given["account"],
                by=by,
                at=at,
            )
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return
        if taken.taken_at != at:
            messages.warning(request, f"This file was taken before, as {taken.name}. Nothing has changed.")
        else:
            breaks = taken.breaks.filter(state=Break.State.OPEN).count()
            messages.success(request, f"{taken.lines_count} lines are taken; {breaks} differences wait for an answer.")

    @admin.display(description="Open differences")
    def open_breaks(self, file: SettlementFile) -> int:
        """Show how many differences are still open."""
        return file.breaks.filter(state=Break.State.OPEN).count()


@admin.register(SettlementLine)
class SettlementLineAdmin(FactAdmin):
    """Every movement that was told of, with what it belongs to."""

    list_display = (
        "line_ref",
        "account",
        "booked_on",
        "kind",
        as_money("amount_minor"),
        "reference",
        "payment",
        "refund",
    )
    list_filter = ("kind", "is_reversal", "account")
    list_select_related = ("payment", "refund")
    search_fields = ("=line_ref", "=reference", "=payment__number", "=refund__number")


def _why_not(gap: Break, _by: Actor) -> str | None:
    return None if gap.state == Break.State.OPEN else "It is closed."


def _closing(how: str) -> Callable[..., Break]:
    return partial(resolve_break, how=how)


@admin.register(Break)
class BreakAdmin(FactAdmin):
    """What differs between files and books; each is closed with what it was."""

    list_display = (
        "pk",
        "kind",
        "file",
        "reference",
        "line",
        "payment",
        "refund",
        as_money("in_books_minor"),
        as_money("in_file_minor"),
        "state",
        "how",
    )
    list_filter = ("state", "kind", "how")
    list_select_related = ("file", "line", "payment", "refund")
    search_fields = ("=line__reference", "=reference", "=payment__number", "=refund__number")
    object_actions = tuple(
        ObjectAction(
            how.value, label, _closing(how.value), MAY_RECONCILE, "It is closed.", asks="Why", asks_as="note",
            why_not=_why_not,
        )
        for how, label in (
            (Break.How.BOOKED, "It is booked now"),
            (Break.How.TIMING, "It comes with a later file"),
            (Break.How.SENDER_ERROR, "The sender corrects it"),
            (Break.How.NOT_OURS, "It is not our money"),
            (Break.How.ACCEPTED, "Accept it as it is"),
        )
    )  # fmt: skip


@admin.register(ParkedReport)
class ParkedReportAdmin(FactAdmin):
    """What gateways reported of things we had not heard of: it is placed by itself, or shown as a difference."""

    list_display = ("kind", "reference", "state", "parked_at", "tries", "try_again_at", "subject")
    list_filter = ("state", "kind")
    search_fields = ("=reference", "=subject")
