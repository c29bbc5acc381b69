"""What reconciliation says to the close of a month: open differences with settlement files, and where files end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.urls import reverse

from ledger.closing.checklist import BLOCKING, WARN, Item, item
from ledger.closing.months import next_month

# A difference belongs to the month its money moved in, and to every later one until somebody says what it was. What
# only a file lacks often comes with the next one; everything else is money the books have wrong or do not have.
_OPEN = """
SELECT kind = 'missing_in_file', words FROM (
    SELECT b.id, b.kind, coalesce(l.booked_on, p.received_on, (r.closed_at AT TIME ZONE %(zone)s)::date) AS day,
           replace(b.kind, '_', ' ') || ': ' || coalesce(l.line_ref, p.number, r.number) || ' of ' || f.account
           || CASE WHEN b.in_books_minor IS NULL THEN '' ELSE ', books ' || b.in_books_minor END
           || CASE WHEN b.in_file_minor IS NULL THEN '' ELSE ', file ' || b.in_file_minor END
           || ' ' || b.currency AS words
    FROM ledger_break b JOIN ledger_settlementfile f ON f.id = b.file_id
    LEFT JOIN ledger_settlementline l ON l.id = b.line_id
    LEFT JOIN ledger_payment p ON p.id = b.payment_id LEFT JOIN ledger_refund r ON r.id = b.refund_id
    WHERE b.state = 'open') found
WHERE day < %(next)s::date ORDER BY day, id
"""

# Of accounts whose files come: one whose newest ends before the month does has not told everything.
_ENDS_EARLY = """
SELECT account || ': to ' || coalesce(max(last_on)::text, 'no day') FROM ledger_settlementfile
GROUP BY account HAVING coalesce(max(last_on), '-infinity'::date) < %(next)s::date - 1 ORDER BY 1
"""


def settlement_items(month: date, *, zone: str) -> list[Item]:
    """Return the lines of a month's checklist about banks and payment providers; nothing is changed.

    :raises NotAMonth: if `month` is no first day
    """
    asked = {"next": next_month(month), "zone": zone}
    found = _rows(_OPEN, asked)
    wrong = [words for is_missing_in_file, words in found if not is_missing_in_file]
    awaited = [words for is_missing_in_file, words in found if is_missing_in_file]
    ends = [words for (words,) in _rows(_ENDS_EARLY, asked)]
    breaks = f"{reverse('admin:ledger_break_changelist')}?state__exact=open"
    files = reverse("admin:ledger_settlementfile_changelist")
    return [
        item("settlement", "Every difference with a settlement file is explained", BLOCKING, wrong, link=breaks),
        item("settlement_awaited", "Every payment and refund is in a settlement file", WARN, awaited, link=breaks),
        item("settlement_files", "Settlement files reach to the end of the month", WARN, ends, link=files),
    ]


def _rows(statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
