"""The proof of the books: every figure recomputed from the postings, the first that differs named.

It trusts no trigger: a superuser can switch them off, so each law is checked again on what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from ledger.books import claims, proof_sql


@dataclass(frozen=True, slots=True)
class Extent:
    """How much the books hold; `head` is the last seal's hash, to be kept outside the database."""

    entries: int
    postings: int
    accounts: int
    sealed_to: int
    head: str


def first_break() -> str | None:
    """Return the first place where the books do not hold, in one sentence, or None; reads one snapshot."""
    with transaction.atomic():
        # As the first statement of a transaction this gives all checks one snapshot; inside another it changes nothing.
        if len(connection.savepoint_ids) == 0:
            _first("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for sql in proof_sql.CHECKS:
            found = _first(sql)
            if found is not None:
                return str(found[0])
        for sentence, sql in claims.CLAIMS:
            found = _first(sql)
            if found is not None:
                return f"{sentence} But not here: {', '.join(str(value) for value in found)}"
    return None


def extent() -> Extent:
    """Return how much there is to prove."""
    with connection.cursor() as cursor:
        cursor.execute(proof_sql.EXTENT)
        return Extent(*cursor.fetchone())


def _first(sql: str) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row: tuple[object, ...] | None = cursor.fetchone() if cursor.description else None
        return row
