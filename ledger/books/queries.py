"""Reading the books: balances now and on any past day, statements, the trial balance.

Amounts come with their natural sign: a receivable of 25.00 owed is +25.00, a customer credit of 4.00 is +4.00.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.books import chart, reading_sql
from ledger.books.entry import Entry, Line
from ledger.books.proof import first_break
from ledger.money import Money, exponent

__all__ = [
    "EntryView",
    "StatementLine",
    "TrialLine",
    "balance",
    "customer_balances",
    "entries_of",
    "entries_of_all",
    "find_entry",
    "first_break",
    "statement",
    "trial_balance",
]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry's effect on an account, and the balance after it; amounts in natural sign."""

    entry_id: int
    effective_on: date
    posted_at: datetime
    kind: str
    source: str
    reason: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class EntryView:
    """A journal entry with its lines; in `lines` a debit is above zero and a credit below."""

    id: int
    key: str
    kind: str
    customer_id: int | None
    source: str
    effective_on: date
    posted_at: datetime
    actor: str
    reason: str
    reverses: int | None
    lines: tuple[Line, ...]

    def opposite(self, *, reason: str, on: date) -> Entry:
        """Return the entry that undoes this one."""
        return Entry(
            key=f"reversal:{self.id}",
            kind="reversal",
            customer_id=self.customer_id,
            source=self.source,
            effective_on=on,
            lines=tuple(Line(line.account, -line.amount) for line in self.lines),
            reason=reason,
        )


@dataclass(frozen=True, slots=True)
class TrialLine:
    """What all accounts of one code hold together in one currency, on the side where it stands."""

    account: str
    currency: str
    debit: Money
    credit: Money


def balance(account: str, currency: str, *, customer_id: int | None = None, as_of: date | None = None) -> Money:
    """Return the balance of one account: of everything posted, or of what had taken effect by the end of `as_of`.

    :raises UnknownAccount: if the chart has no such account
    :raises CustomerMissing: if the account belongs to a customer and none is named
    :raises UnknownCurrency: if the currency is not one of ISO 4217
    """
    exponent(currency)
    place = [account, chart.owner(account, customer_id), currency]
    rows = _rows(reading_sql.BALANCE, place) if as_of is None else _rows(reading_sql.BALANCE_AS_OF, [*place, as_of])
    return _natural(account, int(rows[0][0]) if rows else 0, currency)


def customer_balances(customer_id: int) -> dict[tuple[str, str], Money]:
    """Return every account of a customer by (account, currency), in one query."""
    rows = _rows(reading_sql.CUSTOMER_BALANCES, [f"customer:{customer_id}"])
    return {(code, currency): _natural(code, int(minor), currency) for code, currency, minor in rows}


def statement(
    customer_id: int,
    currency: str,
    *,
    account: str = "receivable",
    before: tuple[date, int] | None = None,
    limit: int = 50,
) -> list[StatementLine]:
    """Return a customer's account, newest first; `before` is the (effective_on, entry_id) of the last line seen."""
    exponent(currency)
    place = [account, chart.owner(account, customer_id), currency]
    if before is None:
        rows = _rows(reading_sql.STATEMENT, [*place, limit])
    else:
        day, entry_id = before
        rows = _rows(reading_sql.STATEMENT_BEFORE, [*place, day, day, entry_id, day, entry_id, limit])
    return [
        StatementLine(*(*row[:6], _natural(account, int(row[6]), currency), _natural(account, int(row[7]), currency)))
        for row in rows
    ]


def given_as(account: str, customer_ids: Sequence[int], *, since: date) -> list[Money]:
    """Return what entries of some customers put on one of the company's accounts from a day on, per currency."""
    nature = chart.nature(account)
    rows = _rows(reading_sql.MOVED_BY_CUSTOMERS, [account, list(customer_ids), since])
    return [Money(nature.side.sign * int(minor), currency) for currency, minor in rows]


def entries_of(source: str) -> list[EntryView]:
    """Return the journal entries that came from one thing ("refund:42"), oldest first, with their lines."""
    return views_of(_rows(reading_sql.ENTRIES_OF_SOURCE, [source]))


def entries_of_all(sources: Sequence[str]) -> dict[str, list[EntryView]]:
    """Return the journal entries of many things at once, in one query; each source is there, with none or more."""
    found: dict[str, list[EntryView]] = {source: [] for source in sources}
    if found:
        for view in views_of(_rows(reading_sql.ENTRIES_OF_SOURCES, [list(found)])):
            found[view.source].append(view)
    return found


def find_entry(entry_id: int) -> EntryView | None:
    """Return one journal entry with its lines, or None."""
    views = views_of(_rows(reading_sql.ENTRY_BY_ID, [entry_id]))
    return views[0] if views else None


def trial_balance(*, as_of: date | None = None) -> list[TrialLine]:
    """Return every account code with its total per currency; debits equal credits in each currency."""
    rows = _rows(reading_sql.TRIAL_BALANCE, []) if as_of is None else _rows(reading_sql.TRIAL_BALANCE_AS_OF, [as_of])
    lines = []
    for code, currency, minor in rows:
        total, nothing = Money(abs(int(minor)), currency), Money(0, currency)
        lines.append(TrialLine(code, currency, *((total, nothing) if minor > 0 else (nothing, total))))
    return lines


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _natural(account: str, minor: int, currency: str) -> Money:
    return Money(chart.nature(account).side.sign * minor, currency)


def views_of(rows: list[tuple[Any, ...]]) -> list[EntryView]:
    """Put rows of one posting each together: ten columns of the entry, then code, currency, amount."""
    heads: dict[int, tuple[Any, ...]] = {}
    lines: dict[int, list[Line]] = {}
    for row in rows:
        heads[row[0]] = row[:10]
        lines.setdefault(row[0], []).append(Line(row[10], Money(int(row[12]), row[11])))
    return [EntryView(*(*head, tuple(lines[entry_id]))) for entry_id, head in heads.items()]
