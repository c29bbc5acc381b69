"""The life of a ticket: notes, states, closing by itself, lines told once."""

from datetime import timedelta

import pytest

from ledger.customers.operations import OwnAccount
from ledger.errors import NotFound
from ledger.events.actor import Actor
from ledger.events.models import Event
from tests.tickets.worlds import STRANGER, close, now_of, opened
from tickets.conversations.operations import (
    EmptyText,
    TicketNotInState,
    add_event_line,
    add_note,
    close_stale_tickets,
    link_customer,
    reopen_ticket,
    resolve_ticket,
    wait_for_customer,
)
from tickets.conversations.queries import evidence_words, get_ticket, messages_of, tickets_of_customer

pytestmark = pytest.mark.usefixtures("desk")


def test_a_note_is_for_staff_only_and_masks_card_numbers(ana, mia, now):
    ticket = opened()

    note = add_note(ticket.pk, text="He said 4111 1111 1111 1111", by=mia, at=now)

    assert "4111 1111" not in note.text
    assert [message.kind for message in messages_of(ticket.pk)] == ["in", "note"]
    assert [message.kind for message in messages_of(ticket.pk, for_customer=True)] == ["in"]
    with pytest.raises(EmptyText):
        add_note(ticket.pk, text=" ", by=mia, at=now)


@pytest.mark.parametrize(("hours", "closed"), [(7 * 24 - 1, 0), (7 * 24, 1)])
def test_a_resolved_case_closes_after_a_week_of_silence(ana, mia, now, hours, closed):
    ticket = opened()
    resolve_ticket(ticket.pk, by=mia, at=now)

    assert close_stale_tickets(at=now + timedelta(hours=hours)) == closed

    assert now_of(ticket).state == ("closed" if closed else "resolved")


def test_moves_that_make_no_sense_are_refused_in_words(ana, mia, now):
    ticket = opened()

    with pytest.raises(TicketNotInState, match="is open"):
        reopen_ticket(ticket.pk, by=mia, at=now)
    resolve_ticket(ticket.pk, by=mia, at=now)
    with pytest.raises(TicketNotInState, match="is resolved"):
        wait_for_customer(ticket.pk, by=mia, at=now)
    close(ticket)
    with pytest.raises(TicketNotInState, match="is closed"):
        reopen_ticket(ticket.pk, by=mia, at=now)


def test_the_same_line_is_told_once(ana, now):
    ticket = opened()

    for _ in range(2):
        add_event_line(ticket.pk, key="event:1", text="Refund paid.", about="refund:1", at=now)

    line = ticket.messages.get(kind="event")
    assert (line.text, line.about) == ("Refund paid.", "refund:1")


def test_nobody_works_on_a_case_of_their_own_account_or_makes_one_their_own(ana, now):
    agent = Actor.agent(5, customer_id=ana.pk)

    with pytest.raises(OwnAccount):
        resolve_ticket(opened().pk, by=agent, at=now)
    with pytest.raises(OwnAccount):
        link_customer(
            opened(sender=STRANGER, message_id="<s@x>").pk, customer_id=ana.pk, because="me", by=agent, at=now
        )


def test_every_move_is_on_the_customers_record(ana, mia, now):
    ticket = opened()
    wait_for_customer(ticket.pk, by=mia, at=now)
    reopen_ticket(ticket.pk, by=mia, at=now)
    resolve_ticket(ticket.pk, by=mia, at=now)

    kinds = list(
        Event.objects.filter(actor="agent:1", customer_id=ana.pk).order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["ticket.waiting", "ticket.reopened", "ticket.resolved"]


def test_another_customers_case_does_not_exist(ana, ben):
    ticket = opened()

    assert get_ticket(ticket.pk, customer_id=ana.pk).pk == ticket.pk
    with pytest.raises(NotFound):
        get_ticket(ticket.pk, customer_id=ben.pk)
    assert tickets_of_customer(ben.pk) == []


def test_evidence_is_what_the_customer_said_and_not_what_we_noted(ana, mia, now):
    ticket = opened(text="I was charged twice.", files=(("proof.txt", "text/plain", b"see"),))
    add_note(ticket.pk, text="Internal", by=mia, at=now)

    (said,) = evidence_words(ticket.pk)

    assert "charged twice" in said["text"]
    assert said["files"][0]["name"] == "proof.txt"
    assert len(said["files"][0]["sha256"]) == 64


def test_the_page_of_a_ticket_takes_three_queries_however_long_it_is(ana, mia, now, django_assert_num_queries):
    ticket = opened(files=(("a.txt", "text/plain", b"a"),))
    for number in range(5):
        add_note(ticket.pk, text=f"Note {number}", by=mia, at=now)

    with django_assert_num_queries(3):
        assert len(messages_of(ticket.pk)) == 6
