"""The journal taken out of the house: as Beancount or SAF-T, streamed, and put on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import needs, staff_actor
from billing_desk.workspace.answers import go
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.exports.beancount import beancount_lines
from ledger.exports.saft import saft_lines
from ledger.exports.spans import span_of


class Line:
    """What a CSV writer writes to: it gives each line back."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def record_export(what: str, first: date, last: date, *, by: Actor, at: datetime) -> None:
    """This will put on record that figures of all customers left the house."""
    record_event(
        kinds.BOOKS_EXPORTED, subject="books", customer_id=None, by=by, at=at, what=what,
        first=first.isoformat(), last=last.isoformat(),
    )  # fmt: skip


def _saft(first: date, last: date) -> Iterator[str]:
    return saft_lines(first, last, currency=settings.BOOK_CURRENCY, created_on=timezone.localdate())


#: What can be taken out: how it is written, and the ending and the type of the file.
FORMATS: dict[str, tuple[Callable[[date, date], Iterator[str]], str, str]] = {
    "beancount": (beancount_lines, "beancount", "text/plain; charset=utf-8"),
    "saft": (_saft, "xml", "application/xml; charset=utf-8"),
}


@needs("books.close")
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Hand out the journal of some days in one of the formats."""
    name = request.GET.get("format", "")
    if name not in FORMATS:
        return go(request, "/desk/billing/", refusal="Choose Beancount or SAF-T.")
    write, ending, kind = FORMATS[name]
    try:
        asked = [date.fromisoformat(text) if text else None for text in _days(request)]
        first, last = span_of(*asked, today=timezone.localdate())
        pieces = write(first, last)
    except ValueError:
        return go(request, "/desk/billing/", refusal="Please write the days like 2026-03-31.")
    except DomainError as refusal:
        return go(request, "/desk/billing/", refusal=str(refusal))
    record_export(name, first, last, by=staff_actor(request), at=timezone.now())
    file = f"journal-{first.isoformat()}-{last.isoformat()}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return StreamingHttpResponse(pieces, content_type=kind, headers=headers)


def _days(request: HttpRequest) -> list[str]:
    return [request.GET.get(name, "").strip() for name in ("first", "last")]
