"""How much waits in each queue, and what of it is late: for whoever decides about queues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tickets.queues.models import Queue, QueuePause
from tickets.queues.pausing import live_pauses
from tickets.queues.queries import COUNT_CAP, SOON

# Each count reads one part of an index and stops at the cap.
LOADS = """
SELECT q.id,
    (SELECT count(*) FROM (SELECT 1 FROM tickets_ticket t WHERE t.queue_id = q.id AND t.state = 'open'
        AND t.assignee_id IS NULL LIMIT %(cap)s) a),
    (SELECT count(*) FROM (SELECT 1 FROM tickets_ticket t WHERE t.queue_id = q.id AND t.state = 'open'
        AND t.sort_at < %(at)s AND EXISTS (SELECT 1 FROM tickets_clock c WHERE c.ticket_id = t.id
            AND c.state = 'running' AND c.due_at < %(at)s) LIMIT %(cap)s) b),
    (SELECT count(*) FROM (SELECT 1 FROM tickets_ticket t WHERE t.queue_id = q.id AND t.state = 'open'
        AND t.sort_at < %(soon)s AND EXISTS (SELECT 1 FROM tickets_clock c WHERE c.ticket_id = t.id
            AND c.state = 'running' AND c.due_at >= %(at)s AND c.due_at < %(soon)s) LIMIT %(cap)s) d)
FROM tickets_queue q
"""


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """One queue: what nobody has yet, what is late, what is promised within the hour, and what pauses it."""

    queue: Queue
    unassigned: int
    late: int
    due_soon: int
    pause: QueuePause | None

    @property
    def is_capped(self) -> bool:
        """Whether more wait than are counted."""
        return self.unassigned >= COUNT_CAP


def queue_loads(*, at: datetime) -> list[QueueLoad]:
    """Return every queue by name with its load, in three queries however many cases there are."""
    pauses = live_pauses()
    with connection.cursor() as cursor:
        cursor.execute(LOADS, {"cap": COUNT_CAP, "at": at, "soon": at + SOON})
        counts = {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}
    loads = []
    for queue in Queue.objects.order_by("name"):
        unassigned, late, due_soon = counts.get(queue.pk, (0, 0, 0))
        loads.append(QueueLoad(queue, unassigned, late, due_soon, pauses.get(queue.pk)))
    return loads
