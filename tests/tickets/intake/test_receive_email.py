"""receive_email: what a raw mail becomes."""

import io
import zipfile

import pytest

from ledger.customers.operations import add_contact_point
from ledger.events.models import Event
from tests.tickets.worlds import ANA, BEN, DESK, STRANGER, close, mail, now_of, opened, receive
from tickets.channels.email import UnreadableMail
from tickets.conversations.models import Attachment, Message, Ticket
from tickets.conversations.operations import resolve_ticket, wait_for_customer
from tickets.intake.models import ParkedMail
from tickets.intake.operations import receive_email

pytestmark = pytest.mark.usefixtures("desk")


def test_a_mail_from_a_contact_on_file_opens_a_ticket_of_that_customer(ana, now):
    ticket = opened()

    assert ticket.customer_id == ana.pk
    assert ticket.linked_because == f"ana@example.com is on file for {ana.number}"
    assert (ticket.requester, ticket.channel, ticket.state) == (ANA, "email", "open")
    assert ticket.topic == "duplicate_charge"
    assert ticket.queue.slug == "disputes"
    assert ticket.messages.get().text.startswith("Hello, I was charged twice")
    assert Event.objects.filter(kind="ticket.opened", subject=f"ticket:{ticket.pk}", customer_id=ana.pk).count() == 1


def test_a_mail_from_nobody_we_know_opens_a_ticket_without_customer():
    ticket = opened(sender=STRANGER)

    assert ticket.customer_id is None
    assert ticket.candidates == []


def test_an_address_two_customers_share_links_neither_and_keeps_both_as_candidates(ana, ben, system, now):
    add_contact_point(ben.pk, kind="email", value=ANA, by=system, at=now)

    ticket = opened()

    assert ticket.customer_id is None
    assert ticket.candidates == sorted([ana.pk, ben.pk])


def test_the_same_mail_twice_is_one_message(ana):
    first, again = receive(), receive()

    assert first is not None
    assert again is None
    assert Message.objects.count() == 1


def test_a_mail_without_message_id_delivered_twice_is_one_message(ana):
    assert receive(message_id=None) is not None
    assert receive(message_id=None) is None
    assert Message.objects.count() == 1


def test_one_mail_to_two_of_our_mailboxes_is_one_message(ana):
    assert receive() is not None
    assert receive(mailbox="help@nordlicht.example") is None
    assert Ticket.objects.count() == 1


def test_two_different_mails_under_one_message_id_are_both_kept(ana):
    receive()
    receive(text="Something else altogether happened in April, please look.", subject="April")

    assert Message.objects.count() == 2


def test_card_numbers_are_masked_before_anything_is_stored(ana):
    ticket = opened(
        subject="Card 4111 1111 1111 1111",
        text="My card is 4111-1111-1111-1111, cvv 123. Order 113542617735902.",
        files=(("card.txt", "text/plain", b"4111111111111111 is my card"),),
    )

    message, kept = ticket.messages.get(), Attachment.objects.get()
    everything = ticket.subject + message.text + message.new_text + message.html + bytes(kept.content).decode()
    assert "4111111111111111" not in "".join(filter(str.isdigit, everything.replace("113542617735902", "")))
    assert "123." not in message.text
    assert "113542617735902" in message.text
    assert "card_number" in message.masked


def test_a_customers_answer_reopens_a_waiting_ticket(ana, mia, now):
    ticket = opened()
    wait_for_customer(ticket.pk, by=mia, at=now)

    joined = opened(text="Any news?", message_id="<second@example.com>", In_Reply_To="<first@example.com>")

    assert joined.pk == ticket.pk
    assert joined.state == "open"
    assert joined.messages.count() == 2


def test_a_customers_answer_reopens_a_resolved_ticket_and_counts_it(ana, mia, now):
    ticket = opened()
    resolve_ticket(ticket.pk, by=mia, at=now)

    joined = opened(text="Not solved.", message_id="<second@example.com>", In_Reply_To="<first@example.com>")

    assert (joined.pk, joined.state, joined.reopened_count) == (ticket.pk, "open", 1)


def test_an_answer_to_a_closed_ticket_opens_a_new_one_that_continues_it(ana):
    ticket = opened()
    close(ticket)

    new = opened(text="One more thing.", message_id="<second@example.com>", In_Reply_To="<first@example.com>")

    assert new.pk != ticket.pk
    assert (new.continues_id, new.customer_id) == (ticket.pk, ana.pk)
    assert now_of(ticket).state == "closed"


def test_an_out_of_office_answer_joins_its_ticket_without_waking_it(ana, mia, now):
    ticket = opened()
    wait_for_customer(ticket.pk, by=mia, at=now)

    joined = opened(
        text="I am away until Monday.",
        subject="Out of office",
        message_id="<away@example.com>",
        In_Reply_To="<first@example.com>",
        Auto_Submitted="auto-replied",
    )

    assert (joined.pk, joined.state) == (ticket.pk, "waiting")
    assert joined.messages.get(message_id="<away@example.com>").is_auto_reply


def test_an_out_of_office_answer_to_nothing_is_parked_where_people_see_it(ana):
    got = receive(text="I am away.", subject="Out of office", Auto_Submitted="auto-replied")

    parked = ParkedMail.objects.get()
    assert got is None
    assert Ticket.objects.count() == 0
    assert (parked.sender, parked.subject) == (ANA, "Out of office")
    assert "belongs to no case" in parked.why


def test_our_own_mail_that_comes_back_is_nobody_writing_to_us():
    assert receive(sender=DESK) is None
    assert receive(sender=ANA, message_id="<loop@example.com>", X_Billing_Desk_Loop=DESK) is None

    assert Ticket.objects.count() == 0
    assert ParkedMail.objects.count() == 2


def test_bytes_that_are_no_mail_are_refused(now):
    with pytest.raises(UnreadableMail):
        receive_email(b"   ", mailbox=DESK, at=now)


def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 30_000_000)
    return packed.getvalue()


def test_files_that_are_not_what_they_say_are_refused_with_the_reason_and_the_message_is_kept(ana):
    ticket = opened(
        files=(
            ("screenshot.png", "image/png", b"<html><script>alert(1)</script></html>"),
            ("bomb.zip", "application/zip", _zip_bomb()),
            ("drawing.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            ("note.txt", "text/plain", b"this one is fine"),
        )
    )

    files = {kept.name: kept for kept in Attachment.objects.filter(message__ticket=ticket)}
    assert files["note.txt"].content is not None
    for refused in ("screenshot.png", "bomb.zip", "drawing.svg"):
        assert files[refused].content is None
        assert files[refused].refused_because
    assert Event.objects.filter(kind="upload.refused", subject=f"ticket:{ticket.pk}").count() == 1


def test_a_business_customers_language_is_kept_for_the_answer(ben):
    assert opened(sender=BEN).language == "de"


def test_a_strangers_language_is_read_from_the_words():
    text = "Ich habe eine Frage, die Rechnung ist nicht richtig und ich bitte um Hilfe."

    assert opened(sender=STRANGER, text=text, subject="Rechnung").language == "de"


def test_a_message_whose_headers_could_break_an_index_is_kept(ana):
    long_id = "<" + "a" * 900 + "@example.com>"

    assert receive(raw=mail(message_id=long_id)) is not None
    assert receive(raw=mail(message_id=long_id)) is None
