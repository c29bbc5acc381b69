"""A message is a row first, once per cause."""

import pytest

from ledger.customers.operations import add_contact_point
from ledger.errors import InvalidInput
from notifications.delivery.channels import ChannelNotConfigured
from notifications.delivery.models import Message
from notifications.delivery.operations import NoRecipient, queue_message, queue_reply
from notifications.delivery.queries import find_by_reply_token, find_message, messages_in, messages_of
from notifications.preferences.operations import set_preference
from tests.conftest import NOW

TOKEN = "0f8fad5b-d9cb-469f-a165-70867728950e"


def thank(customer, key="event:1", **more):
    given = {"template": "payment_received", "values": {"amount": "€49.00"}, "at": NOW, **more}
    return queue_message(key=key, customer_id=customer.pk if customer else None, **given)


def test_one_cause_is_told_once(ada):
    first, second = thank(ada), thank(ada)

    assert first.pk == second.pk
    assert Message.objects.count() == 1


def test_it_goes_to_the_customers_address_in_their_language(open_account):
    bo = open_account("Bo Lind", language="de-DE")

    message = thank(bo, values={"amount": "49,00 €"})

    assert message.recipient == "bo@mail.example"
    assert message.subject == "Danke für Ihre Zahlung über 49,00 €"


def test_each_message_has_its_own_message_id_and_reply_address(ada):
    one, other = thank(ada, "event:1"), thank(ada, "event:2")

    assert one.message_id != other.message_id
    assert one.reply_to != other.reply_to
    assert find_message(one.message_id) == one
    assert find_message(one.message_id.strip("<>")) == one
    assert find_by_reply_token(other.reply_to.partition("+")[2].partition("@")[0]) == other


def test_in_a_ticket_it_carries_the_tickets_token(ada):
    message = thank(ada, conversation="ticket:9", reply_token=TOKEN)

    assert message.reply_to == f"billing+{TOKEN}@nordlicht.example"
    assert find_by_reply_token(TOKEN.upper().replace("-", "")) == message
    assert messages_in("ticket:9") == [message] == messages_of(ada.pk)


def test_a_token_nobody_has_finds_nothing(ada):
    thank(ada)

    assert find_by_reply_token("x' OR 1=1") is None
    assert find_message("<nobody@elsewhere.example>") is None


def test_who_wants_text_messages_is_told_why_it_is_a_mail(ada, system):
    add_contact_point(ada.pk, kind="phone", value="+493090182001", by=system, at=NOW)
    set_preference(ada.pk, channel="sms", by=system, at=NOW)

    message = thank(ada)

    assert message.channel == "email"
    assert "You asked for text messages" in message.body


def test_a_number_is_refused_while_text_messages_are_not_set_up(ada):
    with pytest.raises(ChannelNotConfigured, match="please use an e-mail address"):
        thank(ada, recipient="+493090182001")


def test_a_stranger_is_answered_at_the_address_they_wrote_from(db):
    message = thank(None, recipient="stranger@mail.example", language="de")

    assert (message.customer_id, message.recipient, message.language) == (None, "stranger@mail.example", "de")


def test_a_message_to_nobody_is_refused(db):
    with pytest.raises(NoRecipient):
        thank(None)


@pytest.mark.parametrize("address", ["a@b@c", "x@mail.example\nBcc: y@mail.example", "@mail.example"])
def test_an_address_that_is_none_is_refused(ada, address):
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        thank(ada, recipient=address)


def test_headers_of_the_thread_hold_message_ids_only(ada):
    message = thank(
        ada, in_reply_to="<a@b.example>\r\nBcc: x@y.example", references=["<a@b.example>", "no id", "<c@d> <e@f>"]
    )

    assert message.in_reply_to == "<a@b.example>"
    assert message.references == ["<a@b.example>"]


def test_an_agents_reply_keeps_the_threads_subject_and_is_not_automatic(ada):
    reply = queue_reply(
        key="reply:1",
        ticket_ref="ticket:9",
        reply_token=TOKEN,
        customer_id=ada.pk,
        recipient="ada@mail.example",
        subject="Re: Charged twice [#9]",
        body="Dear Ada,\n\nyou are right.",
        in_reply_to="<a@b.example>",
        references=["<a@b.example>"],
        at=NOW,
    )

    assert (reply.subject, reply.is_automatic, reply.conversation) == ("Re: Charged twice [#9]", False, "ticket:9")


def test_a_code_is_never_shown_to_staff(ada):
    message = thank(ada, is_secret=True)

    assert "49" not in message.shown_body
