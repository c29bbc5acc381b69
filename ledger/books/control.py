"""Control totals: what entries named by their keys put on one account of customers, read from their postings."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

#: Two plain statements by lists of ids: joined in one, a planner without statistics reads a table per row.
_ENTRIES = "SELECT id FROM ledger_journalentry WHERE key = ANY (%s::text[])"
_BOOKED = """
SELECT p.currency, sum(p.amount_minor)::bigint
FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id AND a.code = %s
WHERE p.entry_id = ANY (%s::bigint[])
GROUP BY p.currency
"""


def booked(keys: Sequence[str], account: str) -> dict[str, int]:
    """Return per currency what the entries with these keys put on an account of this code: debits are positive."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [list(keys)])
        cursor.execute(_BOOKED, [account, [entry_id for (entry_id,) in cursor.fetchall()]])
        return {currency: int(minor) for currency, minor in cursor.fetchall()}
