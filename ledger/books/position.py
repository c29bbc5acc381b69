"""What customers owed on a day: balances, movements, open bills and their age, as effective and as known then.

Everything is added up from postings, so it agrees with the control accounts on any day, however it is cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.books import chart, position_sql
from ledger.money import Money

#: Code of each account of `NET_ACCOUNTS`: what is owed to us counts up, what we owe counts down.
NET_CODES = ("receivable", "receivable_disputed", "customer_credit", "credit_promised", "refunds_payable")


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry that changed what a customer owes: above zero they owe more. `document` is the number it came from."""

    entry_id: int
    effective_on: date
    posted_at: datetime
    kind: str
    source: str
    reason: str
    amount: Money
    document: str


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What was asked for of one bill on a day."""

    invoice_id: int
    number: str
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class AgedRow:
    """What one customer owed in one currency; the parts by days overdue add up to `due` with `unallocated`."""

    customer_id: int
    due: Money
    disputed: Money
    not_yet_due: Money
    days_1_to_30: Money
    days_31_to_60: Money
    days_61_to_90: Money
    over_90_days: Money

    @property
    def unallocated(self) -> Money:
        """What stands in the books and on no bill, e.g. an entry corrected by hand."""
        aged = self.not_yet_due + self.days_1_to_30 + self.days_31_to_60 + self.days_61_to_90 + self.over_90_days
        return self.due - aged


def held_on(customer_id: int, day: date, *, known_at: datetime | None = None) -> dict[tuple[str, str], Money]:
    """Return every account of a customer on a day, in natural sign, by (account, currency)."""
    rows = _rows(position_sql.HELD_ON, _asked(customer_id, day, known_at))
    return {
        (code, currency): Money(chart.nature(code).side.sign * int(minor), currency) for code, currency, minor in rows
    }


def net_of(held: Mapping[tuple[str, str], Money], currency: str) -> Money:
    """Return what a customer owes all in all; below zero we owe them."""
    total = Money(0, currency)
    for code in NET_CODES:
        amount = held.get((code, currency), Money(0, currency))
        total = total + amount if chart.nature(code).side is chart.Side.DEBIT else total - amount
    return total


def movements(
    customer_id: int, currency: str, first: date, last: date, *, known_at: datetime | None = None
) -> list[Movement]:
    """Return what changed what a customer owes from one day to another, both included, oldest first."""
    asked = {**_asked(customer_id, last, known_at), "first": first, "currency": currency}
    return [Movement(*(*row[:6], Money(int(row[6]), currency), row[7])) for row in _rows(position_sql.MOVEMENTS, asked)]


def currencies_of(customer_id: int) -> list[str]:
    """Return the currencies in which a customer has owed or been owed anything."""
    return [row[0] for row in _rows(position_sql.CURRENCIES, {"owner": f"customer:{customer_id}"})]


def open_items(customer_id: int, day: date, *, known_at: datetime | None = None) -> list[OpenItem]:
    """Return the bills that were asked for on a day, the oldest debt first; what was paid ahead is below zero."""
    rows = _rows(position_sql.OPEN_ITEMS, _asked(customer_id, day, known_at))
    return [OpenItem(pk, number, due_on, Money(int(minor), currency)) for pk, number, currency, due_on, minor in rows]


def aged_page(
    day: date, *, after: int = 0, limit: int = 500, known_at: datetime | None = None
) -> tuple[list[AgedRow], int | None]:
    """Return what customers with an id above `after` owed on a day, and the id to go on from; None at the end."""
    asked = {"day": day, "known_at": known_at, "after": after, "limit": limit}
    rows = [
        AgedRow(row[0], *(Money(int(minor), row[1]) for minor in row[2:]))
        for row in _rows(position_sql.AGED_PAGE, asked)
    ]
    last = _rows(position_sql.LAST_OF_PAGE, asked)[0][0]
    return rows, None if last is None else int(last)


def _asked(customer_id: int, day: date, known_at: datetime | None) -> dict[str, Any]:
    return {"owner": f"customer:{customer_id}", "day": day, "known_at": known_at}


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
