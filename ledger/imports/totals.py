"""Control totals of an import: what the file says beside what the books hold of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ledger.books.control import booked
from ledger.imports.report import CHANGED, IMPORTED, KNOWN, REFUSED, Report
from ledger.money import Money

#: The entry that takes a row over, and the customer's account it moves.
ENTRIES = {"customers": ("opening_credit", "customer_credit"), "invoices": ("opening_receivable", "receivable")}

_SUBJECTS = "SELECT subject FROM ledger_importedrecord WHERE run_id = %s"


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
    with connection.cursor() as cursor:
        cursor.execute(_SUBJECTS, [run_id])
        keys = [f"{entry}:{subject}" for (subject,) in cursor.fetchall()]
    return moved_by(keys, account)


def moved_by(keys: Sequence[str], account: str) -> dict[str, int]:
    """Return how much entries moved on customers' accounts of one code, per currency."""
    return {currency: abs(minor) for currency, minor in booked(keys, account).items()}


def read_totals(kept: Sequence[Mapping[str, Any]]) -> list[ControlTotal]:
    """Read what `control_totals` returned."""
    names = ("in_file", "imported", "before", "refused", "in_books")
    return [ControlTotal(*(Money(row[name], row["currency"]) for name in names)) for row in kept]
