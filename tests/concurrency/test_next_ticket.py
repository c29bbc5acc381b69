"""Twenty agents take the next ticket at once: nobody gets the same one, and every ticket is taken."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from ledger.events.actor import Actor
from tests.conftest import NOW
from tickets.conversations.models import Ticket
from tickets.queues.models import Queue
from tickets.queues.operations import take_next_ticket
from tickets.sla.defaults import ensure_defaults

TICKETS, WORKERS = 5_000, 20


def _open_many(count: int) -> None:
    queues = list(Queue.objects.order_by("id"))
    Ticket.objects.bulk_create(
        (
            Ticket(
                requester=f"customer-{number}@example.com",
                subject=f"Question {number}",
                channel="email",
                priority=1 + number % 3,
                queue=queues[number % len(queues)],
                sort_at=NOW + timedelta(minutes=number % 97),
                token=str(uuid.uuid4()),
                opened_at=NOW,
                last_message_at=NOW,
            )
            for number in range(count)
        ),
        batch_size=1000,
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_workers_take_five_thousand_tickets_and_never_one_twice():
    ensure_defaults()
    _open_many(TICKETS)
    taken: list[tuple[int, int]] = []
    problems: list[BaseException] = []

    def work(user_id: int) -> None:
        agent = Actor.agent(user_id)
        try:
            while ticket := take_next_ticket(by=agent, at=NOW):
                taken.append((ticket.pk, user_id))
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(user_id,)) for user_id in range(1, WORKERS + 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert problems == []
    assert max(Counter(ticket for ticket, _ in taken).values()) == 1
    assert len(taken) == TICKETS
    assert dict(Ticket.objects.values_list("pk", "assignee_id")) == dict(taken)
