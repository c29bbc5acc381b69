"""The run page: what a billing run did and does, what it could not bill, and the button that starts one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from ledger.billing.exceptions import resolve_exception
from ledger.billing.models import BillingException, BillingRun
from ledger.billing.operations import give_up_run, request_run
from ledger.billing.queries import RunView, view_run
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction, actor_of
from ledger.events.operations import record_event

MAY_RUN = "billing_desk.billing.run"


def _why_not_stop(run: BillingRun, _by: Actor) -> str | None:
    return None if run.state == BillingRun.State.RUNNING else "The run is over."


def _why_not_close(found: BillingException, _by: Actor) -> str | None:
    return "It is closed." if found.resolved_at else None


@admin.register(BillingRun)
class BillingRunAdmin(FactAdmin):
    """Billing runs, the newest first; a running one shows how far it is."""

    list_display = (
        "pk",
        "state",
        "shown_billed",
        "exceptions",
        "shown_totals",
        "shown_control",
        "started_at",
        "started_by",
    )
    list_filter = ("state",)
    list_before_template = "admin/billing_run_list.html"
    change_form_before_template = "admin/billing_run.html"
    object_actions = (
        ObjectAction(
            "stop", "Stop this run", give_up_run, MAY_RUN, "The run stops before its next step.",
            asks="Why it is stopped", why_not=_why_not_stop,
            explains="What it billed stays billed; the next run does the rest.",
        ),
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what the page above does not say."""
        return ("as_of", "started_by", "started_at", "worker", "takeovers", "finished_at", "note")

    def get_urls(self) -> list[Any]:
        """Add the address that starts a run, and the one the page asks for progress."""
        view = self.admin_site.admin_view
        return [
            path("start/", view(self.start), name="ledger_billingrun_start"),
            path("<int:run_id>/progress/", view(self.progress), name="ledger_billingrun_progress"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the runs with the button that starts one."""
        more = {**(extra_context or {}), "may_run": request.user.has_perm(MAY_RUN)}
        more["running"] = BillingRun.objects.filter(state=BillingRun.State.RUNNING).first()
        more["start_address"] = reverse(f"{self.admin_site.name}:ledger_billingrun_start")
        page: HttpResponse = super().changelist_view(request, more)
        return page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a run with its figures and its exceptions."""
        shown = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if shown is not None:
            more |= {"run": shown, "view": view_run(shown)}
        return super().change_view(request, object_id, form_url, more)

    def start(self, request: HttpRequest) -> HttpResponse:
        """Start a run; a refusal is shown in its own words."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by, at = actor_of(request), timezone.now()
        if not request.user.has_perm(MAY_RUN):
            why = f"no permission {MAY_RUN}"
            record_event(kinds.ACCESS_REFUSED, subject="billingrun:new", customer_id=None, by=by, at=at, why=why)
            raise PermissionDenied
        try:
            run = request_run(by=by, at=at)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse(f"{self.admin_site.name}:ledger_billingrun_changelist"))
        messages.success(request, "The run has started; this page shows how far it is.")
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:ledger_billingrun_change", args=[run.pk]))

    def progress(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Show the figures of a run as they are now, for the page that asks every two seconds."""
        shown = self.get_object(request, str(run_id))
        if shown is None or not self.has_view_permission(request, shown):
            raise PermissionDenied
        figures: RunView = view_run(shown)
        return render(request, "admin/_billing_run_figures.html", {"run": shown, "view": figures})

    @admin.display(description="Periods billed")
    def shown_billed(self, run: BillingRun) -> str:
        """Show how many of how many, while it runs."""
        return f"{run.billed:,} ({run.progress} %)" if run.state == BillingRun.State.RUNNING else f"{run.billed:,}"

    @admin.display(description="Billed")
    def shown_totals(self, run: BillingRun) -> str:
        """Show what was billed with tax."""
        return ", ".join(amount.display() for amount in run.billed_amounts) or "nothing"

    @admin.display(description="Books agree", boolean=True)
    def shown_control(self, run: BillingRun) -> bool:
        """Show whether the books ask for exactly what was billed."""
        return run.is_balanced


@admin.register(BillingException)
class BillingExceptionAdmin(FactAdmin):
    """What could not be billed, and why."""

    list_display = ("pk", "shown_customer", "subscription", "due_on", "reason", "times", "seen_at", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "code")
    list_select_related = ("customer", "subscription", "first_run", "last_run")
    search_fields = ("=customer__number",)
    object_actions = (
        ObjectAction(
            "resolve", "Close by hand", resolve_exception, MAY_RUN, "It is closed.",
            asks="Why it needs no bill", why_not=_why_not_close,
            explains="While the subscription is still due, the next run puts it on the list again.",
        ),
    )  # fmt: skip

    @admin.display(description="Customer", ordering="customer__number")
    def shown_customer(self, found: BillingException) -> str:
        """Show the customer with a way to the account."""
        address = reverse(f"{self.admin_site.name}:ledger_customer_change", args=[found.customer_id])
        return format_html('<a href="{}">{}</a>', address, found.customer)
