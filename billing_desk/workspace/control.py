"""The control room: pause queues, freeze refunds, change who may give how much; who did it, why, and back again.

Every switch works with the next statement that asks: queues, freezes and limits are read from the database each time.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.workspace.access import can, needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.control_acts import recent_acts
from billing_desk.workspace.limit_form import LimitForm, limit_tables
from billing_desk.workspace.people import staff_names
from ledger.authority.freezing import live_freeze
from ledger.authority.limiting import change_limit, confirm_limit_change, drop_limit_change, undo_limit_change
from ledger.authority.models import AuthorityLimit, LimitChange
from ledger.errors import DomainError
from ledger.refunds.queries import held_back
from tickets.queues.load import queue_loads
from tickets.queues.pausing import pause_queue, resume_queue

PAGE = "/desk/control/"


@needs("control.work")
@require_http_methods(["GET", "POST"])
def control(request: HttpRequest) -> HttpResponse:
    """Show every switch as it stands, and change a limit."""
    form = LimitForm(request.POST if request.method == "POST" else None, initial=_asked_for(request))
    if request.method == "POST" and form.is_valid():
        try:
            change = change_limit(
                form.terms(), why=form.cleaned_data["why"], by=staff_actor(request), at=timezone.now()
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, PAGE, done=_became(change))
    shown = {
        "loads": queue_loads(at=timezone.now()),
        "frozen": live_freeze(AuthorityLimit.Act.REFUND),
        "may_freeze": can(request, "refund.freeze"),
        "held": held_back(),
        "form": form,
        "is_limit_open": bool(form.errors or request.GET.get("limit")),
        "tables": limit_tables(),
        "waiting": LimitChange.objects.filter(in_force_at=None, dropped_at=None).order_by("pk"),
        "me": str(staff_actor(request)),
        "acts": recent_acts(),
        "people": staff_names(),
        "back": PAGE,
    }
    return render(request, "workspace/control/page.html", shown, status=422 if form.errors else 200)


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """Fill the form in with the limit that was chosen from the table."""
    number = request.GET.get("limit", "")
    limit = AuthorityLimit.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    if limit is None:
        return {"currency": "EUR", "window_hours": 24}
    return {
        "role": limit.role, "act": limit.act, "currency": limit.currency, "amount": f"{limit.amount.decimal():f}",
        "window_hours": limit.window_hours,
    }  # fmt: skip


def _became(change: LimitChange) -> str:
    if change.in_force_at:
        return f"In force now: {change}."
    return f"{change}: you would be allowed to give more by it, so it waits for a second person."


@needs("control.work")
@require_POST
def pause(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Stop handing out a queue's cases."""
    try:
        made = pause_queue(queue_id, why=request.POST.get("why", ""), by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, PAGE, refusal=str(refusal))
    return go(request, PAGE, done=f"{made.queue} is paused: no new case of it is handed out.")


@needs("control.work")
@require_POST
def resume(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Hand out a queue's cases again."""
    try:
        made = resume_queue(queue_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, PAGE, refusal=str(refusal))
    return go(request, PAGE, done=f"{made.queue} goes on: the case whose promise ends first comes next.")


@needs("control.work")
@require_POST
def settle_limit(request: HttpRequest, change_id: int, decision: str) -> HttpResponse:
    """Agree to a change of a limit that waits, drop it, or undo one that is in force."""
    decide = {"agree": confirm_limit_change, "drop": drop_limit_change, "undo": undo_limit_change}[decision]
    try:
        change = decide(change_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, PAGE, refusal=str(refusal))
    return go(request, PAGE, done=f"Dropped: {change}." if change.dropped_at else _became(change))
