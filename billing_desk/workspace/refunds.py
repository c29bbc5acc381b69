"""Approvals: what waits for somebody else's word, and giving it; and identity checks that wrong answers locked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from billing_desk.workspace.access import can, needs, staff_actor, why_not
from billing_desk.workspace.answers import go
from billing_desk.workspace.people import staff_names
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund
from ledger.refunds.queries import refunds_waiting, why_not_approve
from verification.queries import locked_checks

#: How long a locked identity check stays in sight of the supervisors.
LOCKS_SHOWN_FOR = timedelta(days=1)


@needs("desk.open")
@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """List what waits for approval, the oldest first, with the reason where this reader may not decide."""
    return render(request, "workspace/refunds/page.html", _shown(request))


@needs("refund.approve")
@require_POST
def approve(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Say yes to a refund somebody else asked for."""
    try:
        refund = approve_refund(refund_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return _refused(request, refund_id, str(refusal))
    return go(request, _back(request), done=f"Refund {refund.number} of {refund.amount} is approved and goes out now.")


@needs("refund.approve")
@require_POST
def decline(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Say no, with the reason the requester reads."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return _refused(request, refund_id, "Please say why, so that your colleague can explain it.")
    try:
        refund = decline_refund(refund_id, reason=reason, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return _refused(request, refund_id, str(refusal), reason=reason)
    return go(request, _back(request), done=f"Refund {refund.number} is declined.")


@needs("refund.request")
@require_POST
def cancel(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Call a refund off before the money leaves."""
    try:
        refund = cancel_refund(refund_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, _back(request), refusal=str(refusal))
    return go(request, _back(request), done=f"Refund {refund.number} is cancelled.")


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("back", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/desk/approvals/"


def _refused(request: HttpRequest, refund_id: int, why: str, *, reason: str = "") -> HttpResponse:
    """Show the refusal where the button was, with what was typed."""
    if request.POST.get("back"):
        return go(request, _back(request), refusal=why)
    shown = _shown(request) | {"refused_id": refund_id, "refusal": why, "typed": reason}
    return render(request, "workspace/refunds/page.html", shown, status=422)


def _shown(request: HttpRequest) -> dict[str, Any]:
    by = staff_actor(request)
    forbidden = why_not(request, "refund.approve")
    rows = [_row(refund, by, forbidden) for refund in refunds_waiting(limit=50)]
    return {"rows": rows, "people": staff_names(), "locks": _locks() if can(request, "refund.approve") else []}


def _locks() -> list[dict[str, Any]]:
    """Return the identity checks that too many wrong answers locked lately, with the case each happened in."""
    rows = []
    for check in locked_checks(since=timezone.now() - LOCKS_SHOWN_FOR):
        kind, _, number = check.conversation.partition(":")
        rows.append({"check": check, "ticket_id": number if kind == "ticket" else ""})
    return rows


def _row(refund: Any, by: Actor, forbidden: str) -> dict[str, Any]:
    greyed = forbidden or why_not_approve(refund, by)
    kind, _, number = refund.conversation.partition(":")
    return {"refund": refund, "why_not": greyed, "ticket_id": number if kind == "ticket" else ""}
