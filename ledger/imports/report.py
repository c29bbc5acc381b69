"""What one import found: counts, control totals, and its problems, which wait outside memory and outside the database.

A dry run rolls back everything it wrote, so its problems are written down only afterwards.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import IO

from ledger.imports.models import ImportProblem
from ledger.imports.rows import CustomerRow, InvoiceRow, Row

IMPORTED, KNOWN, CHANGED, REFUSED, LEFT_OUT = "imported", "known", "changed", "refused", "left_out"
#: So many problems are written by one statement.
BATCH = 1000
LONGEST_MESSAGE = 1000
#: Problems beyond so many characters go to a file.
_SPOOLED = 1024 * 1024


@contextlib.contextmanager
def report() -> Iterator[Report]:
    """Give an empty report; its problems are gone afterwards, unless they were written down."""
    with tempfile.SpooledTemporaryFile(_SPOOLED, mode="w+", encoding="utf-8") as spool:
        yield Report(spool)


class Report:
    """Counts, totals per currency, and problems in the order they were found."""

    def __init__(self, spool: IO[str]) -> None:
        self._spool = spool
        self.counts: Counter[str] = Counter()
        self.totals: dict[str, Counter[str]] = {}

    @property
    def looked_at(self) -> int:
        """How many rows were counted so far."""
        return self.counts.total()

    def count(self, what: str, row: Row | None) -> None:
        """Count a row, and its amount where it has one."""
        self.counts[what] += 1
        amount = amount_of(row)
        if amount is not None:
            currency, minor = amount
            self.totals.setdefault(currency, Counter())[what] += minor

    def add_problem(self, line: int, external_id: str, kind: str, message: str) -> None:
        """Keep what is wrong with a row."""
        self._spool.write(json.dumps([line, external_id, kind, message[:LONGEST_MESSAGE]]) + "\n")

    def write_problems(self, run_id: int) -> None:
        """Write every problem down, in place of those an earlier try of the same run left."""
        ImportProblem.objects.filter(run_id=run_id).delete()
        self._spool.seek(0)
        found: Iterator[str] = iter(self._spool)
        while batch := list(islice(found, BATCH)):
            ImportProblem.objects.bulk_create(
                ImportProblem(run_id=run_id, line=line, external_id=external_id, kind=kind, message=message)
                for line, external_id, kind, message in map(json.loads, batch)
            )


def amount_of(row: Row | None) -> tuple[str, int] | None:
    """Return what a row brings into the books, in minor units: what is owed on a bill, a customer's credit."""
    if isinstance(row, InvoiceRow):
        return row.currency, row.owed
    if isinstance(row, CustomerRow) and row.credit:
        return row.currency, row.credit
    return None
