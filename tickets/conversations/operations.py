"""The whole life of a ticket and of what is said in it. Every operation locks the ticket first."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django_fsm import can_proceed

from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor
from tickets import events
from tickets.conversations.masking import Content, mask_content, mask_line
from tickets.conversations.models import Attachment, Message, Ticket
from tickets.conversations.queries import NoSuchTicket
from tickets.conversations.recording import record
from tickets.conversations.sayings import Opening, Saying

#: A resolved ticket nobody answers is closed after this time.
CLOSE_AFTER = timedelta(days=7)
LONGEST_NOTE = 20_000
URGENT = 1
#: Longer ones would not fit an index row of PostgreSQL (2,704 bytes).
LONGEST_MESSAGE_ID = 500


class TicketNotInState(DomainError):
    """The ticket is in a state in which this cannot be done."""


class EmptyText(InvalidInput):
    """There is nothing to say or to write down."""


class AlreadyLinked(DomainError):
    """The ticket belongs to a customer already."""


def lock_ticket(ticket_id: int, *, by: Actor) -> Ticket:
    """Return the ticket, locked until the transaction ends.

    :raises NoSuchTicket: if there is none
    :raises OwnAccount: if a member of staff would work on a ticket of their own account
    """
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None:
        raise NoSuchTicket("We have no such case.")
    refuse_own_account(by, ticket.customer_id)
    return ticket


@transaction.atomic
def open_ticket(opening: Opening, *, by: Actor, at: datetime) -> Ticket:
    """This will open a case; its first message, clock and queue are the caller's business."""
    subject = mask_line(opening.subject) or "(no subject)"
    return Ticket.objects.create(
        customer_id=opening.customer_id,
        requester=opening.requester[:254],
        requester_name=mask_line(opening.requester_name, 200),
        linked_because=opening.linked_because[:200],
        candidates=list(opening.candidates),
        subject=subject,
        channel=opening.channel,
        topic=opening.topic,
        topic_words=[word[:80] for word in opening.topic_words],
        language=opening.language[:12],
        priority=opening.priority,
        queue_id=opening.queue_id,
        sort_at=at,
        token=str(uuid.uuid4()),
        notice_id=opening.notice_id,
        subject_of_question=opening.subject_of_question[:60],
        continues_id=opening.continues_id,
        opened_at=at,
        last_message_at=at,
    )


@transaction.atomic
def append_message(ticket_id: int, saying: Saying, *, by: Actor, at: datetime) -> Message:
    """This will store a message with its files, masked, and count one more version of the ticket.

    The same `key` twice returns the first message.
    """
    ticket = lock_ticket(ticket_id, by=by)
    if saying.key is not None:
        told = Message.objects.filter(key=saying.key).first()
        if told is not None:
            return told
    message = _store(ticket, saying, mask_content(saying.content), at=at)
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            name=kept.name,
            media_type=kept.media_type,
            size=kept.size,
            sha256=kept.sha256,
            content=kept.content,
            refused_because=kept.refused_because,
        )
        for kept in saying.files
    )
    return message


def _store(ticket: Ticket, saying: Saying, content: Content, *, at: datetime) -> Message:
    ticket.version += 1
    if saying.kind in (Message.Kind.IN, Message.Kind.OUT) and not saying.arrival.is_auto_reply:
        ticket.last_message_at = at
    ticket.save(update_fields=["version", "last_message_at"])
    arrival = saying.arrival
    return Message.objects.create(
        ticket=ticket,
        kind=saying.kind,
        channel=saying.channel,
        author=saying.author[:80],
        author_name=mask_line(saying.author_name, 200),
        is_participant=arrival.is_participant,
        text=content.text.replace("\x00", ""),
        new_text=content.new_text.replace("\x00", ""),
        html=content.html.replace("\x00", ""),
        masked=list(content.masked),
        remarks=[remark[:300] for remark in arrival.remarks],
        mailbox=arrival.mailbox,
        message_id=arrival.message_id[:LONGEST_MESSAGE_ID],
        in_reply_to=arrival.in_reply_to[:LONGEST_MESSAGE_ID],
        references=[reference[:LONGEST_MESSAGE_ID] for reference in arrival.references],
        body_digest=arrival.body_digest,
        is_auto_reply=arrival.is_auto_reply,
        key=saying.key,
        ticket_version=ticket.version,
        written_at=at,
    )


@transaction.atomic
def add_note(ticket_id: int, *, text: str, by: Actor, at: datetime) -> Message:
    """This will add a note only staff can read; card numbers are masked like everywhere else.

    :raises EmptyText: if there is nothing in it
    """
    if not text.strip():
        raise EmptyText("Please write something in the note.")
    saying = Saying(Message.Kind.NOTE, "note", str(by), Content(text.strip()[:LONGEST_NOTE]), author_name=by.name)
    note = append_message(ticket_id, saying, by=by, at=at)
    ticket = note.ticket
    record(events.TICKET_NOTE_ADDED, ticket, by=by, at=at, note=note.pk)
    return note


@transaction.atomic
def add_event_line(ticket_id: int, *, key: str, text: str, about: str, at: datetime) -> Message:
    """This will put one line about something that happened into the case; repeating the key is harmless."""
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None:
        raise NoSuchTicket("We have no such case.")
    told = Message.objects.filter(key=key).first()
    if told is not None:
        return told
    saying = Saying(Message.Kind.EVENT, "event", "system:ticket", Content(text), key=key)
    line = _store(ticket, saying, mask_content(saying.content), at=at)
    Message.objects.filter(pk=line.pk).update(about=about[:60])
    line.about = about[:60]
    return line


def make_urgent(ticket_id: int) -> None:
    """This will put a case that still needs us before the others of its queue; repeating it is harmless."""
    waits = Ticket.objects.filter(pk=ticket_id, state__in=[Ticket.State.OPEN, Ticket.State.WAITING])
    waits.update(priority=URGENT)


@transaction.atomic
def wait_for_customer(ticket_id: int, *, by: Actor, at: datetime) -> Ticket:
    """This will leave the next word to the customer.

    :raises TicketNotInState: if it is not open
    """
    ticket = lock_ticket(ticket_id, by=by)
    _refuse_unless(ticket, can_proceed(ticket.wait))
    ticket.wait()
    return _moved(ticket, events.TICKET_WAITING, by=by, at=at)


@transaction.atomic
def resolve_ticket(ticket_id: int, *, by: Actor, at: datetime) -> Ticket:
    """This will call the case answered; it closes after a week of silence, and an answer reopens it.

    :raises TicketNotInState: if it is resolved or closed already
    """
    ticket = lock_ticket(ticket_id, by=by)
    _refuse_unless(ticket, can_proceed(ticket.resolve))
    ticket.resolve(at=at)
    return _moved(ticket, events.TICKET_RESOLVED, by=by, at=at)


@transaction.atomic
def reopen_ticket(ticket_id: int, *, by: Actor, at: datetime, because: str = "") -> Ticket:
    """This will open a waiting or resolved case again.

    :raises TicketNotInState: if it is open already, or closed
    """
    ticket = lock_ticket(ticket_id, by=by)
    _refuse_unless(ticket, can_proceed(ticket.reopen))
    ticket.reopen()
    return _moved(ticket, events.TICKET_REOPENED, by=by, at=at, because=because)


def _refuse_unless(ticket: Ticket, is_possible: bool) -> None:
    if not is_possible:
        raise TicketNotInState(f"Case {ticket.number} is {ticket.state}.")


def _moved(ticket: Ticket, kind: str, *, by: Actor, at: datetime, **data: object) -> Ticket:
    ticket.version += 1
    ticket.save(update_fields=["state", "resolved_at", "reopened_count", "version"])
    said = {name: value for name, value in data.items() if value}
    record(kind, ticket, subject=None, by=by, at=at, **said)
    return ticket


def close_stale_tickets(*, at: datetime, limit: int = 1000) -> int:
    """This will close cases resolved more than a week ago; return how many."""
    closed = 0
    by = Actor.system("close_stale_tickets")
    with transaction.atomic():
        stale = Ticket.objects.select_for_update(skip_locked=True).filter(
            state=Ticket.State.RESOLVED, resolved_at__lte=at - CLOSE_AFTER
        )
        for ticket in stale.order_by("id")[:limit]:
            ticket.close()
            _moved(ticket, events.TICKET_CLOSED, by=by, at=at)
            closed += 1
    return closed


@transaction.atomic
def link_customer(ticket_id: int, *, customer_id: int, because: str, by: Actor, at: datetime) -> Ticket:
    """This will say whose case it is. It proves nothing about who wrote: that is verification's business.

    :raises AlreadyLinked: if it belongs to another customer
    :raises OwnAccount: if the customer is the member of staff who links it
    """
    ticket = lock_ticket(ticket_id, by=by)
    refuse_own_account(by, customer_id)
    customer = get_customer(customer_id)
    if ticket.customer_id == customer.pk:
        return ticket
    if ticket.customer_id is not None:
        raise AlreadyLinked("This case belongs to another customer; hand it over or open a new one.")
    ticket.customer_id, ticket.linked_because, ticket.candidates = customer.pk, because[:200], []
    ticket.version += 1
    ticket.save(update_fields=["customer_id", "linked_because", "candidates", "version"])
    record(events.TICKET_LINKED, ticket, by=by, at=at, because=because[:200])
    return ticket
