"""Small worlds the tests of tickets begin from: a desk with its defaults, Ana and Ben, and mails as they are sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from tests.conftest import NOW
from tickets.conversations.models import Ticket
from tickets.conversations.operations import close_stale_tickets, resolve_ticket
from tickets.intake.operations import receive_email
from tickets.sla.defaults import ensure_defaults

SYSTEM = Actor.system("test")
DESK = "billing@nordlicht.example"
ANA, BEN, STRANGER = "ana@example.com", "ben@example.org", "stranger@example.net"


def open_desk() -> None:
    """Set up hours, policy, queues and rules as a fresh installation has them."""
    ensure_defaults()


def open_ana(*, email: str = ANA, phone: str = "", at: datetime = NOW) -> Customer:
    """Open the account of Ana, a consumer in Berlin who reads English."""
    return open_customer(
        name="Ana Berg", country="DE", currency="EUR", language="en", email=email, phone=phone, by=SYSTEM, at=at
    )


def open_ben(*, email: str = BEN, phone: str = "", at: datetime = NOW) -> Customer:
    """Open the account of Ben, a business in Berlin."""
    return open_customer(
        name="Ben GmbH",
        country="DE",
        currency="EUR",
        kind="business",
        language="de",
        email=email,
        phone=phone,
        by=SYSTEM,
        at=at,
    )


def mail(
    text: str = "Hello, I was charged twice for March. Please help.",
    *,
    sender: str = ANA,
    subject: str = "Charged twice",
    message_id: str | None = "<first@example.com>",
    to: str = DESK,
    files: tuple[tuple[str, str, bytes], ...] = (),
    **headers: str,
) -> bytes:
    """Return a raw mail; keyword `In_Reply_To` becomes the header In-Reply-To."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, media_type, content in files:
        kind, _, subtype = media_type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return message.as_bytes()


def receive(raw: bytes | None = None, *, at: datetime = NOW, mailbox: str = DESK, **parts: Any) -> Ticket | None:
    """Receive a mail made of the parts."""
    return receive_email(raw if raw is not None else mail(**parts), mailbox=mailbox, at=at)


def opened(*, at: datetime = NOW, **parts: Any) -> Ticket:
    """Receive a mail that must open or join a ticket, and return that as it is stored."""
    ticket = receive(at=at, **parts)
    assert ticket is not None
    return now_of(ticket)


def now_of(ticket: Ticket) -> Ticket:
    """Return a ticket as it is stored now."""
    return Ticket.objects.get(pk=ticket.pk)


def close(ticket: Ticket) -> None:
    """Close a case as silence does: resolved, and nothing for more than a week."""
    long_ago = NOW - timedelta(days=8)
    if now_of(ticket).state != "resolved":
        resolve_ticket(ticket.pk, by=SYSTEM, at=long_ago)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=long_ago)
    close_stale_tickets(at=NOW)
