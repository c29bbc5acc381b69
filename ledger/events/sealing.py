"""The audit trail's chain: seals committed events in one order, and names the first broken position."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

BATCH = 5000

# Replays the chain in one pass: what each sealed event should hold, from what the event before it does hold.
FIRST_BROKEN = """
WITH chain AS (
    SELECT e AS event, e.id, e.position, e.previous_hash, e.hash,
           lag(e.hash, 1, '') OVER chained AS hash_before,
           lag(e.position, 1, 0::bigint) OVER chained AS position_before
    FROM ledger_event e WHERE e.position IS NOT NULL WINDOW chained AS (ORDER BY e.position)
)
SELECT CASE WHEN position <> position_before + 1 THEN position_before + 1 ELSE position END, id,
       CASE WHEN position <> position_before + 1 THEN 'missing'
            WHEN previous_hash <> hash_before THEN 'out of order'
            ELSE 'changed' END
FROM chain
WHERE position <> position_before + 1 OR previous_hash <> hash_before OR hash <> event_hash(event, hash_before)
ORDER BY position LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold: its position, the event found there, what is wrong with it."""

    position: int
    event_id: int | None
    what: str

    def __str__(self) -> str:
        found = f" (event {self.event_id})" if self.event_id else ""
        return f"audit trail broken at position {self.position}{found}: {self.what}"


def seal_events(*, most: int = BATCH) -> int:
    """Chain the committed events that are not in the chain yet; return how many. Safe to run at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seal_events(%s::integer)", [most])
        return int(cursor.fetchone()[0])


def first_broken() -> Break | None:
    """Return the first broken position of the audit trail, or None when the whole chain holds."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_BROKEN)
        row = cursor.fetchone()
        if row:
            return Break(int(row[0]), int(row[1]), str(row[2]))
        cursor.execute("SELECT position, hash FROM ledger_event_head")
        head = cursor.fetchone()
        cursor.execute(
            "SELECT position, hash FROM ledger_event WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
        )
        last = cursor.fetchone() or (0, "")
    if head != last:
        return Break(int(last[0]) + 1, None, "the end of the chain is missing")
    return None


def chain_length() -> int:
    """Return the position of the last sealed event."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM ledger_event_head")
        return int(cursor.fetchone()[0])
