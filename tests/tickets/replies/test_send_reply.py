"""send_reply: once, in the thread, and never on stale ground."""

import pytest

from ledger.customers.operations import OwnAccount
from ledger.events.actor import Actor
from notifications.models import Message as Delivered
from tests.tickets.worlds import ANA, close, now_of, opened
from tickets.channels.portal import from_portal
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import EmptyText, add_note
from tickets.intake.operations import receive_message
from tickets.replies.operations import CaseIsClosed, ConversationMoved, NoAddressToAnswer, send_reply

pytestmark = pytest.mark.usefixtures("desk")


def test_an_answer_is_stored_queued_in_the_thread_and_leaves_the_case_waiting(ana, mia, now):
    ticket = opened()

    reply = send_reply(ticket.pk, text="We refund it today.", by=mia, at=now)

    queued = Delivered.objects.get(conversation=f"ticket:{ticket.pk}", is_automatic=False)
    assert (queued.recipient, queued.subject) == (ANA, f"Re: Charged twice [#{ticket.pk}]")
    assert queued.in_reply_to == "<first@example.com>"
    assert ticket.token in queued.reply_to
    assert "We refund it today." in queued.body
    assert reply.message_id == queued.message_id
    assert (now_of(ticket).state, now_of(ticket).first_answered_at) == ("waiting", now)


def test_the_case_number_stands_in_the_subject_once_however_often_it_is_answered(ana, mia, now):
    ticket = opened()
    send_reply(ticket.pk, text="One", by=mia, at=now)
    opened(
        text="Two",
        subject=f"AW: Re: Charged twice [#{ticket.pk}]",
        message_id="<b@x>",
        In_Reply_To="<first@example.com>",
    )
    send_reply(ticket.pk, text="Three", by=mia, at=now)

    subjects = set(Delivered.objects.filter(is_automatic=False).values_list("subject", flat=True))
    assert subjects == {f"Re: Charged twice [#{ticket.pk}]"}


def test_the_same_answer_sent_twice_goes_out_once(ana, mia, now):
    ticket = opened()

    first = send_reply(ticket.pk, text="Once", by=mia, at=now, key="form-1")
    again = send_reply(ticket.pk, text="Once", by=mia, at=now, key="form-1")

    assert first.pk == again.pk
    assert Delivered.objects.filter(is_automatic=False).count() == 1


def test_an_answer_on_stale_ground_is_refused_and_nothing_is_sent(ana, mia, now):
    ticket = opened()
    seen = now_of(ticket).version
    opened(text="Wait, it is solved", message_id="<b@x>", In_Reply_To="<first@example.com>")

    with pytest.raises(ConversationMoved, match="The customer wrote again while you were typing"):
        send_reply(ticket.pk, text="Late", by=mia, at=now, version=seen)

    assert Delivered.objects.filter(is_automatic=False).count() == 0


def test_a_colleagues_note_does_not_make_the_ground_stale(ana, mia, noe, now):
    ticket = opened()
    seen = now_of(ticket).version
    add_note(ticket.pk, text="I know this one.", by=noe, at=now)

    assert send_reply(ticket.pk, text="Answer", by=mia, at=now, version=seen).pk


def test_a_colleagues_answer_does(ana, mia, noe, now):
    ticket = opened()
    seen = now_of(ticket).version
    send_reply(ticket.pk, text="Mine", by=noe, at=now)

    with pytest.raises(ConversationMoved, match="colleague"):
        send_reply(ticket.pk, text="Also mine", by=mia, at=now, version=seen)


def test_send_and_resolve_resolves(ana, mia, now):
    ticket = opened()

    send_reply(ticket.pk, text="Done", resolve=True, by=mia, at=now)

    assert (now_of(ticket).state, now_of(ticket).resolved_at) == ("resolved", now)


def test_an_empty_answer_and_an_answer_to_a_closed_case_are_refused(ana, mia, now):
    ticket = opened()

    with pytest.raises(EmptyText):
        send_reply(ticket.pk, text="  \n", by=mia, at=now)
    close(ticket)
    with pytest.raises(CaseIsClosed):
        send_reply(ticket.pk, text="Hello", by=mia, at=now)


def test_nobody_answers_in_a_case_of_their_own_account(ana, now):
    ticket = opened()

    with pytest.raises(OwnAccount):
        send_reply(ticket.pk, text="Hi me", by=Actor.agent(5, customer_id=ana.pk), at=now)


def test_card_numbers_an_agent_types_are_masked_too(ana, mia, now):
    ticket = opened()

    send_reply(ticket.pk, text="Is it 4111 1111 1111 1111?", by=mia, at=now)

    assert "4111 1111 1111 1111" not in Delivered.objects.get(is_automatic=False).body
    assert "4111 1111 1111 1111" not in Message.objects.get(kind="out").text


def test_a_portal_conversation_is_answered_by_mail_and_goes_on_in_the_portal(ana, mia, now):
    contact = ana.contact_points.get()
    ticket = receive_message(from_portal(ana, contact, "A question", "Why?"), customer_id=ana.pk, at=now)
    send_reply(ticket.pk, text="Because.", by=mia, at=now)

    more = from_portal(ana, contact, "", "I see", ticket=ticket)
    joined = receive_message(more, customer_id=ana.pk, ticket_id=ticket.pk, at=now)
    again = receive_message(more, customer_id=ana.pk, ticket_id=ticket.pk, at=now)

    assert joined.pk == again.pk == ticket.pk
    assert Delivered.objects.get(is_automatic=False).recipient == ANA
    assert [message.kind for message in ticket.messages.order_by("id")] == ["in", "out", "in"]
    assert now_of(ticket).state == "open"


def test_who_has_no_mail_address_is_not_answered_into_the_void(ana, mia, now):
    ticket = opened()
    ana.contact_points.update(removed_at=now)
    Ticket.objects.filter(pk=ticket.pk).update(requester="+4915112345678")

    with pytest.raises(NoAddressToAnswer):
        send_reply(ticket.pk, text="Hello", by=mia, at=now)
