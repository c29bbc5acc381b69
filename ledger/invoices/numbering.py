"""Gapless numbers per series and year: taken under a lock, so a rolled-back invoice gives its number back."""

from __future__ import annotations

from django.db import connection, transaction


@transaction.atomic
def next_number(prefix: str, year: int) -> str:
    """Return the next number of a series, e.g. INV-2026-000123; other takers wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_numberseries AS series (prefix, year, last) VALUES (%s, %s, 1) "
            "ON CONFLICT (prefix, year) DO UPDATE SET last = series.last + 1 RETURNING last",
            [prefix, year],
        )
        return f"{prefix}-{year}-{int(cursor.fetchone()[0]):06d}"


def next_numbers(prefix: str, year: int, count: int) -> list[str]:
    """Return the next numbers of a series as one block, in the caller's transaction; other takers wait for its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_numberseries AS series (prefix, year, last) VALUES (%s, %s, %s) "
            "ON CONFLICT (prefix, year) DO UPDATE SET last = series.last + excluded.last RETURNING last",
            [prefix, year, count],
        )
        last = int(cursor.fetchone()[0])
    return [f"{prefix}-{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
