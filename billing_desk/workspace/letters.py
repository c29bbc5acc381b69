"""Bills on paper: the letters that wait, one file a day to print, and the word that it is printed and posted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from billing_desk.paper_bills import typeset_waiting
from billing_desk.workspace.access import needs, staff_actor, why_not
from billing_desk.workspace.answers import go
from billing_desk.workspace.people import staff_names
from ledger.errors import DomainError
from ledger.printing.operations import file_of, mark_printed, record_download, take_letters
from ledger.printing.queries import batches, get_batch, letters_waiting

HOME = "/desk/billing/letters"
ACT = "billing.run"
#: Letters that are named one by one.
NAMED = 50


@needs("books.view")
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """Show what waits to be printed and the files of the last days."""
    waiting = letters_waiting()
    shown = {
        "many": waiting.count(),
        "waiting": list(waiting[:NAMED]),
        "batches": batches(),
        "why_not": why_not(request, ACT),
        "today": timezone.localdate(),
        "people": staff_names(),
    }
    return render(request, "workspace/billing/letters.html", shown)


@needs(ACT)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take everything that waits into the file of today."""
    by, at = staff_actor(request), timezone.now()
    refused = typeset_waiting(by=by, at=at)
    try:
        batch = take_letters(timezone.localdate(at), by=by, at=at)
    except DomainError as refusal:
        return go(request, HOME, refusal=str(refusal))
    left = f" {len(refused)} could not be typeset and still wait." if refused else ""
    return go(request, HOME, done=f"{batch.letters.count()} letters are in the file of today.{left}")


@needs(ACT)
@require_GET
def fetch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Hand out a file of letters: the same however often it is fetched, and each time is on record."""
    try:
        batch = get_batch(batch_id)
    except DomainError as refusal:
        return go(request, HOME, refusal=str(refusal))
    content = file_of(batch)
    record_download(batch, by=staff_actor(request), at=timezone.now())
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="letters-{batch.day.isoformat()}.pdf"'
    return answer


@needs(ACT)
@require_POST
def printed(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Say that a file is printed and posted."""
    try:
        batch = mark_printed(batch_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, HOME, refusal=str(refusal))
    return go(request, HOME, done=f"The letters of {batch.day:%-d %B} are printed and posted.")
