"""The same story with the worker killed (SIGKILL) at random moments ends in the same books and the same messages."""

from __future__ import annotations

import random
import threading
import time

import pytest
from django.utils import timezone

from ledger.books.proof import first_break
from ledger.books.queries import balance, customer_balances
from ledger.events import sealing
from ledger.events.models import Reaction
from ledger.money import Money
from ledger.refunds.models import Refund
from notifications.delivery.models import Message as Sent
from tests.flows import story
from tests.flows.processes import MailSink, eventually, text_of, worker
from tests.killable import Killable

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 5


class Killer(threading.Thread):
    """Kills the worker five times at random moments; the sixth one finishes the work."""

    def __init__(self, worker: Killable, seed: int) -> None:
        super().__init__()
        self.worker, self.moments, self.kills, self.over = worker, random.Random(seed), 0, threading.Event()

    def run(self) -> None:
        while self.kills < KILLS and not self.over.wait(self.moments.uniform(0.05, 0.8)):
            self.worker.kill()
            self.kills += 1
            self.worker.start()


def all_done() -> bool:
    waiting = Reaction.objects.filter(done_at=None).exists() or Sent.objects.filter(state="queued").exists()
    return not waiting


@pytest.mark.slow
def test_the_story_survives_a_worker_killed_at_five_random_moments():
    story.open_account(at=timezone.now())
    with MailSink() as inbox, worker(inbox.port) as working:
        eventually(all_done)
        inbox.mails.clear()
        killer = Killer(working, seed=20260302)
        killer.start()
        try:
            asked = _tell_the_story(inbox)
            killer.join()
            # The gateway is asked again a minute after a kill left the outcome open; nobody here waits for it.
            Refund.objects.filter(pk=asked.pk, state="submitted").update(try_again_at=timezone.now())
            eventually(lambda: Refund.objects.get(pk=asked.pk).state == "paid")
            eventually(all_done)
        finally:
            killer.over.set()
            killer.join()

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


def _tell_the_story(inbox: MailSink) -> Refund:
    ticket = story.write_in(at=timezone.now())
    # A worker may hold the case at this very moment; then Mia presses "Next" again.
    eventually(lambda: story.take(ticket, at=timezone.now()))
    token = story.ask_who(ticket, at=timezone.now())
    eventually(lambda: _code(inbox))
    story.enter_code(ticket, token, _code(inbox), at=timezone.now())
    opened = story.dispute(ticket, at=timezone.now())
    story.uphold(ticket, opened, at=timezone.now())
    asked = story.refund(ticket, opened, at=timezone.now())
    time.sleep(0.3)
    story.approve(asked, at=timezone.now())
    return asked


def _code(inbox: MailSink) -> str:
    for mail in list(inbox.mails):
        if Sent.objects.filter(message_id=mail["Message-ID"], template__startswith="one_time_code").exists():
            return story.code_in(text_of(mail))
    return ""
