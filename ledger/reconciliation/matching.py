"""Match the lines of a file with payments and refunds, list what differs, close what time has answered; set-based."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.reconciliation import matching_sql
from ledger.reconciliation.models import Break, SettlementFile


def match_lines(file: SettlementFile) -> None:
    """Set the match of every line of the file's account that has none yet: a payment may have been booked since."""
    given: dict[str, Any] = {"account": file.account, "file": file.pk}
    with connection.cursor() as cursor:
        for statement in (*matching_sql.MATCH_PAYMENTS, matching_sql.MATCH_BILLS, *matching_sql.MATCH_REFUNDS):
            cursor.execute(statement, given)


def find_breaks(file: SettlementFile, *, at: datetime) -> dict[str, int]:
    """Write a row for everything that differs; return how many of each kind there are of this file."""
    given: dict[str, Any] = {
        "file": file.pk,
        "account": file.account,
        "is_bank": file.format != SettlementFile.Format.CSV,
        "currencies": sorted(file.totals),
        "first": file.first_on,
        "last": file.last_on,
        "at": at,
    }
    with connection.cursor() as cursor:
        for statement in matching_sql.BREAKS:
            cursor.execute(statement, given)
    counted = file.breaks.values("kind").annotate(rows=Count("pk")).order_by("kind")
    return {row["kind"]: row["rows"] for row in counted}


def settle_answered(*, by: Actor, at: datetime) -> int:
    """Close the breaks that a later file, or a later booking, has answered; return how many."""
    answered = (
        (matching_sql.CAME_LATER, Break.How.TIMING, "A later file has it."),
        (matching_sql.BOOKED_SINCE, Break.How.BOOKED, "It was booked since."),
    )
    closed = 0
    for statement, how, note in answered:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            ids = [row[0] for row in cursor.fetchall()]
        for gap in Break.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=Break.State.OPEN):
            close_break(gap, how=how, note=note, by=by, at=at)
            closed += 1
    return closed


def close_break(gap: Break, *, how: str, note: str, by: Actor, at: datetime) -> None:
    """This will close a locked, open difference with what it was, and record it."""
    gap.resolve(how=how, note=note, by=str(by), at=at)
    gap.save()
    record_event(
        kinds.BREAK_RESOLVED,
        subject=gap,
        customer_id=None,
        by=by,
        at=at,
        difference=gap.kind,
        how=how,
        note=note,
        amount_minor=gap.in_file_minor if gap.in_file_minor is not None else gap.in_books_minor,
        currency=gap.currency,
    )
