"""Approvals: what waits for somebody else's word, and giving it; the freeze of refunds; locked identity checks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from billing_desk.workspace import waiting
from billing_desk.workspace.access import can, needs, staff_actor, why_not
from billing_desk.workspace.answers import go
from billing_desk.workspace.deciding import decide
from billing_desk.workspace.people import staff_names
from billing_desk.workspace.refund_figures import refund_figures
from ledger.authority.freezing import live_freeze
from ledger.authority.models import AuthorityLimit
from ledger.authority.queries import last_approval
from ledger.errors import DomainError
from ledger.refunds.freezing import freeze_refunds, unfreeze_refunds
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund
from verification.queries import locked_checks

#: How long a locked identity check stays in sight of the supervisors.
LOCKS_SHOWN_FOR = timedelta(days=1)
PAGE = "/desk/approvals/"


@needs("desk.open")
@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """List what waits for approval, the oldest first, with the reason where this reader may not decide."""
    return render(request, "workspace/refunds/page.html", _shown(request))


@needs("refund.approve")
@require_POST
def decide_request(request: HttpRequest, approval_id: int, decision: str) -> HttpResponse:
    """Say yes or no to any request that waits; a refusal is shown where the button was, with what was typed."""
    reason = request.POST.get("reason", "").strip()
    try:
        done = decide(approval_id, decision, reason=reason, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return _refused(request, approval_id, str(refusal), typed=reason)
    return go(request, PAGE, done=done)


def _refused(request: HttpRequest, approval_id: int, why: str, *, typed: str = "") -> HttpResponse:
    """Show a refusal where the button was, with what was typed; on top where the request has left the list."""
    shown = _shown(request)
    is_listed = any(row.approval.pk == approval_id for row in shown["rows"])
    shown |= {"refused_id": approval_id if is_listed else None, "refusal": why, "typed": typed}
    return render(request, "workspace/refunds/page.html", shown, status=422)


def _refund_refused(request: HttpRequest, refund_id: int, why: str, *, typed: str = "") -> HttpResponse:
    if request.POST.get("back"):
        return go(request, _back(request), refusal=why)
    asked = last_approval(f"refund:{refund_id}")
    return _refused(request, asked.pk if asked else 0, why, typed=typed)


@needs("refund.freeze")
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Stop every approval and payment of refunds at once."""
    try:
        freeze_refunds(why=request.POST.get("why", ""), by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, _back(request), refusal=str(refusal))
    return go(request, _back(request), done="Refunds are frozen. Customers who wait because of it are told.")


@needs("refund.freeze")
@require_POST
def unfreeze(request: HttpRequest, freeze_id: int) -> HttpResponse:
    """Let refunds go on; who has one of their own waiting needs a second person."""
    try:
        freeze = unfreeze_refunds(freeze_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, _back(request), refusal=str(refusal))
    if freeze.lifted_at is None:
        asked = "A refund of your own waits, so a second person has to lift the freeze. Your wish is noted."
        return go(request, _back(request), refusal=asked)
    return go(request, _back(request), done="Refunds go on.")


@needs("refund.approve")
@require_POST
def approve(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Say yes, from the account pane, to a refund somebody else asked for."""
    try:
        refund = approve_refund(refund_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return _refund_refused(request, refund_id, str(refusal))
    if refund.state == refund.State.REQUESTED:
        return go(
            request, _back(request), done=f"You have agreed to refund {refund.number}; somebody else has to as well."
        )
    return go(request, _back(request), done=f"Refund {refund.number} of {refund.amount} is approved and goes out now.")


@needs("refund.approve")
@require_POST
def decline(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Say no, from the account pane, with the reason the customer reads."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return _refund_refused(request, refund_id, "Please say why, so that your colleague can explain it.")
    try:
        refund = decline_refund(refund_id, reason=reason, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return _refund_refused(request, refund_id, str(refusal), typed=reason)
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
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else PAGE


def _shown(request: HttpRequest) -> dict[str, Any]:
    return {
        "rows": waiting.rows(by=staff_actor(request), forbidden=why_not(request, "refund.approve"), at=timezone.now()),
        "people": staff_names(),
        "locks": _locks() if can(request, "refund.approve") else [],
        "frozen": live_freeze(AuthorityLimit.Act.REFUND),
        "may_freeze": can(request, "refund.freeze"),
        "figures": refund_figures(at=timezone.now()) if can(request, "refund.freeze") else None,
    }


def _locks() -> list[dict[str, Any]]:
    """Return the identity checks that too many wrong answers locked lately, with the case each happened in."""
    rows = []
    for check in locked_checks(since=timezone.now() - LOCKS_SHOWN_FOR):
        kind, _, number = check.conversation.partition(":")
        rows.append({"check": check, "ticket_id": number if kind == "ticket" else ""})
    return rows
