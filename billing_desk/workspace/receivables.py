"""Aged receivables: who owes what and since when, page by page, with totals that are those of the books; and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import needs, staff_actor
from billing_desk.workspace.exporting import Line, record_export
from ledger.books.position import AgedRow, aged_page
from ledger.customers.models import Customer
from ledger.invoices.receivables import BUCKETS, aged_totals, control_difference

PAGE = 50
#: Customers of a file that are read by one query.
AT_ONCE = 2000
#: Stretches of that many customers that one page looks through.
STRETCHES = 5
TITLES = ("Not yet due", "1 to 30 days", "31 to 60", "61 to 90", "Over 90")
COLUMNS = (*BUCKETS, "unallocated", "due", "disputed")


@needs("books.view")
@require_GET
def receivables(request: HttpRequest) -> HttpResponse:
    """Show one page of customers who owe something, by number of the customer; totals where they are asked for."""
    day, remark = day_asked_for(request)
    after = request.GET.get("after", "")
    rows, more = one_page(day, int(after) if after.isdecimal() and len(after) < 18 else 0)
    named = Customer.objects.in_bulk({row.customer_id for row in rows})
    shown: dict[str, Any] = {
        "day": day,
        "remark": remark,
        "today": timezone.localdate(),
        "titles": TITLES,
        "rows": [{"row": row, "customer": named[row.customer_id], "amounts": _amounts(row)} for row in rows],
        "more": f"?as_of={day.isoformat()}&after={more}" if more else "",
        "wants_totals": "totals" in request.GET,
    }
    if shown["wants_totals"]:
        shown["totals"] = [{"total": total, "amounts": _amounts(total)} for total in aged_totals(day)]
        shown["differences"] = control_difference(day)
    return render(request, "workspace/billing/receivables.html", shown)


def one_page(day: date, after: int) -> tuple[list[AgedRow], int | None]:
    """Return about a page of rows of customers above an id, and the id to go on from; None where nothing follows.

    Most customers owe nothing, so a stretch of them is read at a time: a few of them at most for one page.
    """
    found: list[AgedRow] = []
    place: int | None = after
    for _ in range(STRETCHES):
        rows, last = aged_page(day, after=place or 0, limit=AT_ONCE)
        found, place = found + rows, last
        if last is None or len(found) > PAGE:
            break
    if len(found) <= PAGE:
        return found, place
    last_shown = found[PAGE - 1].customer_id
    return [row for row in found if row.customer_id <= last_shown], last_shown


def _amounts(row: Any) -> list[Any]:
    return [getattr(row, name) for name in BUCKETS]


def day_asked_for(request: HttpRequest) -> tuple[date, str]:
    """Return the day a page is asked for, today where none is, and what to say where that cannot be."""
    today, text = timezone.localdate(), request.GET.get("as_of", "")
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return today, "That is not a day we can read; these are today's figures."
    if day > today:
        return today, "What will be owed is a forecast; these are today's figures."
    return day, ""


@needs("books.close")
@require_GET
def as_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the whole list of a day as CSV, page by page, so that memory does not grow with it."""
    day, _ = day_asked_for(request)
    record_export("receivables", day, day, by=staff_actor(request), at=timezone.now())
    name = f"receivables-{day.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_csv(day), content_type="text/csv; charset=utf-8", headers=headers)


def _csv(day: date) -> Iterator[str]:
    writer = csv.writer(Line())
    after: int | None = 0
    yield writer.writerow(["customer", "currency", *COLUMNS])
    while after is not None:
        rows, after = aged_page(day, after=after, limit=AT_ONCE)
        ids = {row.customer_id for row in rows}
        numbers = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "number"))
        for row in rows:
            yield writer.writerow(
                [numbers[row.customer_id], row.due.currency, *(_plain(row, name) for name in COLUMNS)]
            )


def _plain(row: AgedRow, name: str) -> str:
    return f"{getattr(row, name).decimal():f}"
