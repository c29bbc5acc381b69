"""The queue pane: what is next and why; take the next ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from billing_desk.templatetags.words import actor_words
from billing_desk.workspace.access import needs, say, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.people import staff_names
from ledger.errors import DomainError
from tickets.queues import operations, queries
from tickets.queues.pausing import live_pauses

TABS = (("mine", "Mine"), ("team", "Team"), ("breaching", "Breaching"), ("waiting", "Waiting"))
EMPTY = {
    "mine": ("Nothing is assigned to you", "Take the next ticket: it is the one whose promise ends first."),
    "team": ("Your queues are empty", "Everything has somebody who looks after it."),
    "breaching": ("Nothing is late", "No promised time ends in the next hour."),
    "waiting": ("Nobody has to answer us", "Tickets stand here while the customer has the next word."),
}


@dataclass(frozen=True)
class QueuePane:
    """What the left pane shows."""

    view: str
    tabs: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    older: str
    empty: tuple[str, str]
    pauses: list[str]


def queue_pane(request: HttpRequest) -> QueuePane:
    """Return the pane in the view the member of staff last chose; the same few queries however long the queue is."""
    chosen = request.GET.get("view") or request.session.get("queue_view") or ""
    view = chosen if chosen in EMPTY else "mine"
    user_id, now = int(request.user.pk or 0), timezone.now()
    page = queries.queue_page(user_id, filter=view, after=_after(request), at=now)
    if not page.rows and not chosen:
        view, page = "team", queries.queue_page(user_id, filter="team", at=now)
    if chosen and request.session.get("queue_view") != view:
        request.session["queue_view"] = view
    tabs = [
        {"view": key, "label": label, "count": _capped(page.counts[key]), "is_on": key == view} for key, label in TABS
    ]
    older = ""
    if page.next_key:
        moment, ticket_id = page.next_key
        older = "/desk/?" + urlencode({"view": view, "after": f"{moment.isoformat()}|{ticket_id}"})
    return QueuePane(view, tabs, list(page.rows), older, EMPTY[view], _pauses(user_id))


def _pauses(user_id: int) -> list[str]:
    """Return a sentence for each queue of theirs that is paused."""
    paused = live_pauses()
    own = queries.queues_of(user_id) if paused else []
    people = staff_names() if paused else {}
    return [
        f"{pause.queue} is paused, no new case of it is handed out: {pause.why} "
        f"{actor_words(pause.paused_by, people)}, {date_format(localtime(pause.paused_at), 'j F H:i')}"
        for queue_id, pause in paused.items()
        if queue_id in own
    ]


def _after(request: HttpRequest) -> tuple[datetime, int] | None:
    """Read the key of the last row seen; a broken one starts from the top."""
    moment, bar, ticket_id = request.GET.get("after", "").partition("|")
    try:
        return (datetime.fromisoformat(moment), int(ticket_id)) if bar else None
    except ValueError:
        return None


def _capped(count: int) -> str:
    return f"{queries.COUNT_CAP}+" if count >= queries.COUNT_CAP else str(count)


@needs("desk.open")
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show the queue with no ticket open; with htmx, the queue pane alone."""
    shown = {"queue": queue_pane(request), "pane": "queue"}
    if request.headers.get("HX-Target") == "queue":
        return render(request, "workspace/queues/_queue.html", shown)
    return render(request, "workspace/queues/page.html", shown)


@needs("ticket.work")
@require_POST
def next_ticket(request: HttpRequest) -> HttpResponse:
    """Take the ticket whose promise ends first, assign it, open it."""
    try:
        ticket = operations.take_next_ticket(by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, "/desk/", refusal=str(refusal))
    if ticket is None:
        paused = " ".join(_pauses(int(request.user.pk or 0)))
        say(request, paused or "Nothing is waiting in your queues. Well done.")
        return redirect("/desk/?view=team")
    return redirect(f"/desk/tickets/{ticket.pk}/?pane=case")
