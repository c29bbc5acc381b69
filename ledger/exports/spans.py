"""The days an export covers."""

from __future__ import annotations

from datetime import date

from ledger.books.journal import first_day
from ledger.errors import InvalidInput


class SpanEmpty(InvalidInput):
    """The last day lies before the first, or there is nothing to export."""


def span_of(first: date | None, last: date | None, *, today: date) -> tuple[date, date]:
    """Return the days to export: by default from the first entry up to today.

    :raises SpanEmpty: if there are none
    """
    begins, ends = first or first_day(), last or today
    if begins is None:
        raise SpanEmpty("There are no entries yet.")
    if ends < begins:
        raise SpanEmpty("The last day of an export is not before its first.")
    return begins, ends
