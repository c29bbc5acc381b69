"""What an agent should see: their queue page, oldest promise first, fast at any number of tickets.

Each queue (or the agent's own list) is read by its index and cut to one page before the lists are merged, so the cost
depends on the page, not on the tickets. Counts stop at COUNT_CAP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.db import connection
from django.db.models import Exists, Q

from ledger.errors import InvalidInput
from tickets.queues.models import Membership, Queue

Filter = Literal["mine", "team", "breaching", "waiting"]
FILTERS: tuple[Filter, ...] = ("mine", "team", "breaching", "waiting")
COUNT_CAP = 1000
#: A promise that is due within this time counts as breaching.
SOON = timedelta(hours=1)

SOURCES = {
    "mine": (
        """FROM (VALUES ('open'), ('waiting')) AS part(state) CROSS JOIN LATERAL (
            SELECT t.* FROM tickets_ticket t WHERE t.assignee_id = %(user)s AND t.state = part.state"""
    ),
    "team": (
        """FROM unnest(%(queues)s::bigint[]) AS part(queue_id) CROSS JOIN LATERAL (
            SELECT t.* FROM tickets_ticket t WHERE t.queue_id = part.queue_id AND t.state = 'open'"""
    ),
    "breaching": (
        """FROM unnest(%(queues)s::bigint[]) AS part(queue_id) CROSS JOIN LATERAL (
            SELECT t.* FROM tickets_ticket t WHERE t.queue_id = part.queue_id AND t.state = 'open'
              AND t.sort_at < COALESCE(%(at)s::timestamptz, now()) + %(soon)s::interval"""
    ),
    "waiting": (
        """FROM unnest(%(queues)s::bigint[]) AS part(queue_id) CROSS JOIN LATERAL (
            SELECT t.* FROM tickets_ticket t WHERE t.queue_id = part.queue_id AND t.state = 'waiting'"""
    ),
}
AFTER = " AND (t.sort_at, t.id) > (%(after_at)s::timestamptz, %(after_id)s::bigint)"
#: The key before every ticket: pages begin here, so that one statement with one plan serves them all.
BEGINNING = (datetime(1, 1, 2, tzinfo=UTC), 0)
PAGE_END = """
            ORDER BY t.sort_at, t.id LIMIT %(limit)s
        ) t
        JOIN tickets_queue q ON q.id = t.queue_id
        LEFT JOIN ledger_customer c ON c.id = t.customer_id
        ORDER BY t.sort_at, t.id LIMIT %(limit)s"""
PAGE_COLUMNS = """SELECT t.id, t.subject, t.requester, t.requester_name, t.customer_id, c.name AS customer_name,
        t.state, t.topic, t.priority, t.channel, t.language, t.queue_id, q.name AS queue_name, t.assignee_id,
        t.sort_at, t.opened_at, t.last_message_at, t.reopened_count, t.version """
COUNT = "SELECT count(*) FROM (SELECT 1 "
COUNT_END = " LIMIT %(cap)s) t LIMIT %(cap)s) capped"

PAGES = {name: PAGE_COLUMNS + source + AFTER + PAGE_END for name, source in SOURCES.items()}
# Counting reads the index alone, never a ticket.
COUNTS = {name: COUNT + source.replace("t.*", "1") + COUNT_END for name, source in SOURCES.items()}


@dataclass(frozen=True)
class QueuePage:
    """One page: rows as mappings, the key of the next page (None on the last), and the capped counts of every tab."""

    rows: list[dict[str, Any]]
    next_key: tuple[datetime, int] | None
    counts: dict[str, int]


def queues_of(user_id: int) -> list[int]:
    """Return the queues a member of staff works; all of them for who is a member of none."""
    own = Membership.objects.filter(user_id=user_id)
    queues = Queue.objects.filter(Q(pk__in=own.values("queue_id")) | ~Exists(own))
    return list(queues.order_by("id").values_list("pk", flat=True))


def teams_of(user_id: int) -> list[str]:
    """Return the names of the queues somebody is a member of: the teams they belong to."""
    return list(Queue.objects.filter(memberships__user_id=user_id).order_by("name").values_list("name", flat=True))


def queue_page(
    user_id: int | None = None,
    *,
    queue_ids: Sequence[int] | None = None,
    filter: str = "team",
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
    at: datetime | None = None,
) -> QueuePage:
    """Return one page of tickets, the soonest promise first, after the key of the last page.

    `at` decides what is breaching; by default the database's own clock.

    :raises InvalidInput: if there is no such filter
    """
    if filter not in PAGES:
        raise InvalidInput(f"A queue shows mine, team, breaching or waiting tickets, not {filter!r}.")
    values = _values(user_id, queue_ids, at)
    limit = max(1, min(limit, 200))
    after_at, after_id = after or BEGINNING
    values |= {"limit": limit + 1, "after_at": after_at, "after_id": after_id}
    with connection.cursor() as cursor:
        cursor.execute(PAGES[filter], values)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        counts = _counts(cursor, values)
    shown = rows[:limit]
    next_key = (shown[-1]["sort_at"], shown[-1]["id"]) if len(rows) > limit else None
    return QueuePage(shown, next_key, counts)


def queue_counts(
    user_id: int | None = None, *, queue_ids: Sequence[int] | None = None, at: datetime | None = None
) -> dict[str, int]:
    """Return how many tickets each filter holds; COUNT_CAP means "that many or more"."""
    with connection.cursor() as cursor:
        return _counts(cursor, _values(user_id, queue_ids, at))


def _values(user_id: int | None, queue_ids: Sequence[int] | None, at: datetime | None) -> dict[str, Any]:
    if queue_ids is None:
        queue_ids = queues_of(user_id) if user_id is not None else list(Queue.objects.values_list("pk", flat=True))
    return {"user": user_id, "queues": list(queue_ids), "at": at, "soon": SOON, "cap": COUNT_CAP}


def _counts(cursor: Any, values: dict[str, Any]) -> dict[str, int]:
    counts = {}
    for name, statement in COUNTS.items():
        wanted = {key: value for key, value in values.items() if f"%({key})s" in statement}
        cursor.execute(statement, wanted)
        counts[name] = int(cursor.fetchone()[0])
    return counts
