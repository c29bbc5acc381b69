"""Who works a ticket: routing, the next ticket, assignment, handing over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from ledger.errors import InvalidInput
from ledger.events.actor import Actor, ActorKind
from tickets import events
from tickets.conversations.models import Ticket
from tickets.conversations.operations import TicketNotInState, add_note, lock_ticket
from tickets.conversations.recording import record
from tickets.queues.models import Membership, Queue, RoutingRule
from tickets.queues.pausing import NoSuchQueue, refuse_if_paused
from tickets.queues.routing import Rule, choose_queue

#: The queue tickets go to when no rule speaks.
DEFAULT_QUEUE = "billing"

# The head of each queue by its partial index; the best heads first. A queue that is paused gives none, and none is
# paused while a ticket is being taken from it: the locks are shared, takers do not wait for each other.
HEADS = """
SELECT wanted.queue_id, pg_advisory_xact_lock_shared(hashtext('pause:' || wanted.queue_id))
FROM unnest(%(queues)s::bigint[]) AS wanted(queue_id)
CROSS JOIN LATERAL (
    SELECT t.priority, t.sort_at, t.id FROM tickets_ticket t
    WHERE t.queue_id = wanted.queue_id AND t.state = 'open' AND t.assignee_id IS NULL
    ORDER BY t.priority, t.sort_at, t.id LIMIT 1
) head
WHERE NOT EXISTS (SELECT 1 FROM tickets_queuepause p WHERE p.queue_id = wanted.queue_id AND p.resumed_at IS NULL)
ORDER BY head.priority, head.sort_at, head.id
"""

# What another worker is taking at this moment is skipped, not waited for.
TAKE = """
UPDATE tickets_ticket SET assignee_id = %(user)s, assigned_at = %(at)s, version = version + 1
WHERE id = (
    SELECT t.id FROM tickets_ticket t
    WHERE t.queue_id = %(queue)s AND t.state = 'open' AND t.assignee_id IS NULL
      AND (t.customer_id IS NULL OR t.customer_id IS DISTINCT FROM %(own)s::bigint)
      AND t.topic <> ALL (%(excluded)s::text[])
      AND NOT EXISTS (SELECT 1 FROM tickets_queuepause p WHERE p.queue_id = t.queue_id AND p.resumed_at IS NULL)
    ORDER BY t.priority, t.sort_at, t.id
    FOR UPDATE SKIP LOCKED LIMIT 1
)
RETURNING *
"""


class NotAMember(InvalidInput):
    """Only a member of staff can be given a ticket."""


class ReasonMissing(InvalidInput):
    """Handing a ticket over needs a reason the next person can work with."""


def route_ticket(*, topic: str, language: str, is_business: bool) -> tuple[int, int]:
    """Return the queue and priority the routing rules choose; the queue "billing" when none does, made if need be."""
    rules = [
        Rule(
            rule.position,
            rule.queue_id,
            tuple(rule.topics),
            tuple(rule.languages),
            rule.only_business_customers,
            rule.priority,
        )
        for rule in RoutingRule.objects.all()
    ]
    chosen = choose_queue(rules, topic, language, is_business)
    if chosen is not None:
        return chosen
    queue, _ = Queue.objects.get_or_create(slug=DEFAULT_QUEUE, defaults={"name": "Billing"})
    return queue.pk, 2


@transaction.atomic
def take_next_ticket(*, by: Actor, at: datetime, queue_ids: Sequence[int] | None = None) -> Ticket | None:
    """This will give an agent the most urgent unassigned open ticket of their queues; None when there is none.

    Never the same ticket twice, however many take at once; never one of the agent's own customer account, nor of a
    topic their membership excludes, nor from a queue that is paused. Without `queue_ids` the queues they are a member
    of count; who is a member of none works all.

    :raises NotAMember: if the doer is not a member of staff
    """
    user_id = _user_id(by)
    queues, excluded = _queues_of(user_id, queue_ids)
    for queue_id in _heads(queues):
        ticket = _take_from(queue_id, user_id, by.customer_id, excluded.get(queue_id, []), at=at)
        if ticket is not None:
            _record_assignment(ticket, to=user_id, by=by, at=at)
            return ticket
    return None


def _user_id(actor: Actor) -> int:
    if actor.kind is not ActorKind.AGENT or not actor.reference.isdigit():
        raise NotAMember("Only a member of staff can be given a ticket.")
    return int(actor.reference)


def _queues_of(user_id: int, queue_ids: Sequence[int] | None) -> tuple[list[int], dict[int, list[str]]]:
    memberships = dict(Membership.objects.filter(user_id=user_id).values_list("queue_id", "excluded_topics"))
    if queue_ids is not None:
        return list(queue_ids), memberships
    if memberships:
        return list(memberships), memberships
    return list(Queue.objects.values_list("pk", flat=True)), {}


def _heads(queues: Iterable[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(HEADS, {"queues": list(queues)})
        return [row[0] for row in cursor.fetchall()]


def _take_from(queue_id: int, user_id: int, own: int | None, excluded: Sequence[str], *, at: datetime) -> Ticket | None:
    values: dict[str, Any] = {"user": user_id, "at": at, "queue": queue_id, "own": own, "excluded": list(excluded)}
    return next(iter(Ticket.objects.raw(TAKE, values)), None)


@transaction.atomic
def assign_ticket(ticket_id: int, *, to: Actor | int, by: Actor, at: datetime) -> Ticket:
    """This will give a ticket to a member of staff, whoever had it before.

    :raises NotAMember: if `to` is not a member of staff
    :raises QueuePaused: if nobody has it yet and its queue is paused; what somebody has may go to a colleague
    :raises OwnAccount: if it would go to the customer themselves, or the doer works on their own account
    :raises TicketNotInState: if it is closed
    """
    ticket = lock_ticket(ticket_id, by=by)
    user_id = _user_id(to) if isinstance(to, Actor) else to
    if isinstance(to, Actor):
        lock_ticket(ticket_id, by=to)
    if ticket.state == Ticket.State.CLOSED:
        raise TicketNotInState(f"Case {ticket.number} is closed.")
    if ticket.assignee_id == user_id:
        return ticket
    if ticket.assignee_id is None:
        refuse_if_paused(ticket.queue)
    _set_assignee(ticket, user_id, at=at)
    _record_assignment(ticket, to=user_id, by=by, at=at)
    return ticket


@transaction.atomic
def release_ticket(ticket_id: int, *, by: Actor, at: datetime) -> Ticket:
    """This will put a ticket back into its queue; harmless when nobody has it."""
    ticket = lock_ticket(ticket_id, by=by)
    if ticket.assignee_id is None:
        return ticket
    released = ticket.assignee_id
    _set_assignee(ticket, None, at=at)
    record(events.TICKET_RELEASED, ticket, by=by, at=at, assignee=f"agent:{released}")
    return ticket


@transaction.atomic
def hand_over_ticket(ticket_id: int, *, to_queue: int | str, reason: str, by: Actor, at: datetime) -> Ticket:
    """This will move a ticket to another team's queue (by id or slug), unassigned, with the reason as a note.

    The clocks go on: the customer's promise does not change because another team answers.

    :raises NoSuchQueue: if there is no such queue
    :raises ReasonMissing: if no reason is given
    :raises TicketNotInState: if it is closed
    """
    ticket = lock_ticket(ticket_id, by=by)
    queue = _find_queue(to_queue)
    if not reason.strip():
        raise ReasonMissing("Please say why, so that the next person can go on from here.")
    if ticket.state == Ticket.State.CLOSED:
        raise TicketNotInState(f"Case {ticket.number} is closed.")
    came_from = ticket.queue.name
    add_note(ticket_id, text=f"Handed over from {came_from} to {queue.name}: {reason.strip()}", by=by, at=at)
    ticket = lock_ticket(ticket_id, by=by)
    ticket.queue = queue
    _set_assignee(ticket, None, at=at)
    record(events.TICKET_HANDED_OVER, ticket, by=by, at=at, from_queue=came_from, to_queue=queue.name)
    return ticket


def _find_queue(queue: int | str) -> Queue:
    by_slug = isinstance(queue, str) and not queue.isdigit()
    found = Queue.objects.filter(slug=queue) if by_slug else Queue.objects.filter(pk=int(queue))
    chosen = found.first()
    if chosen is None:
        raise NoSuchQueue("There is no such queue.")
    return chosen


def _set_assignee(ticket: Ticket, user_id: int | None, *, at: datetime) -> None:
    ticket.assignee_id, ticket.assigned_at = user_id, at if user_id else None
    ticket.version += 1
    ticket.save(update_fields=["queue", "assignee_id", "assigned_at", "version"])


def _record_assignment(ticket: Ticket, *, to: int, by: Actor, at: datetime) -> None:
    record(events.TICKET_ASSIGNED, ticket, by=by, at=at, assignee=f"agent:{to}")
