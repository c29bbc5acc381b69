"""Threads: what joins what, and that a stranger never gets into a case."""

import pytest

from ledger.customers.operations import add_contact_point
from ledger.events.models import Event
from notifications.delivery.operations import queue_message
from tests.tickets.worlds import ANA, BEN, STRANGER, now_of, opened, receive
from tickets.replies.operations import send_reply

pytestmark = pytest.mark.usefixtures("desk")


def test_the_reply_address_names_the_ticket_whatever_the_headers_say(ana):
    ticket = opened()

    joined = opened(
        text="More", subject="New subject", message_id="<b@x>", to=f"billing+{ticket.token}@nordlicht.example"
    )

    assert joined.pk == ticket.pk


def test_in_reply_to_names_the_ticket_of_our_reply(ana, mia, now):
    ticket = opened()
    reply = send_reply(ticket.pk, text="We look into it.", by=mia, at=now)

    joined = opened(text="Thanks", subject="AW: something", message_id="<b@x>", In_Reply_To=reply.message_id)

    assert joined.pk == ticket.pk


def test_one_known_message_among_many_references_is_enough(ana):
    ticket = opened()

    joined = opened(text="More", subject="x", message_id="<b@x>", References="<a@no> <first@example.com> <c@no>")

    assert joined.pk == ticket.pk


def test_two_mails_that_share_only_an_ancestor_we_never_saw_are_one_case(ana):
    ticket = opened(References="<never-seen@example.com>")

    joined = opened(text="More", subject="x", message_id="<b@x>", References="<never-seen@example.com>")

    assert joined.pk == ticket.pk


def test_the_number_in_the_subject_names_the_ticket_beside_another_that_does_not_exist(ana):
    ticket = opened()

    joined = opened(text="More", subject=f"Re: [#99999999] Charged twice [#{ticket.pk}]", message_id="<b@x>")

    assert joined.pk == ticket.pk


def test_another_contact_of_the_same_customer_may_join(ana, system, now):
    ticket = opened()
    add_contact_point(ana.pk, kind="email", value="office@example.com", by=system, at=now)

    joined = opened(sender="Office@Example.com", text="More", message_id="<b@x>", In_Reply_To="<first@example.com>")

    assert joined.pk == ticket.pk


@pytest.mark.parametrize("way", ["header", "subject", "address"])
@pytest.mark.parametrize("sender", [STRANGER, BEN])
def test_who_has_no_part_in_a_case_gets_a_new_one_without_any_link_to_it(ana, ben, sender, way):
    ticket = opened()
    named = {
        "header": {"In_Reply_To": "<first@example.com>"},
        "subject": {"subject": f"Re: Charged twice [#{ticket.pk}]"},
        "address": {"to": f"billing+{ticket.token}@nordlicht.example"},
    }[way]

    forged = opened(sender=sender, text="What is the balance?", message_id="<forged@x>", **named)

    assert forged.pk != ticket.pk
    assert forged.continues_id is None
    assert forged.customer_id == (ben.pk if sender == BEN else None)
    assert f"#{ticket.pk}]" not in forged.subject
    assert now_of(ticket).messages.count() == 1
    event = Event.objects.get(kind="sender.not_known")
    assert event.subject == f"ticket:{forged.pk}"
    assert str(ticket.pk) not in str(event.data.get("why"))


def test_the_answer_to_a_notice_opens_a_ticket_bound_to_it(ana, now):
    notice = _told(ana, now)

    ticket = opened(text="why?", subject="Re: Your renewal", message_id="<b@x>", In_Reply_To=notice.message_id)

    assert ticket.customer_id == ana.pk
    assert ticket.subject_of_question == "subscription:9"
    assert ticket.linked_because == "answers what we sent to this customer"


def test_a_strangers_answer_to_a_notice_is_bound_to_nothing(ana, now):
    notice = _told(ana, now)

    ticket = opened(sender=STRANGER, text="why?", message_id="<b@x>", In_Reply_To=notice.message_id)

    assert (ticket.customer_id, ticket.subject_of_question, ticket.notice_id) == (None, "", None)


def test_the_answer_to_an_automatic_message_of_a_case_joins_that_case(ana, now, run_reactions):
    ticket = opened()
    run_reactions()
    told = queue_message(
        key="k",
        customer_id=ana.pk,
        template="payment_received",
        values={"amount": "25.00"},
        conversation=f"ticket:{ticket.pk}",
        at=now,
    )

    assert opened(text="ok", message_id="<b@x>", In_Reply_To=told.message_id).pk == ticket.pk


def test_a_delivery_report_joins_the_case_it_is_about_and_wakes_nobody(ana, mia, now):
    ticket = opened()
    reply = send_reply(ticket.pk, text="Answer", by=mia, at=now)
    report = (
        f"From: MAILER-DAEMON@mx.example\nTo: billing@nordlicht.example\nSubject: Undelivered Mail\n"
        f"Message-ID: <report@mx.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\nIt could not be delivered.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {ANA}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {reply.message_id}\nSubject: x\nTo: {ANA}\n\nAnswer\n"
        "\n--b--\n"
    ).encode()

    joined = receive(raw=report)

    assert joined is not None
    assert (joined.pk, joined.state) == (ticket.pk, "waiting")
    assert joined.messages.get(message_id="<report@mx.example>").is_auto_reply
    assert Event.objects.filter(kind="message.bounced").count() == 1


def _told(ana, now):
    return queue_message(
        key="notice:1",
        customer_id=ana.pk,
        template="payment_received",
        values={"amount": "25.00"},
        about="subscription:9",
        at=now,
    )
