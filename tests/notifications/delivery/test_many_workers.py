"""Several workers at once, some of them killed: every message once, in order."""

from __future__ import annotations

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from notifications.delivery.models import Message
from notifications.delivery.operations import deliver_due_messages, queue_message
from tests.conftest import NOW

SYSTEM = Actor.system("test")

pytestmark = pytest.mark.django_db(transaction=True)


def queue_twelve_each(names: str) -> None:
    for name in names:
        customer = open_customer(
            name=name, country="DE", currency="EUR", email=f"{name}@mail.example", by=SYSTEM, at=NOW
        )
        for number in range(1, 13):
            queue_message(
                key=f"{name}:{number}",
                customer_id=customer.pk,
                template="payment_received",
                values={"amount": f"{number:02d}"},
                at=NOW,
            )


def arrivals() -> dict[str, list[str]]:
    """Return what each recipient got, in the order it arrived."""
    by_recipient: dict[str, list[str]] = {}
    for each in mail.outbox:
        by_recipient.setdefault(each.to[0], []).append(each.subject[-2:])
    return by_recipient


def test_four_workers_send_every_message_once_and_in_order():
    queue_twelve_each("abc")
    start = threading.Barrier(4)

    def work(_: int) -> int:
        try:
            start.wait()
            # What one worker holds, the others pass over: sweep until nothing is left, as the clock does.
            return sum(deliver_due_messages(at=NOW + timedelta(minutes=sweep)) for sweep in range(12))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(work, range(4)))
    sent += deliver_due_messages(at=NOW + timedelta(minutes=20))

    assert sent == 36
    assert arrivals() == {f"{name}@mail.example": [f"{n:02d}" for n in range(1, 13)] for name in "abc"}


def test_one_in_five_tries_failing_changes_neither_number_nor_order(settings):
    settings.EMAIL_BACKEND = "tests.notifications.delivery.flaky.FlakyBackend"
    queue_twelve_each("abc")
    random.seed(20)

    sweeps = itertools.count(1)
    while Message.objects.filter(state="queued").exists():
        deliver_due_messages(at=NOW + timedelta(minutes=10 * next(sweeps)))

    assert arrivals() == {f"{name}@mail.example": [f"{n:02d}" for n in range(1, 13)] for name in "abc"}


def test_the_same_cause_queued_by_eight_at_once_is_one_message():
    customer = open_customer(name="Ada", country="DE", currency="EUR", email="ada@mail.example", by=SYSTEM, at=NOW)
    start = threading.Barrier(8)

    def queue(_: int) -> int:
        try:
            start.wait()
            return queue_message(
                key="event:1",
                customer_id=customer.pk,
                template="payment_received",
                values={"amount": "1"},
                at=NOW,
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(queue, range(8)))) == 1
    assert Message.objects.count() == 1
