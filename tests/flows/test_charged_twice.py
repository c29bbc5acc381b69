"""Flow 1: e-mail, ticket, check, dispute, refund, customer told; the books and the audit trail hold at the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from ledger.books.proof import first_break
from ledger.books.queries import balance, customer_balances
from ledger.customers.proof import ProofMissing
from ledger.events import outbox, sealing
from ledger.events.models import Event
from ledger.money import Money
from ledger.refunds.operations import ApproverIsRequester, approve_refund
from ledger.refunds.paying import pay_due_refunds
from notifications.delivery.models import Message as Sent
from notifications.delivery.operations import deliver_due_messages
from tests.conftest import NOW
from tests.flows import story
from tickets.conversations.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


def work(at) -> None:
    """Do what the worker and the schedule do."""
    outbox.run_due_reactions(at=at)
    deliver_due_messages(at=at)
    pay_due_refunds(at=at)
    outbox.run_due_reactions(at=at)
    deliver_due_messages(at=at)


@pytest.fixture
def ticket():
    story.open_account(at=NOW)
    work(NOW)
    mail.outbox.clear()
    opened = story.write_in(at=NOW)
    work(NOW)
    return opened


def test_the_mail_is_understood_masked_promised_and_answered_at_once(ticket):
    message = Message.objects.get(ticket=ticket, kind="in")

    assert (ticket.topic, ticket.customer.name) == ("duplicate_charge", "Ana Berg")
    assert "4242 4242 4242" not in message.text
    assert "4242" in message.text  # the last four stay, so that the right payment can be found
    acknowledgement = mail.outbox[0]
    assert acknowledgement.to == ["ana@example.com"]
    assert f"#{ticket.pk}" in acknowledgement.subject + acknowledgement.body
    assert "14:00" in acknowledgement.body  # 10:00 and four business hours
    assert acknowledgement.extra_headers["In-Reply-To"] == "<twice-1@example.com>"


def test_without_a_proof_no_money_moves_and_the_attempt_is_on_record(ticket):
    assert story.take(ticket, at=NOW)

    with pytest.raises(ProofMissing):
        story.dispute(ticket, at=NOW)

    assert Event.objects.filter(kind="access.refused", subject=f"ticket:{ticket.pk}").exists()


def test_the_whole_story_to_the_refund_with_every_step_told_once_and_in_order(ticket):
    at = NOW + timedelta(minutes=5)
    assert story.take(ticket, at=at)
    token = story.ask_who(ticket, at=at)
    work(at)
    story.enter_code(ticket, token, story.code_in(mail.outbox[-1].body), at=at)
    opened = story.dispute(ticket, at=at)
    work(at)
    assert balance("dispute_hold", "EUR", customer_id=ticket.customer_id) == Money(2975, "EUR")
    story.uphold(ticket, opened, at=at)
    asked = story.refund(ticket, opened, at=at)
    work(at)
    assert asked.state == "requested"
    with pytest.raises(ApproverIsRequester):
        approve_refund(asked.pk, by=story.MIA, at=at)
    story.approve(asked, at=at)
    work(at)

    told = Sent.objects.filter(conversation=f"ticket:{ticket.pk}").order_by("sent_at", "pk")
    keys = [sent.template.partition(".")[0] for sent in told]
    assert keys == story.MESSAGES
    assert [sent.state for sent in told] == ["sent"] * len(story.MESSAGES)
    assert "29.75" in mail.outbox[-1].body
    assert f"sandbox-refund-{asked.pk}" in mail.outbox[-1].body
    lines = " ".join(Message.objects.filter(ticket=ticket, kind="event").values_list("text", flat=True))
    for number in (opened.number, asked.number):
        assert number in lines
    assert not any(amount for amount in customer_balances(ticket.customer_id).values())
    assert balance("cash", "EUR") == Money(2975, "EUR")  # two payments of 29.75, one given back
    assert first_break() is None
    while sealing.seal_events():
        continue
    assert sealing.first_broken() is None


def test_the_proof_ends_with_its_half_hour(ticket):
    assert story.take(ticket, at=NOW)
    token = story.ask_who(ticket, at=NOW)
    work(NOW)
    story.enter_code(ticket, token, story.code_in(mail.outbox[-1].body), at=NOW)

    with pytest.raises(ProofMissing):
        story.dispute(ticket, at=NOW + timedelta(minutes=31))
