"""What agents do to the books from a case: only with the customer's proof, and never on their own account."""

from datetime import timedelta

import pytest

from ledger.customers.models import Customer
from ledger.customers.operations import OwnAccount, add_contact_point
from ledger.disputes.models import Dispute
from ledger.errors import NotFound
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.refunds.models import Refund
from tests.ledger.worlds import bill, eur, pay
from tests.tickets.worlds import STRANGER, now_of, opened
from tickets import reactions
from tickets.casework.models import CaseLink
from tickets.casework.operations import (
    CustomerNotKnown,
    open_dispute_for_ticket,
    reject_dispute_for_ticket,
    request_refund_for_ticket,
    uphold_dispute_for_ticket,
    withdraw_dispute_for_ticket,
)
from tickets.casework.queries import case_of, earlier_cases
from tickets.conversations.models import Message
from tickets.promises.models import Promise
from tickets.promises.operations import break_overdue_promises
from tickets.replies.operations import send_reply
from verification.operations import record_manual_check
from verification.queries import ProofMissing

pytestmark = pytest.mark.usefixtures("desk")


def verify(ticket, customer: Customer, *, by: Actor, at) -> None:
    """Note that a supervisor called back the number that has been on file for a month."""
    number = customer.contact_points.filter(kind="phone").first() or add_contact_point(
        customer.pk, kind="phone", value="+4915112345678", by=by, at=at - timedelta(days=30)
    )
    record_manual_check(
        customer_id=customer.pk,
        conversation=f"ticket:{ticket.pk}",
        purpose="request_refund",
        level=3,
        reason="Called back on the number on file.",
        contact_point_id=number.pk,
        by=by,
        at=at,
    )


@pytest.fixture
def billed(ana, pia, now):
    """Ana was billed 25.00 twice and paid 50.00; she is verified in her case."""
    invoice = bill(ana, 2500, 2500)
    payment = pay(ana, 5000)
    ticket = opened()
    return ticket, invoice.lines.order_by("position").last(), payment


def dispute(ticket, line, by, at):
    return open_dispute_for_ticket(ticket.pk, line_id=line.pk, amount=eur(2500), reason="duplicate", by=by, at=at)


def test_without_proof_nothing_is_disputed_and_the_refusal_stays_on_the_record(ana, billed, mia, now):
    ticket, line, _ = billed

    with pytest.raises(ProofMissing):
        dispute(ticket, line, mia, now)

    assert Dispute.objects.count() == 0
    event = Event.objects.get(kind="access.refused")
    assert (event.subject, event.customer_id) == (f"ticket:{ticket.pk}", ana.pk)


def test_a_proof_from_another_conversation_is_no_proof_here(ana, billed, mia, pia, now):
    ticket, line, _ = billed
    other = opened(message_id="<b@x>", subject="Another question", text="Something else")
    verify(other, ana, by=pia, at=now)

    with pytest.raises(ProofMissing):
        dispute(ticket, line, mia, now)


def test_a_proof_that_has_expired_is_no_proof(ana, billed, mia, pia, now):
    ticket, line, _ = billed
    verify(ticket, ana, by=pia, at=now)

    with pytest.raises(ProofMissing):
        dispute(ticket, line, mia, now + timedelta(hours=9))


def test_a_dispute_is_opened_with_the_customers_words_and_linked_to_the_case(ana, billed, mia, pia, now):
    ticket, line, _ = billed
    verify(ticket, ana, by=pia, at=now)

    opened_dispute = dispute(ticket, line, mia, now)

    assert opened_dispute.conversation == f"ticket:{ticket.pk}"
    assert "charged twice" in opened_dispute.evidence.content
    assert [found.pk for found in case_of(ticket.pk).disputes] == [opened_dispute.pk]


def test_an_agent_may_not_work_on_their_own_account_and_that_is_recorded(ana, billed, pia, now):
    ticket, line, _ = billed
    verify(ticket, ana, by=pia, at=now)

    with pytest.raises(OwnAccount):
        dispute(ticket, line, Actor.agent(9, roles=frozenset({"agent"}), customer_id=ana.pk), now)

    assert Event.objects.filter(kind="access.refused", actor="agent:9").count() == 1


def test_a_line_of_another_customers_bill_cannot_be_disputed(ana, ben, billed, mia, pia, now):
    ticket, _, _ = billed
    verify(ticket, ana, by=pia, at=now)
    foreign = bill(ben, 2500).lines.get()

    with pytest.raises(ProofMissing):
        dispute(ticket, foreign, mia, now)

    assert Dispute.objects.count() == 0


def test_a_case_of_nobody_we_know_leads_to_nothing(ana, billed, mia, now):
    _, line, _ = billed
    stranger = opened(sender=STRANGER, message_id="<s@x>")

    with pytest.raises(CustomerNotKnown):
        dispute(stranger, line, mia, now)


def test_upheld_and_refunded_the_whole_story_stands_in_the_case(ana, billed, mia, pia, now):
    ticket, line, payment = billed
    verify(ticket, ana, by=pia, at=now)
    contested = dispute(ticket, line, mia, now)
    uphold_dispute_for_ticket(ticket.pk, contested.pk, explanation="You are right.", by=mia, at=now)

    refund = request_refund_for_ticket(
        ticket.pk,
        payment_id=payment.pk,
        amount=eur(2500),
        reason="Charged twice",
        dispute_id=contested.pk,
        by=mia,
        at=now,
    )

    for event in Event.objects.filter(subject__in=[f"dispute:{contested.pk}", f"refund:{refund.pk}"]).order_by("id"):
        for _ in range(2):
            reactions.note_progress(event, now)
    lines = list(Message.objects.filter(ticket=ticket, kind="event").order_by("id").values_list("text", flat=True))
    assert lines == [
        f"Dispute {contested.number} over €25.00 opened by Mia; the amount is on hold.",
        f"Dispute {contested.number} over €25.00 upheld by Mia: You are right.",
        f"Refund {refund.number} over €25.00 requested by Mia.",
        f"Refund {refund.number} over €25.00 approved by Mia.",
    ]
    assert refund.conversation == f"ticket:{ticket.pk}"
    assert set(CaseLink.objects.values_list("subject", flat=True)) == {
        f"dispute:{contested.pk}",
        f"refund:{refund.pk}",
        f"payment:{payment.pk}",
    }


def test_a_dispute_can_be_rejected_later_without_a_new_proof_but_withdrawn_only_with_one(ana, billed, mia, pia, now):
    ticket, line, _ = billed
    verify(ticket, ana, by=pia, at=now)
    contested = dispute(ticket, line, mia, now)
    later = now + timedelta(days=2)

    with pytest.raises(ProofMissing):
        withdraw_dispute_for_ticket(ticket.pk, contested.pk, by=mia, at=later)
    rejected = reject_dispute_for_ticket(ticket.pk, contested.pk, explanation="It was used.", by=mia, at=later)

    assert rejected.state == "rejected"


def test_another_customers_dispute_does_not_exist_in_this_case(ana, ben, billed, mia, pia, now):
    ticket, line, _ = billed
    verify(ticket, ana, by=pia, at=now)
    contested = dispute(ticket, line, mia, now)
    bens = opened(sender="ben@example.org", message_id="<ben@x>")

    with pytest.raises(NotFound):
        uphold_dispute_for_ticket(bens.pk, contested.pk, explanation="x", by=mia, at=now)


@pytest.fixture
def promised(ana, billed, mia, pia, now):
    """A goodwill refund of 20.00 was promised."""
    ticket, _, payment = billed
    verify(ticket, ana, by=pia, at=now)
    refund = request_refund_for_ticket(
        ticket.pk, payment_id=payment.pk, amount=eur(2000), reason="Sorry", is_goodwill=True, by=mia, at=now
    )
    return ticket, refund, Promise.objects.get()


def paid_event(refund, system, now, *, minor=2000) -> Event:
    return record_event(
        "refund.paid",
        subject=refund,
        customer_id=refund.customer_id,
        by=system,
        at=now,
        amount_minor=minor,
        currency="EUR",
    )


def test_a_refund_is_promised_within_a_day_and_kept_when_it_is_paid(promised, system, now):
    _, refund, promise = promised
    assert (promise.amount_minor, promise.due_at, promise.about) == (
        2000,
        now + timedelta(hours=24),
        f"refund:{refund.pk}",
    )

    event = paid_event(refund, system, now)
    reactions.keep_promises(event, now)
    reactions.keep_promises(event, now)

    promise = Promise.objects.get()
    assert (promise.kept_at, promise.kept_by) == (now, f"refund:{refund.pk}")
    assert Event.objects.filter(kind="promise.kept").count() == 1
    assert break_overdue_promises(at=now + timedelta(days=2)) == 0


def test_another_amount_than_promised_keeps_nothing_and_is_said_in_the_case(promised, system, now):
    ticket, refund, _ = promised

    reactions.keep_promises(paid_event(refund, system, now, minor=1500), now)

    assert Promise.objects.get().kept_at is None
    assert ticket.messages.filter(text="Promised 20.00 EUR, posted 15.00 EUR: please look.").count() == 1


@pytest.mark.parametrize(("minutes", "broken"), [(24 * 60, 0), (24 * 60 + 1, 1)])
def test_a_promise_not_kept_after_a_day_is_alarmed_once_and_wakes_the_case(promised, mia, now, minutes, broken):
    ticket, _, _ = promised
    send_reply(ticket.pk, text="You get it back.", resolve=True, by=mia, at=now)

    found = [break_overdue_promises(at=now + timedelta(minutes=minutes)) for _ in range(2)]

    assert found == [broken, 0]
    assert Event.objects.filter(kind="promise.broken").count() == broken
    assert (now_of(ticket).state, now_of(ticket).priority) == (("open", 1) if broken else ("resolved", 2))


def test_a_declined_refunds_promise_is_withdrawn_and_never_alarmed(promised, system, now):
    _, refund, _ = promised
    event = record_event("refund.declined", subject=refund, customer_id=refund.customer_id, by=system, at=now)

    reactions.keep_promises(event, now)

    assert Promise.objects.get().withdrawn_at == now
    assert break_overdue_promises(at=now + timedelta(days=2)) == 0


def test_earlier_cases_are_the_customers_own_newest_first(ana, ben, now):
    first = opened()
    second = opened(message_id="<b@x>", subject="Second", text="Another question")
    opened(sender="ben@example.org", message_id="<c@x>")

    assert [found.pk for found in earlier_cases(ana.pk)] == [second.pk, first.pk]
    assert [found.pk for found in earlier_cases(ana.pk, before=second.pk)] == [first.pk]


def test_a_refund_without_proof_moves_nothing(billed, mia, now):
    ticket, _, payment = billed

    with pytest.raises(ProofMissing):
        request_refund_for_ticket(ticket.pk, payment_id=payment.pk, amount=eur(100), reason="x", by=mia, at=now)

    assert Refund.objects.count() == 0
    assert Promise.objects.count() == 0
