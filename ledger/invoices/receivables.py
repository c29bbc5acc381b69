"""Aged receivables: who owes what, and since when, over all customers; the totals are those of the control accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ledger.books.position import AgedRow, aged_page
from ledger.books.queries import trial_balance
from ledger.money import Money

#: The parts of a receivable by days overdue, in order, as columns of `AgedRow` and of a total.
BUCKETS = ("not_yet_due", "days_1_to_30", "days_31_to_60", "days_61_to_90", "over_90_days")


@dataclass(frozen=True, slots=True)
class AgedTotal:
    """What all customers owe in one currency, by days overdue."""

    currency: str
    customers: int
    due: Money
    disputed: Money
    not_yet_due: Money
    days_1_to_30: Money
    days_31_to_60: Money
    days_61_to_90: Money
    over_90_days: Money
    unallocated: Money


def aged_receivables(day: date, *, known_at: datetime | None = None, page: int = 2000) -> Iterator[AgedRow]:
    """Yield what every customer owed on a day, by customer; one query a page, so memory does not grow with them."""
    after: int | None = 0
    while after is not None:
        rows, after = aged_page(day, after=after, limit=page, known_at=known_at)
        yield from rows


def aged_totals(day: date, *, known_at: datetime | None = None) -> list[AgedTotal]:
    """Return the totals per currency; `due` and `disputed` are the control accounts of that day."""
    amounts = ("due", "disputed", *BUCKETS, "unallocated")
    sums: dict[str, list[int]] = {}
    for row in aged_receivables(day, known_at=known_at):
        total = sums.setdefault(row.due.currency, [0] * (len(amounts) + 1))
        total[0] += 1
        for place, name in enumerate(amounts, start=1):
            total[place] += getattr(row, name).minor
    return [
        AgedTotal(currency, count, *(Money(minor, currency) for minor in minors))
        for currency, (count, *minors) in sorted(sums.items())
    ]


def control_difference(day: date) -> list[str]:
    """Return where the report and the control accounts differ, in sentences; empty when they agree, as they must."""
    found = {(total.currency, name): getattr(total, name) for total in aged_totals(day) for name in ("due", "disputed")}
    books = {
        (line.currency, name): line.debit - line.credit
        for line in trial_balance(as_of=day)
        for name, account in (("due", "receivable"), ("disputed", "receivable_disputed"))
        if line.account == account
    }
    return [
        f"{name} in {currency}: report {found.get((currency, name))}, books {books.get((currency, name))}"
        for currency, name in sorted(found.keys() | books.keys())
        if _minor(found.get((currency, name))) != _minor(books.get((currency, name)))
    ]


def _minor(amount: Money | None) -> int:
    return amount.minor if amount else 0
