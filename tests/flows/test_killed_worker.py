"""The same story with the worker killed (SIGKILL) at random moments ends in the same books and the same messages."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from ledger.books.proof import first_break
from ledger.books.queries import balance, customer_balances
from ledger.events import sealing
from ledger.events.models import Reaction
from ledger.money import Money
from ledger.refunds.models import Refund
from notifications.delivery.models import Message as Sent
from tests import plugin
from tests.flows import story
from tests.runtime.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 90
KILLS = 5


class Sink:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # named by aiosmtpd
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    def first_of_each(self) -> list[Mail]:
        """Return the mails without the repetitions a kill may cause: those carry the Message-ID of the first."""
        return list({mail["Message-ID"]: mail for mail in reversed(self.mails)}.values())[::-1]


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler, port = Sink(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


class Killer:
    """Runs a worker and kills it five times at random moments; the sixth one finishes the work."""

    def __init__(self, smtp_port: int, seed: int) -> None:
        self.environment = {
            **os.environ,
            "DATABASE_URL": plugin.database_url(),
            "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "LOG_LEVEL": "ERROR",
        }
        self.moments = random.Random(seed)
        self.kills = 0
        self.process = self._start()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._kill_now_and_then)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.worker"], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE
        )
        assert process.stdout
        assert process.stdout.readline() == b"working\n"
        return process

    def _kill_now_and_then(self) -> None:
        while self.kills < KILLS and not self.over.wait(self.moments.uniform(0.05, 0.8)):
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.kills += 1
            self.process = self._start()

    def end(self) -> None:
        self.over.set()
        if self.thread.ident:
            self.thread.join()
        self.process.kill()
        self.process.wait()


def eventually(what: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, "the worker did not get there"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_the_story_survives_a_worker_killed_at_random_moments(sink, seed):
    inbox, port = sink
    story.open_account(at=timezone.now())
    killer = Killer(port, seed)
    try:
        eventually(lambda: not Reaction.objects.filter(done_at=None).exists())
        eventually(lambda: not Sent.objects.filter(state="queued").exists())
        inbox.mails.clear()
        killer.thread.start()
        asked = _tell_the_story(inbox)
        eventually(lambda: Refund.objects.get(pk=asked.pk).state == "paid")
        killer.thread.join()
        eventually(lambda: not Reaction.objects.filter(done_at=None).exists())
        eventually(lambda: not Sent.objects.filter(state="queued").exists())
    finally:
        killer.end()

    assert killer.kills == KILLS
    sent = {message.message_id: message.template.partition(".")[0] for message in Sent.objects.all()}
    told = [sent[mail["Message-ID"]] for mail in inbox.first_of_each()]
    # A code does not queue behind other messages: it is worthless in ten minutes.
    assert sorted(told) == sorted(story.MESSAGES)
    assert [key for key in told if key != "one_time_code"] == [key for key in story.MESSAGES if key != "one_time_code"]
    assert not any(amount for amount in customer_balances(asked.customer_id).values())
    assert balance("cash", "EUR") == Money(2975, "EUR")
    assert first_break() is None
    while sealing.seal_events():
        continue
    assert sealing.first_broken() is None


def _tell_the_story(inbox: Sink):
    ticket = story.write_in(at=timezone.now())
    story.take(ticket, at=timezone.now())
    token = story.ask_who(ticket, at=timezone.now())
    eventually(lambda: any(_code(mail) for mail in inbox.mails))
    code = next(found for mail in inbox.mails if (found := _code(mail)))
    story.enter_code(ticket, token, code, at=timezone.now())
    opened = story.dispute(ticket, at=timezone.now())
    story.uphold(ticket, opened, at=timezone.now())
    asked = story.refund(ticket, opened, at=timezone.now())
    time.sleep(0.3)
    story.approve(asked, at=timezone.now())
    return asked


def _code(mail: Mail) -> str:
    sent = Sent.objects.filter(message_id=mail["Message-ID"], template__startswith="one_time_code").first()
    if sent is None:
        return ""
    text = mail.get_payload(0).get_payload(decode=True) if mail.is_multipart() else mail.get_payload(decode=True)
    return story.code_in(text.decode())
