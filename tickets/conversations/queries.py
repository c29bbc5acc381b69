"""Every read of tickets and messages worth a name. Finding the thread of a mail has its own file, threads.py."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from ledger.customers.queries import contact_points
from ledger.errors import NotFound
from tickets.conversations.models import Attachment, Message, Reference, Ticket


class NoSuchTicket(NotFound):
    """There is no such case, or it is somebody else's."""


class NoSuchFile(NotFound):
    """There is no such file, or it was refused."""


def get_ticket(ticket_id: int, *, customer_id: int | None = None) -> Ticket:
    """Return a ticket with its customer, queue and the one it continues; of this customer only, when one is given.

    :raises NoSuchTicket: if there is none, or it is not theirs
    """
    found = Ticket.objects.filter(pk=ticket_id).select_related("customer", "queue", "continues")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    ticket = found.first()
    if ticket is None:
        raise NoSuchTicket("We have no such case.")
    return ticket


def messages_of(ticket_id: int, *, for_customer: bool = False) -> list[Message]:
    """Return a ticket's messages, oldest first, with attachments (without their bytes) and references.

    A customer sees what was said to and by them: no notes, no event lines, nothing from strangers.
    """
    found = Message.objects.filter(ticket_id=ticket_id).prefetch_related(
        Prefetch("attachments", Attachment.objects.defer("content").order_by("id")),
        Prefetch("found_references", Reference.objects.order_by("id")),
    )
    if for_customer:
        found = found.filter(kind__in=[Message.Kind.IN, Message.Kind.OUT], is_participant=True)
    return list(found.order_by("written_at", "id"))


def get_attachment(attachment_id: int, *, customer_id: int | None = None) -> Attachment:
    """Return a stored file with its bytes.

    :raises NoSuchFile: if there is none, it was refused, or it belongs to another customer's case
    """
    found = Attachment.objects.filter(pk=attachment_id, content__isnull=False)
    if customer_id is not None:
        found = found.filter(message__ticket__customer_id=customer_id, message__is_participant=True)
    attachment = found.select_related("message__ticket").first()
    if attachment is None:
        raise NoSuchFile("We have no such file.")
    return attachment


def tickets_of_customer(customer_id: int, *, limit: int = 50, before: int | None = None) -> list[Ticket]:
    """Return a customer's cases, newest first."""
    found = Ticket.objects.filter(customer_id=customer_id).select_related("queue")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-id")[:limit])


def evidence_words(ticket_id: int, *, limit: int = 200) -> list[dict[str, Any]]:
    """Return what the customer said in a case, as a dispute keeps it: moment, author, masked text, files' digests."""
    said = Message.objects.filter(ticket_id=ticket_id, kind=Message.Kind.IN, is_participant=True)
    said = said.prefetch_related(Prefetch("attachments", Attachment.objects.defer("content").order_by("id")))
    return [evidence_word(message) for message in said.order_by("written_at", "id")[:limit]]


def evidence_word(message: Message) -> dict[str, Any]:
    """Return one message as a dispute keeps it."""
    return {
        "at": message.written_at.isoformat(),
        "author": message.author,
        "text": message.text,
        "files": [{"name": kept.name, "sha256": kept.sha256} for kept in message.attachments.all() if kept.sha256],
    }


def is_participant(ticket: Ticket, address: str) -> bool:
    """Say whether an address is the requester's, or a contact on file of the ticket's customer."""
    address = address.strip().lower()
    if not address:
        return False
    if ticket.requester.lower() == address:
        return True
    if ticket.customer_id is None:
        return False
    return any(point.value.lower() == address for point in contact_points(ticket.customer_id))


def version_of(ticket_id: int) -> int:
    """Return the ticket's version alone: the cheapest way to see whether anything changed.

    :raises NoSuchTicket: if there is none
    """
    version = Ticket.objects.filter(pk=ticket_id).values_list("version", flat=True).first()
    if version is None:
        raise NoSuchTicket("We have no such case.")
    return int(version)
