"""Flow 1 as steps: "I was charged twice", from the raw mail to the refund, through the product's own operations."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.disputes.queries import payment_to_refund
from ledger.events.actor import Actor
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.payments.operations import record_payment
from ledger.refunds.operations import approve_refund
from tickets.casework.operations import (
    open_dispute_for_ticket,
    request_refund_for_ticket,
    uphold_dispute_for_ticket,
)
from tickets.conversations.models import Ticket
from tickets.intake.operations import receive_email
from tickets.queues.models import Membership, Queue
from tickets.queues.operations import take_next_ticket
from verification.models import Challenge
from verification.operations import answer_challenge, start_check

SYSTEM = Actor.system("story")
MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
PIA = Actor.agent(3, name="Pia", roles=frozenset({"supervisor"}))
DESK = "billing@nordlicht.example"
CHARGED_TWICE = b"""From: Ana Berg <ana@example.com>
To: billing@nordlicht.example
Subject: I was charged twice
Message-ID: <twice-1@example.com>
Date: Mon, 2 Mar 2026 09:58:00 +0100
Content-Type: text/plain; charset=utf-8

Hello,

I was charged twice for March, 29.75 each, with my card 4242 4242 4242 4242.
Please give one back.

Ana
"""
#: Every message Ana gets because of the case, in this order, each exactly once.
MESSAGES = [
    "ticket_acknowledged",
    "one_time_code",
    "dispute_opened",
    "dispute_upheld",
    "refund_requested",
    "refund_approved",
    "refund_paid",
]


def open_account(*, at: datetime) -> Customer:
    """Ana, charged 25.00 + 19 % twice for the same month on 1 March, has paid both by card 4242."""
    ana = open_customer(
        name="Ana Berg",
        country="DE",
        currency="EUR",
        language="en",
        email="ana@example.com",
        by=SYSTEM,
        at=at - timedelta(days=400),
    )
    for _ in range(2):
        charge = add_charge(
            ana.pk,
            amount=Money(2500, "EUR"),
            description="Plus, 2026-03-01 to 2026-03-31",
            tax_rate=Decimal(19),
            charged_on=date(2026, 3, 1),
            by=SYSTEM,
            at=at - timedelta(days=1),
        )
        invoice = issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=at - timedelta(days=1))
        record_payment(
            ana.pk,
            amount=invoice.total,
            card_last4="4242",
            invoice_id=invoice.pk,
            by=SYSTEM,
            at=at - timedelta(days=1),
        )
    for queue in Queue.objects.all():
        Membership.objects.get_or_create(queue=queue, user_id=1)
    return ana


def write_in(*, at: datetime) -> Ticket:
    """Ana's mail arrives."""
    ticket = receive_email(CHARGED_TWICE, mailbox=DESK, at=at)
    assert ticket is not None
    return ticket


def take(ticket: Ticket, *, at: datetime) -> bool:
    """Mia takes the next ticket, and it is Ana's; False while a worker holds the only one there is."""
    taken = take_next_ticket(by=MIA, at=at)
    assert taken is None or taken.pk == ticket.pk
    return taken is not None


def ask_who(ticket: Ticket, *, at: datetime) -> str:
    """Mia starts a check; the address under which the code can be entered is returned."""
    check = start_check(
        customer_id=ticket.customer_id, conversation=f"ticket:{ticket.pk}", purpose="request_refund", by=MIA, at=at
    )
    return Challenge.objects.get(identity_check=check).token


def code_in(text: str) -> str:
    """Return the six digits a mail tells."""
    found = re.search(r"(?<!\d)(\d{6})(?!\d)", text)
    assert found, text
    return found.group(1)


def enter_code(ticket: Ticket, token: str, code: str, *, at: datetime) -> None:
    """Ana enters the code."""
    answer_challenge(token, answer=code, by=Actor.customer(ticket.customer_id), at=at)


def dispute(ticket: Ticket, *, at: datetime):
    """Mia disputes the second charge."""
    line = Customer.objects.get(pk=ticket.customer_id).invoices.order_by("pk").last().lines.get()
    return open_dispute_for_ticket(
        ticket.pk, line_id=line.pk, amount=Money(2975, "EUR"), reason="duplicate", by=MIA, at=at
    )


def uphold(ticket: Ticket, opened, *, at: datetime):
    """Mia finds for Ana."""
    return uphold_dispute_for_ticket(
        ticket.pk, opened.pk, explanation="March was charged twice by mistake.", by=MIA, at=at
    )


def refund(ticket: Ticket, opened, *, at: datetime):
    """Mia asks for the money back: 29.75 is above her 25.00."""
    return request_refund_for_ticket(
        ticket.pk,
        payment_id=payment_to_refund(opened).pk,
        amount=Money(2975, "EUR"),
        reason="Charged twice",
        dispute_id=opened.pk,
        by=MIA,
        at=at,
    )


def approve(asked, *, at: datetime):
    """Pia approves."""
    return approve_refund(asked.pk, by=PIA, at=at)
