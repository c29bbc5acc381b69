"""A thousand guesses at once: at most the limit is evaluated."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.events.models import Event
from notifications.delivery.models import Message
from tests.conftest import NOW
from verification.models import Challenge, Check
from verification.operations import CodeNotRight, TooManyCodes, answer_challenge, start_check

SYSTEM = Actor.system("test")
MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
THREADS = 16

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return open_customer(
        name="Ada Berg", country="DE", currency="EUR", email="ada@mail.example", by=SYSTEM, at=NOW - timedelta(days=30)
    )


def ask(customer, conversation="ticket:9") -> tuple[str, str]:
    """Start a check; return its token and the code the customer got."""
    check = start_check(customer_id=customer.pk, conversation=conversation, purpose="request_refund", by=MIA, at=NOW)
    return check.challenges.get().token, re.search(r"\d{6}", Message.objects.latest("pk").body)[0]


def all_at_once(work, inputs) -> Counter:
    """Run `work` on many threads and count what came of it."""

    def batch(part) -> list[str]:
        try:
            return [work(given) for given in part]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        parts = [inputs[start::THREADS] for start in range(THREADS)]
        return Counter(outcome for outcomes in pool.map(batch, parts) for outcome in outcomes)


def guess_with(token):
    def guess(code: str) -> str:
        try:
            answer_challenge(token, answer=code, by=Actor.customer(1), at=NOW)
        except CodeNotRight:
            return "not right"
        return "passed"

    return guess


def test_of_a_thousand_wrong_guesses_at_once_three_are_evaluated(ada):
    token, code = ask(ada)
    wrong = [f"{(int(code) + step) % 10**6:06d}" for step in range(1, 1001)]

    assert all_at_once(guess_with(token), wrong) == {"not right": 1000}

    assert Challenge.objects.get().attempts == 3
    assert Event.objects.filter(kind="identity.answer_wrong").count() == 3
    assert Event.objects.filter(kind="identity.locked").count() == 1
    assert Check.objects.get().state == "locked"


def test_the_right_code_sent_a_hundred_times_at_once_passes_once(ada):
    token, code = ask(ada)

    assert all_at_once(guess_with(token), [code] * 100) == {"passed": 1, "not right": 99}

    assert Event.objects.filter(kind="identity.verified").count() == 1


def test_twenty_requests_for_a_code_at_once_send_five(ada):
    def request(number: int) -> str:
        try:
            start_check(customer_id=ada.pk, conversation=f"ticket:{number}", purpose="request_refund", by=MIA, at=NOW)
        except TooManyCodes:
            return "refused"
        return "sent"

    assert all_at_once(request, list(range(20))) == {"sent": 5, "refused": 15}
    assert Message.objects.count() == 5
