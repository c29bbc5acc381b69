"""One case from the first mail to the refund, with the reactions run as the worker runs them."""

from datetime import timedelta

import pytest

from ledger.events.models import Event
from ledger.events.queries import failing_reactions
from notifications.models import Message as Delivered
from tests.ledger.worlds import bill, eur, pay
from tests.tickets.casework.test_casework import verify
from tests.tickets.worlds import now_of, opened
from tickets.casework.operations import (
    open_dispute_for_ticket,
    request_refund_for_ticket,
    uphold_dispute_for_ticket,
)
from tickets.conversations.operations import resolve_ticket
from tickets.queues.operations import take_next_ticket
from tickets.sla.models import Clock

pytestmark = pytest.mark.usefixtures("desk")


def test_the_case_shows_every_step_and_the_customer_is_told_each_once(ana, mia, pia, now, run_reactions):
    lines = bill(ana, 2500, 2500).lines.order_by("position")
    payment = pay(ana, 5000)
    ticket = opened()
    run_reactions(now)

    taken = take_next_ticket(by=mia, at=now)
    assert taken is not None
    assert taken.pk == ticket.pk
    verify(ticket, ana, by=pia, at=now)
    contested = open_dispute_for_ticket(
        ticket.pk, line_id=lines[1].pk, amount=eur(2500), reason="duplicate", by=mia, at=now
    )
    uphold_dispute_for_ticket(ticket.pk, contested.pk, explanation="You are right.", by=mia, at=now)
    refund = request_refund_for_ticket(
        ticket.pk, payment_id=payment.pk, amount=eur(2500), reason="Charged twice", by=mia, at=now
    )
    resolve_ticket(ticket.pk, by=mia, at=now)
    for minutes in range(1, 4):
        run_reactions(now + timedelta(minutes=minutes))

    assert failing_reactions() == []
    told = list(ticket.messages.filter(kind="event").values_list("text", flat=True))
    assert len(told) == len(set(told))
    for step in ("Identity verified", contested.number, refund.number):
        assert any(step in line for line in told), step
    assert Delivered.objects.filter(key=f"ack:{ticket.pk}").count() == 1
    assert now_of(ticket).state == "resolved"
    assert not Clock.objects.filter(ticket=ticket).exclude(state="stopped").exists()
    assert Event.objects.filter(kind="promise.made").count() == 1
