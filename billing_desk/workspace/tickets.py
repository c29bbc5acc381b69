"""The ticket page: conversation, composer, account pane; its live updates."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing_desk.templatetags.words import object_words
from billing_desk.workspace import access
from billing_desk.workspace.access import (
    can,
    is_own_account,
    needs,
    note_view,
    refuse_own_account,
    refused,
    staff_actor,
)
from billing_desk.workspace.answers import go
from billing_desk.workspace.case import Case, case_of
from billing_desk.workspace.drafting import Draft, draft_for
from billing_desk.workspace.panels import PANELS, Panel, commands, why_not
from billing_desk.workspace.queues import queue_pane
from ledger.errors import DomainError, NotFound
from tickets.conversations import queries
from tickets.conversations.models import Ticket
from tickets.conversations.operations import resolve_ticket
from tickets.intake.linking import choose_reference
from tickets.queues.operations import assign_ticket, release_ticket

PANES = ("queue", "case", "account")


def open_case(request: HttpRequest, ticket_id: int) -> Ticket | HttpResponse:
    """Return the ticket, or the refusal when it is of the reader's own account.

    :raises Http404: if there is none
    """
    try:
        ticket = queries.get_ticket(ticket_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    if is_own_account(request, ticket.customer_id):
        return refuse_own_account(request, f"ticket:{ticket_id}", int(ticket.customer_id or 0))
    return ticket


@needs("desk.open")
@require_GET
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Show a ticket with everything about it."""
    found = open_case(request, ticket_id)
    return found if isinstance(found, HttpResponse) else show(request, found)


def show(
    request: HttpRequest, ticket: Ticket, *, draft: Draft | None = None, panel: dict[str, Any] | None = None
) -> HttpResponse:
    """Draw the whole page, with a panel open or a reply kept when there is one."""
    by = staff_actor(request)
    case = case_of(ticket, by=by, at=timezone.now())
    if ticket.customer_id is not None:
        note_view(request, ticket.customer_id, what=f"ticket:{ticket.pk}")
    status = 422 if draft and draft.refusal else _status(panel)
    return render(request, "workspace/tickets/page.html", _shown(request, case, draft, panel), status=status)


def _shown(request: HttpRequest, case: Case, draft: Draft | None, panel: dict[str, Any] | None) -> dict[str, Any]:
    wanted = request.GET.get("pane", "")
    return {
        "queue": queue_pane(request),
        "case": case,
        "ticket": case.ticket,
        "people": case.people,
        "account": case.account,
        "may_work": can(request, "ticket.work"),
        "may_decide": can(request, "dispute.decide"),
        "may_export": can(request, "dispute.export"),
        "may_take_case": can(request, "case.export"),
        "commands": commands(request, case),
        "draft": draft or draft_for(case.ticket),
        "panel": panel,
        "pane": "account" if panel else (wanted if wanted in PANES else "case"),
    }


@needs("desk.open")
@require_GET
def news(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Answer "nothing new" as cheaply as possible, else the conversation and the account pane as they are now."""
    try:
        version = queries.version_of(ticket_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    if str(version) == request.GET.get("v"):
        return HttpResponse(status=204)
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    case = case_of(found, by=staff_actor(request), at=timezone.now())
    shown = _shown(request, case, None, None) | {"is_news": True}
    return render(request, "workspace/tickets/_news.html", shown)


@needs("desk.open")
@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest, ticket_id: int, name: str) -> HttpResponse:
    """Open an inline panel, or do what it was filled in for."""
    spec = PANELS.get(name)
    if spec is None:
        raise Http404("A ticket has no such panel.")
    forbidden = access.why_not(request, spec.permission)
    if forbidden:
        return refused(request, forbidden, subject=f"page:{request.path}"[:60])
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    return run_panel(request, found, spec, f"/desk/tickets/{ticket_id}/{name}")


def run_panel(
    request: HttpRequest,
    ticket: Ticket,
    spec: Panel,
    address: str,
    initial: dict[str, Any] | None = None,
    review: Any = None,
) -> HttpResponse:
    """Show a panel, or act on it; a refusal stands in it with all that was typed.

    What is greyed for now (not verified yet) can still be sent: the operation refuses it and puts that on record.
    """
    by, now = staff_actor(request), timezone.now()
    case = case_of(ticket, by=by, at=now)
    reason = why_not(request, case, spec)
    if reason and (request.method == "GET" or case.account is None):
        return _panel(request, case, {"spec": spec, "address": address, "form": None, "reason": reason})
    given = initial or {key: value for key, value in request.GET.items() if key != "pane"}
    form = spec.form(case, request.POST if request.method == "POST" else None, given)
    if request.method == "POST" and form.is_valid():
        try:
            done = spec.act(case, form.cleaned_data, by, now)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, f"/desk/tickets/{ticket.pk}/", done=done)
    return _panel(request, case, {"spec": spec, "address": address, "form": form, "reason": "", "review": review})


def _panel(request: HttpRequest, case: Case, panel: dict[str, Any]) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return show(request, case.ticket, panel=panel)
    shown = {"panel": panel, "ticket": case.ticket, "account": case.account}
    return render(request, "workspace/tickets/_panel.html", shown, status=_status(panel))


def _status(panel: dict[str, Any] | None) -> int:
    form = panel["form"] if panel else None
    return 422 if form is not None and form.errors else 200


@needs("ticket.work")
@require_POST
def resolve(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Call the case answered, without another word to the customer."""
    try:
        resolve_ticket(ticket_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, f"/desk/tickets/{ticket_id}/", refusal=str(refusal))
    return go(request, f"/desk/tickets/{ticket_id}/", done="Resolved. An answer within a week opens it again.")


@needs("ticket.work")
@require_POST
def choose(request: HttpRequest, ticket_id: int, reference_id: int) -> HttpResponse:
    """Say which of several objects the customer meant."""
    subject = request.POST.get("subject", "")
    try:
        chosen = choose_reference(reference_id, subject=subject, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, f"/desk/tickets/{ticket_id}/", refusal=str(refusal))
    return go(request, f"/desk/tickets/{ticket_id}/", done=f"“{chosen.words}” is {object_words(subject)}.")


@needs("ticket.work")
@require_POST
def take(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Assign the ticket to oneself, or give it back to the queue."""
    by, now = staff_actor(request), timezone.now()
    gives_back = "give_back" in request.POST
    try:
        if gives_back:
            release_ticket(ticket_id, by=by, at=now)
        else:
            assign_ticket(ticket_id, to=by, by=by, at=now)
    except DomainError as refusal:
        return go(request, f"/desk/tickets/{ticket_id}/", refusal=str(refusal))
    return go(request, f"/desk/tickets/{ticket_id}/", done="Back in the queue." if gives_back else "This is yours now.")
