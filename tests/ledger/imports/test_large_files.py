"""Large files: no plan of the empty tables an import begins with, and a dry run that keeps nobody waiting."""

from __future__ import annotations

import io

import pytest
from django.db import connection

from ledger.imports import engine
from ledger.imports.operations import Order, import_file
from ledger.models import JournalEntry
from tests.conftest import NOW
from tests.ledger.imports.worlds import counts
from tests.ledger.worlds import SYSTEM

pytestmark = pytest.mark.django_db

ROWS = 1500
FILE = "id,name,country,currency,email,credit\n" + "".join(
    f"old-{number},Customer number {number},DE,EUR,customer-{number}@example.com,1.00\n" for number in range(ROWS)
)
#: The lock that every posting shares and the sealer wants alone (ledger_seal_entries).
LOCK = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7301 AND objid = 1 AND pid = pg_backend_pid()
"""


def asked(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


class Watched(io.BytesIO):
    """A file that notes, as it is read on, how many rows are written and whether the sealer would wait."""

    def __init__(self, seen: list[tuple[int, int]]) -> None:
        super().__init__(FILE.encode())
        self.seen, self.lines = seen, 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.lines += 1
        if not self.lines % 150:
            self.seen.append((asked("SELECT count(*) FROM ledger_importedrecord")[0][0], asked(LOCK)[0][0]))
        return super().readline(size)


def test_a_dry_run_posts_every_credit_and_never_holds_up_the_seal_of_the_books(monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 100)
    seen: list[tuple[int, int]] = []

    order = Order("customers", file_name="old.csv", is_dry_run=True)
    run = import_file(lambda: Watched(seen), order=order, by=SYSTEM, at=NOW)

    assert counts(run) == (ROWS, 0, 0, 0, 0)
    assert run.totals[0]["in_books"] == run.totals[0]["imported"] == ROWS * 100
    assert max(written for written, _ in seen) >= 1000  # it was watched while much was written
    assert {held for _, held in seen} == {0}
    assert not JournalEntry.objects.exists()


def test_every_chunk_is_planned_for_the_tables_as_they_are_then(monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 100)

    import_file(lambda: io.BytesIO(FILE.encode()), order=Order("customers"), by=SYSTEM, at=NOW)

    # The statement that took 3 s a chunk at 20,000 customers, by a plan made when there were none.
    found = asked("""
        SELECT sum(custom_plans), sum(generic_plans) FROM pg_prepared_statements
        WHERE statement LIKE '%ledger_contactpoint%' AND statement LIKE '%unnest%'
    """)
    custom, generic = found[0]
    assert custom >= 10
    assert generic == 0
