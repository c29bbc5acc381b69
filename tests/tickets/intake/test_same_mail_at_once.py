"""Two workers get the same mail at the same moment: one message, one ticket, one opening event."""

import threading

import pytest
from django.db import connection

from ledger.events.models import Event
from tests.tickets.worlds import mail, open_ana, open_desk, receive
from tickets.conversations.models import Message, Ticket


@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_one_mail_store_it_once():
    open_desk()
    open_ana()
    barrier = threading.Barrier(8)
    got: list[Ticket | None] = []
    problems: list[BaseException] = []

    def work() -> None:
        try:
            barrier.wait()
            got.append(receive(raw=mail()))
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert problems == []
    assert [ticket is not None for ticket in got].count(True) == 1
    assert (Message.objects.count(), Ticket.objects.count()) == (1, 1)
    assert Event.objects.filter(kind="ticket.opened").count() == 1
