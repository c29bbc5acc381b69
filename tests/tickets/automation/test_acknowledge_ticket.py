"""acknowledge_ticket: at once, once, to who wrote, and nothing about the account."""

from datetime import timedelta

import pytest

from ledger.events.models import Event
from notifications.models import Message as Delivered
from tests.conftest import berlin
from tests.tickets.worlds import ANA, BEN, STRANGER, opened, receive
from tickets import reactions
from tickets.conversations.inbound import Address, Channel, InboundMessage
from tickets.intake.operations import receive_message

pytestmark = pytest.mark.usefixtures("desk")


def acknowledge(ticket, *, at):
    """Run the reaction to the ticket's opening, twice, as a worker that died in between would."""
    event = Event.objects.get(kind="ticket.opened", subject=f"ticket:{ticket.pk}")
    for _ in range(2):
        reactions.acknowledge(event, at)


def test_a_mail_is_acknowledged_once_with_its_number_and_the_promised_moment(ana):
    at = berlin(2026, 4, 2, 17, 0)
    ticket = opened(at=at)

    acknowledge(ticket, at=at)

    told = Delivered.objects.get()
    assert (told.recipient, told.key) == (ANA, f"ack:{ticket.pk}")
    assert f"[#{ticket.pk}]" in told.subject
    assert "Tuesday 7 April 2026, 12:30" in told.body
    assert told.in_reply_to == "<first@example.com>"
    assert ticket.token in told.reply_to
    assert told.is_automatic


def test_it_speaks_the_customers_language(ben):
    at = berlin(2026, 4, 2, 17, 0)

    acknowledge(opened(sender=BEN, at=at), at=at)

    assert "Dienstag 7 April 2026, 12:30" in Delivered.objects.get().body


def test_a_stranger_is_acknowledged_at_the_address_that_wrote_and_learns_nothing(ana, now):
    acknowledge(opened(sender=f'"Ana Berg" <{STRANGER}>'), at=now)

    told = Delivered.objects.get()
    assert (told.recipient, told.customer_id) == (STRANGER, None)


def test_one_sender_is_acknowledged_at_most_once_a_day(ana, now):
    for number, hours in enumerate((0, 23, 25)):
        at = now + timedelta(hours=hours)
        acknowledge(opened(message_id=f"<{number}@x>", subject=f"S{number}", text=f"Question {number}", at=at), at=at)

    assert Delivered.objects.filter(template__startswith="ticket_acknowledged").count() == 2


def test_machines_calls_and_the_api_are_not_acknowledged(ana, now):
    receive(message_id="<l@x>", Precedence="list", List_Id="<l.example.com>")
    for channel in (Channel.PHONE, Channel.API):
        inbound = InboundMessage(
            channel=channel,
            message_id=f"<{channel}@x>",
            sender=Address(ANA),
            subject="Hi",
            text="x",
            body_digest=channel,
        )
        receive_message(inbound, customer_id=ana.pk, at=now)

    for event in Event.objects.filter(kind="ticket.opened"):
        reactions.acknowledge(event, now)

    assert Delivered.objects.count() == 0
