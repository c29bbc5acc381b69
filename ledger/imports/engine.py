"""Carries an import out: chunk by chunk, each committed, or all of them in one transaction that may be rolled back.

The same code tries and imports; a dry run differs by its rollback. One chunk of one import is written at a time, and a
record with a unique id stands for every row that was, so a second worker or a second run imports nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models.functions import Now

from ledger.billing.bulk import insert_many
from ledger.errors import DomainError
from ledger.imports.customers import write_customers
from ledger.imports.invoices import write_invoices
from ledger.imports.models import ImportedRecord, ImportRun
from ledger.imports.prices import write_prices, write_products
from ledger.imports.reading import Readable
from ledger.imports.report import CHANGED, IMPORTED, KNOWN, LEFT_OUT, REFUSED, Report
from ledger.imports.rows import Placed, Row, fingerprint
from ledger.imports.sources import Asked, rows_of
from ledger.imports.subscriptions import write_subscriptions
from ledger.imports.totals import control_totals, in_books
from ledger.imports.writing import Import, Outcome, among

#: Rows written by one set of statements, and committed together.
CHUNK = 1000
_LOCK = "SELECT pg_advisory_xact_lock(7301, 11)"
#: The driver prepares what it runs again and again, and after some runs the server keeps one plan for it: that of the
#: empty tables an import begins with. Planned anew for each chunk, a join with a thousand values stays one.
_PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
WRITERS: dict[str, Callable[[Sequence[Any], Import], list[Outcome]]] = {
    "customers": write_customers,
    "products": write_products,
    "prices": write_prices,
    "subscriptions": write_subscriptions,
    "invoices": write_invoices,
}


class _TriedOnly(Exception):
    """Rolls back what was tried."""


@dataclass(slots=True)
class Verdict:
    """What is said of one row."""

    placed: Placed
    what: str
    message: str = ""


def carry_out(run: ImportRun, asked: Asked, file: Readable, *, work: Import, report: Report) -> list[dict[str, Any]]:
    """Look at every row of a file that was counted, write what can be, and return the control totals.

    :raises UnreadableFile: if the file changed since it was counted
    """
    if not (run.is_dry_run or run.is_all_or_nothing):
        for verdicts in _chunks(asked, file, work):
            _tell(verdicts, report)
            ImportRun.objects.filter(pk=run.pk).update(done=report.looked_at, beat_at=Now())
        return control_totals(report, in_books(run.pk, asked.kind))
    try:
        with transaction.atomic():
            # While this transaction lasts, the sweep sees the row locked and leaves the run alone.
            ImportRun.objects.select_for_update().get(pk=run.pk)
            for verdicts in _chunks(asked, file, work):
                _tell(verdicts, report)
            totals = control_totals(report, work.tried if run.is_dry_run else in_books(run.pk, asked.kind))
            if run.is_dry_run or report.counts[REFUSED] or report.counts[CHANGED]:
                raise _TriedOnly
    except _TriedOnly:
        if not run.is_dry_run:
            report.counts[LEFT_OUT] += report.counts.pop(IMPORTED, 0)
            totals = []
    return totals


def _chunks(asked: Asked, file: Readable, work: Import) -> Iterator[list[Verdict]]:
    rows = rows_of(asked, file)
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
                cursor.execute(_PLAN_ANEW)
            verdicts = _judge(asked.kind, chunk, work)
        yield verdicts


def _tell(verdicts: Sequence[Verdict], report: Report) -> None:
    for one in verdicts:
        report.count(one.what, one.placed.row)
        if one.message:
            report.add_problem(one.placed.line, one.placed.external_id, one.what, one.message)


def _judge(kind: str, chunk: Sequence[Placed], work: Import) -> list[Verdict]:
    """Write the new rows of a chunk, and say of each what became of it."""
    ids = [placed.external_id for placed in chunk if placed.row is not None]
    records = {one.external_id: one for one in ImportedRecord.objects.filter(among("external_id", ids), kind=kind)}
    lines: dict[str, int] = {}
    verdicts: list[Verdict] = []
    new: list[Verdict] = []
    for placed in chunk:
        verdict = _before_writing(placed, records.get(placed.external_id), lines, work)
        verdicts.append(verdict)
        if placed.row is not None and verdict.what == IMPORTED and placed.external_id not in records:
            new.append(verdict)
    outcomes = _write(kind, [one.placed.row for one in new if one.placed.row is not None], work)
    made = []
    for verdict, outcome in zip(new, outcomes, strict=True):
        if outcome.problems:
            verdict.what, verdict.message = REFUSED, " ".join(outcome.problems)
        else:
            made.append((verdict.placed, outcome))
    _record(kind, made, work)
    return verdicts


def _before_writing(placed: Placed, record: ImportedRecord | None, lines: dict[str, int], work: Import) -> Verdict:
    """Say of a row what can be said without writing it; one that is to be written counts as imported."""
    if placed.row is None:
        return Verdict(placed, REFUSED if placed.problems else LEFT_OUT, " ".join(placed.problems))
    first = lines.setdefault(placed.external_id, placed.line)
    if record is not None and record.run_id == work.run_id:
        first = record.line
    if first != placed.line:
        return Verdict(placed, REFUSED, f"id: {placed.external_id} stands in line {first} already.")
    if record is None or record.run_id == work.run_id:
        return Verdict(placed, IMPORTED)
    if record.fingerprint == fingerprint(placed.row):
        return Verdict(placed, KNOWN)
    why = f"It says something else than when it was imported as {record.subject}; that stays as it is."
    return Verdict(placed, CHANGED, why)


def _record(kind: str, made: Sequence[tuple[Placed, Outcome]], work: Import) -> None:
    """Write down what stands for each row now."""
    if not made:
        return
    columns: dict[str, Sequence[Any]] = {
        "external_id": [placed.external_id for placed, _ in made],
        "subject": [outcome.subject for _, outcome in made],
        "fingerprint": [fingerprint(placed.row) if placed.row else "" for placed, _ in made],
        "line": [placed.line for placed, _ in made],
        "data": [json.dumps(dict(outcome.data)) for _, outcome in made],
    }
    insert_many(ImportedRecord, columns, {"kind": kind, "run_id": work.run_id})


def _write(kind: str, rows: Sequence[Row], work: Import) -> list[Outcome]:
    """Write rows together; when the books or the database refuse, one by one, so that only the wrong ones are lost."""
    if not rows:
        return []
    tried = work.tried.copy()
    try:
        with transaction.atomic():
            return WRITERS[kind](rows, work)
    except OperationalError:
        raise
    except (DomainError, DatabaseError) as problem:
        work.tried = tried
        if len(rows) == 1:
            return [Outcome(problems=(_refusal(problem),))]
    return [outcome for row in rows for outcome in _write(kind, [row], work)]


def _refusal(problem: Exception) -> str:
    """Return the words of a refusal; a law of the database is named as the sentence it is."""
    if isinstance(problem, DomainError):
        return str(problem)
    law = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", None)
    return f"The database refused it: {str(law or 'it does not fit').replace('_', ' ')}."
