"""Messages leave over real SMTP: once, in order, with back-off, and recognisable if they leave twice."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection, transaction

from ledger.events.models import Event
from notifications.delivery.models import DeliveryAttempt, Message
from notifications.delivery.operations import (
    MessageNotInState,
    deliver_due_messages,
    deliver_message,
    queue_message,
    queue_reply,
    record_bounce,
    retry_message,
)
from tests.conftest import NOW
from tests.runtime.ports import free_port


class Mailbox:
    """A mail server that keeps what it accepts; `refuse` maps an address to the answer it gives instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}

    async def take_recipient(self, server: SMTP, session: Session, envelope: Envelope, address: str, options) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def take_mail(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"] for mail in self.mails]


#: Under the names aiosmtpd calls.
Server = type("Server", (Mailbox,), {"handle_RCPT": Mailbox.take_recipient, "handle_DATA": Mailbox.take_mail})


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    """A real SMTP server on a free port."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", free_port(), False
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield handler
    controller.stop()


def thank(customer, key="event:1", amount="€49.00", **more) -> Message:
    given = {"template": "payment_received", "values": {"amount": amount}, "at": NOW, **more}
    return queue_message(key=key, customer_id=customer.pk, **given)


def after(**delay) -> datetime:
    return NOW + timedelta(**delay)


def kept(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_mail_leaves_with_the_headers_robots_and_threads_need(ada, mailbox):
    message = thank(ada, in_reply_to="<q@mail.example>", references=["<p@mail.example>", "<q@mail.example>"])

    assert deliver_message(message.pk, at=NOW)

    mail = mailbox.mails[0]
    assert mail["To"] == "ada@mail.example"
    assert mail["From"] == "Nordlicht GmbH Billing <billing@nordlicht.example>"
    assert mail["Reply-To"] == f"Nordlicht GmbH Billing <{message.reply_to}>"
    assert mail["Message-ID"] == message.message_id
    assert mail["In-Reply-To"] == "<q@mail.example>"
    assert mail["References"] == "<p@mail.example> <q@mail.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["List-Id"] is None
    assert mail["Date"].datetime == NOW


def test_text_and_html_say_the_same_and_how_to_reach_a_person(ada, mailbox):
    deliver_message(thank(ada, amount="<b>1</b>").pk, at=NOW)

    text = mailbox.mails[0].get_body(("plain",)).get_content()
    html = mailbox.mails[0].get_body(("html",)).get_content()
    assert "Your payment of <b>1</b> has arrived" in text
    assert "Your payment of &lt;b&gt;1&lt;/b&gt; has arrived" in html
    for part in (text, html):
        assert "Nordlicht GmbH" in part
        assert "+49 30 901820" in part
        assert "Mon–Fri 09:00–17:30" in part


def test_a_link_can_be_clicked_in_the_html_part(ada, mailbox):
    values = {"link": "https://desk.example/a?b=1&c=2", "minutes": "15"}
    deliver_message(thank(ada, template="sign_in_link", values=values).pk, at=NOW)

    assert '<a href="https://desk.example/a?b=1&amp;c=2">' in mailbox.mails[0].get_body(("html",)).get_content()


def test_an_agents_reply_is_not_marked_as_a_machines(ada, mailbox):
    reply = queue_reply(
        key="reply:1", ticket_ref="ticket:9", reply_token="t", customer_id=ada.pk, recipient="ada@mail.example",
        subject="Re: Charged twice", body="You are right.", at=NOW,
    )  # fmt: skip

    deliver_message(reply.pk, at=NOW)

    assert mailbox.mails[0]["Auto-Submitted"] is None


def test_a_sent_message_is_on_the_timeline_and_never_sent_again(ada, mailbox):
    message = thank(ada, about="payment:7", conversation="ticket:9")

    assert [deliver_message(message.pk, at=NOW), deliver_message(message.pk, at=NOW)] == [True, False]
    assert deliver_due_messages(at=after(days=1)) == 0

    assert len(mailbox.mails) == 1
    message = kept(message)
    assert (message.state, message.sent_at, message.attempts) == ("sent", NOW, 1)
    told = Event.objects.get(kind="message.sent")
    assert (told.subject, told.customer_id) == (f"message:{message.pk}", ada.pk)
    assert (told.data["about"], told.data["conversation"]) == ("payment:7", "ticket:9")


def test_a_code_is_kept_nowhere_once_it_is_sent(ada, mailbox):
    message = thank(ada, is_secret=True)

    deliver_message(message.pk, at=NOW)

    message = kept(message)
    assert message.body == ""
    assert "€49.00" in mailbox.mails[0].get_body(("plain",)).get_content()


def test_a_server_that_is_busy_is_asked_again_after_thirty_seconds_then_sixty(ada, mailbox):
    mailbox.refuse["ada@mail.example"] = "451 try later"
    message = thank(ada)

    assert not deliver_message(message.pk, at=NOW)
    message = kept(message)
    assert (message.state, message.due_at) == ("queued", after(seconds=30))
    assert "451 try later" in message.last_error
    assert not deliver_message(message.pk, at=after(seconds=29))
    assert message.delivery_attempts.count() == 1

    assert not deliver_message(message.pk, at=after(seconds=30))
    message = kept(message)
    assert message.due_at == after(seconds=90)

    mailbox.refuse.clear()
    assert deliver_due_messages(at=after(seconds=90)) == 1


def test_an_address_that_does_not_exist_is_given_up_at_once(ada, mailbox):
    mailbox.refuse["ada@mail.example"] = "550 no such user"
    message = thank(ada)

    deliver_message(message.pk, at=NOW)

    message = kept(message)
    assert (message.state, message.last_error) == ("failed", "550 no such user")
    assert Event.objects.get(kind="message.failed").data["why"] == "550 no such user"


def test_a_day_of_failures_is_enough(ada, mailbox):
    mailbox.refuse["ada@mail.example"] = "451 try later"
    message = thank(ada)
    moment, tries = NOW, 0

    while message.state == "queued" and tries < 100:
        deliver_message(message.pk, at=moment)
        message = Message.objects.get(pk=message.pk)
        moment, tries = message.due_at, tries + 1

    assert message.state == "failed"
    # 30 s doubling to an hour: seven waits below an hour (63.5 min together), then hourly until a day is over.
    assert tries == 1 + 7 + 23
    assert DeliveryAttempt.objects.filter(message=message).count() == tries


def test_no_mail_server_loses_nothing_and_the_sweep_does_not_wear_itself_out(ada, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    thank(ada, "event:1")
    thank(ada, "event:2", recipient="other@mail.example")

    assert deliver_due_messages(at=NOW) == 0

    assert sorted(Message.objects.values_list("state", "attempts")) == [("queued", 0), ("queued", 1)]


def test_messages_to_one_customer_arrive_in_the_order_they_were_queued(ada, open_account, mailbox):
    bo = open_account("Bo Lind")
    mailbox.refuse["ada@mail.example"] = "451 try later"
    first, second = thank(ada, "event:1", "€1.00"), thank(ada, "event:2", "€2.00")
    thank(bo, "event:3", "€3.00")

    assert not deliver_message(second.pk, at=NOW)
    assert deliver_due_messages(at=NOW) == 1
    mailbox.refuse.clear()
    assert not deliver_message(second.pk, at=after(seconds=5))
    assert deliver_due_messages(at=after(minutes=1)) == 2

    assert [subject.rpartition(" ")[2] for subject in mailbox.subjects] == ["€3.00", "€1.00", "€2.00"]
    assert first.pk < second.pk


def test_a_message_that_waits_for_the_morning_holds_nobody_up(ada, mailbox):
    patient = thank(ada, "event:1")
    Message.objects.filter(pk=patient.pk).update(due_at=after(hours=9))
    thank(ada, "event:2", "€2.00")

    assert deliver_due_messages(at=NOW) == 1
    assert deliver_due_messages(at=after(hours=9)) == 1


def test_a_code_does_not_wait_behind_a_message_that_cannot_be_sent(ada, mailbox):
    mailbox.refuse["ada@mail.example"] = "451 try later"
    deliver_message(thank(ada, "event:1").pk, at=NOW)
    mailbox.refuse.clear()

    assert deliver_message(thank(ada, "code:1", is_secret=True).pk, at=after(seconds=1))


def test_one_message_that_cannot_be_built_harms_no_other(ada, mailbox):
    broken = thank(ada, "event:1")
    Message.objects.filter(pk=broken.pk).update(subject="two\nlines")
    thank(ada, "event:2", recipient="other@mail.example")

    assert deliver_due_messages(at=NOW) == 1
    broken = kept(broken)
    assert "BadHeaderError" in broken.last_error


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_after_the_server_accepted_sends_the_same_mail_again(ada, mailbox):
    message = thank(ada)

    class Killed(BaseException):
        """What a kill looks like from inside."""

    def work_and_die() -> None:
        with transaction.atomic():
            deliver_message(message.pk, at=NOW)
            raise Killed

    with pytest.raises(Killed):
        work_and_die()
    connection.close()
    assert deliver_due_messages(at=after(minutes=1)) == 1

    assert [mail["Message-ID"] for mail in mailbox.mails] == [message.message_id] * 2


def test_a_bounce_marks_the_message_it_is_about(ada, mailbox):
    message = thank(ada)
    deliver_message(message.pk, at=NOW)

    record_bounce(message.message_id, why="550 mailbox full", at=NOW)
    again = record_bounce(message.message_id, why="550 mailbox full", at=NOW)

    assert again is not None
    assert (again.state, again.last_error) == ("bounced", "550 mailbox full")
    assert Event.objects.filter(kind="message.bounced").count() == 1
    assert record_bounce("<not-ours@mail.example>", why="x", at=NOW) is None


def test_a_message_that_was_given_up_can_be_sent_again_by_hand(ada, mailbox, pia):
    mailbox.refuse["ada@mail.example"] = "550 no such user"
    message = thank(ada)
    deliver_message(message.pk, at=NOW)
    mailbox.refuse.clear()

    retry_message(message.pk, by=pia, at=after(hours=1))

    assert deliver_message(message.pk, at=after(hours=1))
    with pytest.raises(MessageNotInState, match="This message is sent"):
        retry_message(message.pk, by=pia, at=after(hours=1))


def test_a_code_that_was_given_up_cannot_be_sent_again(ada, mailbox, pia):
    mailbox.refuse["ada@mail.example"] = "550 no such user"
    message = thank(ada, is_secret=True)
    deliver_message(message.pk, at=NOW)

    with pytest.raises(MessageNotInState, match="send a new code"):
        retry_message(message.pk, by=pia, at=NOW)
