"""S1-94: STOP and HELP are obeyed and answered, answers to notices work, robots and forgers get nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.delivery.operations import queue_message
from notifications.models import Consent
from notifications.models import Message as Delivered
from notifications.preferences.operations import record_consent, set_preference
from notifications.preferences.queries import has_consent, how_to_reach
from tests.conftest import NOW
from tests.practices.conftest import told
from tests.tickets.worlds import ANA, BEN, STRANGER, now_of, open_ben
from tickets.models import Ticket


@pytest.fixture
def notice(ana):
    """What Ana was told about her renewal."""
    return queue_message(
        key="notice:1",
        customer_id=ana.pk,
        template="renewal_notice",
        values={
            "plan": "Plus",
            "amount": "250.00 EUR",
            "date": "15 April 2026",
            "cancel_link": "https://desk.example/",
        },
        about="subscription:9",
        at=NOW,
    )


#: As mail programs send it: the word above the notice it answers.
ABOVE_A_QUOTE = (
    "STOP\n\nOn Mon, 2 Mar 2026 at 10:00, Nordlicht Billing <billing@nordlicht.example> wrote:\n> Your plan\n"
)


@pytest.mark.parametrize("word", ["STOP", "stop.", " Stop! ", "STOPP", "unsubscribe", ABOVE_A_QUOTE])
def test_stop_withdraws_consent_to_text_messages_and_advertising_and_is_confirmed(
    ana, notice, post_mail, work, system, word
):
    for kind in ("sms", "marketing"):
        record_consent(ana.pk, kind=kind, source="portal", by=system, at=NOW)
    set_preference(ana.pk, channel="sms", by=system, at=NOW)

    ticket = post_mail(text=word, subject="Re: Your plan", message_id="<s@x>", In_Reply_To=notice.message_id)
    work()
    work()

    assert not has_consent(ana.pk, "sms")
    assert not has_consent(ana.pk, "marketing")
    assert how_to_reach(ana, NOW, working={"email", "sms"}).channel == "email"
    (confirmed,) = told("stop_confirmed")
    assert (confirmed.recipient, confirmed.in_reply_to, confirmed.is_automatic) == (ANA, "<s@x>", True)
    assert told("ticket_acknowledged") == []
    ticket = now_of(ticket)
    assert ticket.state == "resolved"
    assert "text messages and advertising are off" in ticket.messages.get(kind="event").text


def test_stop_in_a_running_case_is_obeyed_and_leaves_the_case_with_us(ana, post_mail, work):
    ticket = post_mail()
    work()

    post_mail(text="STOP", message_id="<s@x>", In_Reply_To="<first@example.com>")
    work()

    assert not has_consent(ana.pk, "sms", default=True)
    assert len(told("stop_confirmed")) == 1
    ticket = now_of(ticket)
    assert ticket.state == "open"


def test_help_is_answered_with_phone_and_hours_also_for_somebody_we_do_not_know(ana, post_mail, work):
    post_mail(text="Help", message_id="<h@x>")
    post_mail(sender=STRANGER, text="HELP", message_id="<h2@x>")
    work()

    first, second = told("help")
    assert (first.recipient, second.recipient, second.customer_id) == (ANA, STRANGER, None)
    for answer in (first, second):
        assert "+49 30 901820" in answer.body
        assert "Mon–Fri 09:00–17:30" in answer.body
    assert told("ticket_acknowledged") == []


def test_a_german_customer_is_answered_in_german(desk, post_mail, work):
    open_ben()
    post_mail(sender=BEN, text="STOP", message_id="<s@x>")
    work()

    assert "keine Werbung mehr" in told("stop_confirmed")[0].body


def test_a_strangers_stop_withdraws_nothing_and_is_read_by_people(ana, notice, post_mail, work):
    ticket = post_mail(sender=STRANGER, text="STOP", message_id="<s@x>", In_Reply_To=notice.message_id)
    work()

    assert Consent.objects.count() == 0
    ticket = now_of(ticket)
    assert (ticket.state, ticket.customer_id) == ("open", None)
    assert [each.recipient for each in told("ticket_acknowledged")] == [STRANGER]


def test_a_sentence_with_the_word_in_it_is_a_question_for_people(ana, post_mail, work):
    ticket = post_mail(text="Please stop charging me twice.", message_id="<s@x>")
    work()

    assert Consent.objects.count() == 0
    assert len(told("ticket_acknowledged")) == 1
    ticket = now_of(ticket)
    assert ticket.state == "open"


def test_a_machine_that_says_stop_for_ever_is_answered_at_most_three_times_a_day(ana, post_mail, work):
    for number in range(6):
        post_mail(text="STOP", subject=f"Re: {number}", message_id=f"<s{number}@x>")
        work()

    assert len(told("stop_confirmed")) == 3
    assert not has_consent(ana.pk, "sms", default=True)


def test_an_out_of_office_answer_to_a_notice_is_never_answered(ana, notice, post_mail, work):
    before = Delivered.objects.count()

    post_mail(text="STOP", message_id="<o@x>", In_Reply_To=notice.message_id, Auto_Submitted="auto-replied")
    work()

    assert Delivered.objects.count() == before
    assert (Ticket.objects.count(), Consent.objects.count()) == (0, 0)


def test_why_in_answer_to_a_notice_opens_a_case_about_it_and_a_forger_learns_nothing(
    ana, notice, post_mail, work, clock
):
    ticket = post_mail(text="why?", subject="Re: Your plan", message_id="<w@x>", In_Reply_To=notice.message_id)
    clock.move_to(NOW + timedelta(minutes=1))
    forged = post_mail(
        sender=STRANGER, text="why?", subject="Re: Your plan", message_id="<f@x>", In_Reply_To=notice.message_id
    )
    work()

    assert (ticket.customer_id, ticket.topic, ticket.subject_of_question) == (ana.pk, "renewal", "subscription:9")
    assert (forged.customer_id, forged.subject_of_question) == (None, "")
    to_stranger = Delivered.objects.get(recipient=STRANGER)
    assert "Plus" not in to_stranger.body
    assert "250.00" not in to_stranger.body
