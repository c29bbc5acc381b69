"""pause_queue and resume_queue: stop handing out new work of a queue, at once, and let it go on.

A pause is our decision, so it moves no promise: the clocks of its cases go on as the queue's SLA policy says, what
becomes late is told and made urgent as ever. Cases somebody has go on, and new ones still arrive in the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from tickets import events
from tickets.queues.models import Queue, QueuePause


class QueuePaused(DomainError):
    """New work of this queue is not handed out at the moment."""


class QueueNotPaused(DomainError):
    """Work of this queue is handed out; there is nothing to resume."""


class NoSuchQueue(NotFound):
    """There is no such queue."""


def live_pauses(queue_ids: Sequence[int] | None = None) -> dict[int, QueuePause]:
    """Return what pauses each queue now, by queue, read from the database each time: a pause works at once."""
    live = QueuePause.objects.filter(resumed_at=None).select_related("queue")
    if queue_ids is not None:
        live = live.filter(queue_id__in=queue_ids)
    return {pause.queue_id: pause for pause in live.order_by("queue__name")}


def refuse_if_paused(queue: Queue) -> None:
    """Refuse to hand out work of a paused queue; in a transaction no pause can begin meanwhile.

    :raises QueuePaused: with the reason
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [f"pause:{queue.pk}"])
    pause = live_pauses([queue.pk]).get(queue.pk)
    if pause:
        raise QueuePaused(
            f"{queue.name} is paused, so no new case of it is handed out: {pause.why} A supervisor lets it go on."
        )


@transaction.atomic
def pause_queue(queue_id: int, *, why: str, by: Actor, at: datetime) -> QueuePause:
    """This will stop handing out a queue's cases; once it has returned none is. A paused queue stays as it is paused.

    :raises NoSuchQueue: if there is no such queue
    :raises InvalidInput: if no reason is given
    """
    queue = _lock(queue_id)
    if not 1 <= len(why.strip()) <= 300:
        raise InvalidInput("Say why it is paused, in at most 300 characters; colleagues read it.")
    known = live_pauses([queue.pk]).get(queue.pk)
    if known:
        return known
    pause = QueuePause.objects.create(queue=queue, why=_as_sentence(why), paused_by=str(by), paused_at=at)
    _record(events.QUEUE_PAUSED, pause, by=by, at=at)
    return pause


@transaction.atomic
def resume_queue(queue_id: int, *, by: Actor, at: datetime) -> QueuePause:
    """This will hand out a queue's cases again, the soonest promise first.

    :raises NoSuchQueue: if there is no such queue
    :raises QueueNotPaused: if it is not paused
    """
    queue = _lock(queue_id)
    pause = live_pauses([queue.pk]).get(queue.pk)
    if pause is None:
        raise QueueNotPaused(f"{queue.name} is not paused.")
    pause.resumed_by, pause.resumed_at = str(by), at
    pause.save(update_fields=["resumed_by", "resumed_at"])
    _record(events.QUEUE_RESUMED, pause, by=by, at=at)
    return pause


def _lock(queue_id: int) -> Queue:
    """Wait for those who are being given a case at this moment; whoever asks next finds the queue as we leave it."""
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise NoSuchQueue("There is no such queue.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"pause:{queue_id}"])
    return queue


def _as_sentence(why: str) -> str:
    text = why.strip()
    return text if text[-1] in ".!?…" or len(text) == 300 else f"{text}."


def _record(kind: str, pause: QueuePause, *, by: Actor, at: datetime) -> None:
    name, slug = pause.queue.name, pause.queue.slug
    record_event(kind, subject=pause, customer_id=None, by=by, at=at, queue=slug, name=name, why=pause.why)
