"""The whole journal, page by page: however long it is, only one page of it is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from ledger.books import reading_sql
from ledger.books.queries import EntryView, views_of
from ledger.money import Money

PAGE = 1000


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with what it held before a span of days and at its end; a debit above zero."""

    code: str
    customer_id: int | None
    opening: Money
    closing: Money


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let everything read inside see the same state of the books."""
    with transaction.atomic():
        # Only the first statement of a transaction can say so; inside another one it is that one's business.
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def first_day() -> date | None:
    """Return the day of the first entry, None of empty books."""
    found: date | None = _named(reading_sql.FIRST_DAY, {})[0][0]
    return found


def journal(first: date, last: date, *, currency: str = "") -> Iterator[EntryView]:
    """Give every entry that takes effect from `first` to `last`, by id; with a currency, its lines in it only."""
    after = 0
    while True:
        asked = {"after": after, "first": first, "last": last, "currency": currency, "limit": PAGE}
        ids = [entry_id for (entry_id,) in _named(reading_sql.JOURNAL_PAGE, asked)]
        if not ids:
            return
        yield from views_of(_named(reading_sql.JOURNAL_LINES, {"ids": ids, "currency": currency}))
        after = ids[-1]


def journal_totals(first: date, last: date, currency: str) -> tuple[int, Money]:
    """Return how many entries have lines in a currency, and the sum of their debits, which is that of their credits."""
    entries, minor = _named(reading_sql.JOURNAL_TOTALS, {"first": first, "last": last, "currency": currency})[0]
    return int(entries), Money(int(minor), currency)


def accounts(first: date, last: date) -> Iterator[AccountView]:
    """Give every account with what it held before `first` and at the end of `last`, by id."""
    after = 0
    while True:
        page = _named(reading_sql.ACCOUNTS_PAGE, {"after": after, "first": first, "last": last, "limit": PAGE})
        if not page:
            return
        for _, code, owner, currency, opening, closing in page:
            customer = int(owner.partition(":")[2]) if owner else None
            yield AccountView(code, customer, Money(opening, currency), Money(closing, currency))
        after = page[-1][0]


def _named(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
