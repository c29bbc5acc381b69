"""A customer who has proved who they are in a case of theirs, by a code to the address on file."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils import timezone

from ledger.events.actor import Actor
from ledger.models import ContactPoint, Customer
from notifications.models import Message
from tickets.conversations.inbound import Address, Channel, InboundMessage
from tickets.intake.operations import receive_message
from tickets.models import Ticket
from verification.models import Challenge
from verification.operations import answer_challenge, start_check

MIA = Actor.agent(99, name="Mia", roles=frozenset({"agent"}))


def write_in(customer: Customer, *, at: datetime | None = None) -> Ticket:
    """The customer writes that they were charged twice."""
    message = InboundMessage(
        channel=Channel.PORTAL,
        message_id=f"<{timezone.now().timestamp()}@example.org>",
        sender=Address("ana@example.org", customer.name),
        subject="Charged twice",
        text="I was charged twice.",
        reply_text="I was charged twice.",
    )
    return receive_message(message, customer_id=customer.pk, at=at or timezone.now())


def prove(customer: Customer, *, at: datetime | None = None) -> Ticket:
    """The customer writes in and answers the code; returns their case, in which the proof holds for half an hour."""
    at = at or timezone.now()
    ContactPoint.objects.filter(customer=customer).update(added_at=at - timedelta(days=30))
    ticket = write_in(customer, at=at)
    start_check(customer_id=customer.pk, conversation=f"ticket:{ticket.pk}", purpose="request_refund", by=MIA, at=at)
    sent = Message.objects.filter(is_secret=True).order_by("-pk").first()
    code = re.search(r"\b\d{6}\b", sent.body).group()
    challenge = Challenge.objects.order_by("-pk").first()
    answer_challenge(challenge.token, answer=code, by=Actor.customer(customer.pk), at=at)
    return ticket
