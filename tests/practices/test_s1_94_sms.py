"""S1-94 by text message: an answer joins what it answers, STOP is obeyed, a shared or strange number learns nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from notifications.delivery.operations import queue_message
from notifications.models import Consent
from notifications.models import Message as Delivered
from notifications.preferences.operations import record_consent, set_preference
from notifications.preferences.queries import has_consent
from tests.conftest import NOW
from tests.practices.conftest import SECRET, told
from tests.tickets.worlds import ANA, now_of, open_ana
from tickets.models import Message, Ticket

NUMBER = "+4930123456"
SENT: list[tuple[str, str]] = []


def send(number: str, text: str) -> str:
    """Stand for the provider's client: keep what leaves."""
    SENT.append((number, text))
    return "accepted"


@pytest.fixture
def texts(settings) -> list[tuple[str, str]]:
    """Text messages can be sent here."""
    SENT.clear()
    settings.SMS_SENDER = f"{__name__}.send"
    return SENT


def text_in(text: str, *, name: str = "sms-1", sender: str = NUMBER, status: int = 202) -> Ticket | None:
    answer = Client(enforce_csrf_checks=True).post(
        "/hooks/sms",
        json.dumps({"id": name, "sender": sender, "text": text}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {SECRET}"},
    )
    assert answer.status_code == status, answer.content
    return Ticket.objects.get(pk=answer.json()["ticket"]) if status == 202 else None


@pytest.fixture
def notice(ana, texts, system, work) -> Delivered:
    """What Ana, who wants text messages, was told about her renewal."""
    record_consent(ana.pk, kind="sms", source="portal", by=system, at=NOW)
    set_preference(ana.pk, channel="sms", by=system, at=NOW)
    values = {"plan": "Plus", "amount": "250.00 EUR", "date": "15 April 2026", "cancel_link": "https://desk.example/"}
    told_her = queue_message(
        key="notice:1", customer_id=ana.pk, template="renewal_notice", values=values, about="subscription:9", at=NOW
    )
    work()
    return told_her


def test_why_by_text_message_opens_a_case_about_the_notice_and_the_next_text_joins_it(ana, notice, clock):
    clock.move_to(NOW + timedelta(hours=1))
    first = text_in("why so much?")
    clock.move_to(NOW + timedelta(hours=2))
    second = text_in("and since when?", name="sms-2")

    assert (first.customer_id, first.channel, first.subject_of_question) == (ana.pk, "sms", "subscription:9")
    assert second.pk == first.pk
    assert [each.text for each in Message.objects.filter(ticket=first, kind="in").order_by("pk")] == [
        "why so much?",
        "and since when?",
    ]


def test_stop_by_text_message_withdraws_consent_and_is_confirmed_elsewhere(ana, notice, texts, work):
    assert [number for number, _ in texts] == [NUMBER]

    ticket = text_in("STOP")
    work()
    work()

    assert not has_consent(ana.pk, "sms")
    (confirmed,) = told("stop_confirmed")
    assert (confirmed.channel, confirmed.recipient) == ("email", ANA)
    assert len(texts) == 1
    assert now_of(ticket).state == "resolved"


def test_the_same_text_message_twice_is_one_message(ana):
    first, again = text_in("I was charged twice"), text_in("I was charged twice")

    assert first.pk == again.pk
    assert Message.objects.filter(kind="in").count() == 1


def test_a_number_two_customers_share_or_nobody_has_is_linked_to_none(ana):
    open_ana(email="second@example.com", phone=NUMBER)

    shared, strange = text_in("balance?"), text_in("balance?", name="sms-2", sender="+15550100")
    named = text_in("win a prize", name="sms-3", sender="LOTTERY")

    assert [each.customer_id for each in (shared, strange, named)] == [None, None, None]
    assert Consent.objects.count() == 0


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_a_text_message_without_words_or_with_far_too_many_is_refused(desk, text):
    text_in(text, status=422)

    assert not Ticket.objects.exists()
