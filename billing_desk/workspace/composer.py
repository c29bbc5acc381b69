"""Reply and note, templates, and the check of every figure in a reply."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing_desk.workspace.access import needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.drafting import Draft, draft_for
from billing_desk.workspace.tickets import open_case, show
from ledger.errors import DomainError
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_note
from tickets.replies.boundary import MAY_OVERRIDE, AdviceInReply, OverrideNotAllowed, refer_instead
from tickets.replies.drafts import check_figures, fill
from tickets.replies.models import ReplyTemplate
from tickets.replies.operations import send_reply


@needs("ticket.work")
@require_POST
def reply(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Send a reply; with `resolve` the case is answered, with `next` the agent goes back for the next one."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    typed, key, version = request.POST.get("text", ""), request.POST.get("key", ""), request.POST.get("version", "")
    resolves = "resolve" in request.POST
    try:
        send_reply(
            ticket_id,
            text=typed,
            by=staff_actor(request),
            at=timezone.now(),
            version=int(version) if version.isdigit() else None,
            resolve=resolves,
            key=key or None,
            advice_reason=request.POST.get("advice_reason", ""),
        )
    except (AdviceInReply, OverrideNotAllowed) as refusal:
        return _advises(request, found, text=typed, refusal=str(refusal), key=key)
    except DomainError as refusal:
        return _again(request, found, mode="reply", text=typed, refusal=str(refusal), key=key)
    done = "Sent and resolved." if resolves else "Sent. The customer has the next word."
    return go(request, f"/desk/tickets/{ticket_id}/", done=done)


@needs("ticket.work")
@require_POST
def note(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Add a note only the team can read."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    typed = request.POST.get("text", "")
    try:
        add_note(ticket_id, text=typed, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return _again(request, found, mode="note", text=typed, refusal=str(refusal))
    return go(request, f"/desk/tickets/{ticket_id}/", done="Note added; only the team reads it.")


@needs("ticket.work")
@require_POST
def use_template(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Put a template, filled from the live account, below what is typed already."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    typed, refusal = request.POST.get("text", "").rstrip(), ""
    chosen = ReplyTemplate.objects.filter(pk=_number(request.POST.get("template"))).first()
    if chosen is not None:
        try:
            filled = fill(chosen, found)
            typed = f"{typed}\n\n{filled}" if typed else filled
        except DomainError as problem:
            refusal = str(problem)
    draft = draft_for(found, text=typed, refusal=refusal, key=request.POST.get("key", ""))
    return _composer(request, found, draft, status=200)


@needs("ticket.work")
@require_POST
def check(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Say which amounts of the typed reply match nothing on the customer's account."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    typed, strange = request.POST.get("text", ""), []
    if found.customer_id is not None and typed.strip():
        strange = [str(amount) for amount in check_figures(typed, found.customer_id)]
    shown = {"strange": strange, "is_checked": any(letter.isdigit() for letter in typed), "ticket": found}
    return render(request, "workspace/tickets/_figures.html", shown)


@needs("ticket.work")
@require_POST
def refer(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Put the referral in the place of what only an adviser may say; the rest of the reply stays."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    text = refer_instead(request.POST.get("text", ""), found.language)
    return _composer(request, found, draft_for(found, text=text, key=request.POST.get("key", "")), status=200)


def _advises(request: HttpRequest, ticket: Ticket, *, text: str, refusal: str, key: str) -> HttpResponse:
    """Show a reply that advises with the way out of it: the referral, or a supervisor's reason."""
    may_override = bool(staff_actor(request).roles & MAY_OVERRIDE)
    draft = draft_for(ticket, text=text, refusal=refusal, key=key)
    return _composer(request, ticket, replace(draft, advises=True, may_override=may_override), status=422)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _again(request: HttpRequest, ticket: Ticket, *, mode: str, text: str, refusal: str, key: str = "") -> HttpResponse:
    draft = draft_for(ticket, mode=mode, text=text, refusal=refusal, key=key)
    if request.headers.get("HX-Request"):
        return _composer(request, ticket, draft, status=422)
    return show(request, ticket, draft=draft)


def _composer(request: HttpRequest, ticket: Ticket, draft: Draft, *, status: int) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return show(request, ticket, draft=draft)
    shown = {"draft": draft, "ticket": ticket, "may_work": True}
    return render(request, "workspace/tickets/_composer.html", shown, status=status)
