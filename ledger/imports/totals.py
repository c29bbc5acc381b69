"""Control totals of an import: what the file says beside what the books hold of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ledger.imports.report import CHANGED, IMPORTED, KNOWN, REFUSED, Report
from ledger.money import Money

#: The entry that takes a row over, and the customer's account it moves.
ENTRIES = {"customers": ("opening_credit", "customer_credit"), "invoices": ("opening_receivable", "receivable")}

_IN_BOOKS = """
SELECT p.currency, abs(sum(p.amount_minor))::bigint
FROM ledger_importedrecord r
JOIN ledger_journalentry e ON e.key = %(kind)s || ':' || r.subject
JOIN ledger_posting p ON p.entry_id = e.id
JOIN ledger_account a ON a.id = p.account_id AND a.code = %(account)s
WHERE r.run_id = %(run)s GROUP BY p.currency
"""
_MOVED_BY = """
SELECT p.currency, abs(sum(p.amount_minor))::bigint
FROM unnest(%(keys)s::text[]) AS k (key)
JOIN ledger_journalentry e ON e.key = k.key
JOIN ledger_posting p ON p.entry_id = e.id
JOIN ledger_account a ON a.id = p.account_id AND a.code = %(account)s
GROUP BY p.currency
"""


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """One currency of an import: the file is what was imported, was there before, and was refused; the books agree."""

    in_file: Money
    imported: Money
    before: Money
    refused: Money
    in_books: Money

    @property
    def difference(self) -> Money:
        """What the books have less than was imported: nothing, or something is wrong."""
        return self.imported - self.in_books


def control_totals(report: Report, books: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the totals per currency as they are kept with the run; rows that could not be read are in none."""
    found = []
    for currency in sorted(report.totals.keys() | books.keys()):
        counted = report.totals.get(currency, Counter())
        found.append(
            {
                "currency": currency,
                "in_file": counted.total(),
                "imported": counted[IMPORTED],
                "before": counted[KNOWN] + counted[CHANGED],
                "refused": counted[REFUSED],
                "in_books": books.get(currency, 0),
            }
        )
    return found


def in_books(run_id: int, kind: str) -> dict[str, int]:
    """Return what the books hold of a run's rows, per currency."""
    if kind not in ENTRIES:
        return {}
    entry, account = ENTRIES[kind]
    return _sums(_IN_BOOKS, {"kind": entry, "account": account, "run": run_id})


def moved_by(keys: Sequence[str], account: str) -> dict[str, int]:
    """Return what entries moved on customers' accounts of one code, per currency."""
    return _sums(_MOVED_BY, {"keys": list(keys), "account": account})


def _sums(statement: str, asked: Mapping[str, Any]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return {currency: int(minor) for currency, minor in cursor.fetchall()}


def read_totals(kept: Sequence[Mapping[str, Any]]) -> list[ControlTotal]:
    """Read what `control_totals` returned."""
    names = ("in_file", "imported", "before", "refused", "in_books")
    return [ControlTotal(*(Money(row[name], row["currency"]) for name in names)) for row in kept]
