"""receive_email, receive_message: from what arrived to a ticket with its queue and its clock, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ledger.events.actor import Actor
from notifications.delivery.operations import record_bounce
from tickets import events
from tickets.channels.email import parse_email
from tickets.conversations.inbound import InboundMessage
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import (
    LONGEST_MESSAGE_ID,
    append_message,
    lock_ticket,
    open_ticket,
    reopen_ticket,
)
from tickets.conversations.queries import get_ticket
from tickets.conversations.recording import record
from tickets.conversations.threads import Thread, find_reported_thread, find_thread
from tickets.intake.keywords import keyword_of
from tickets.intake.linking import link_references
from tickets.intake.opening import opening_of, saying_of
from tickets.intake.parking import park_mail
from tickets.intake.senders import is_our_own, match_sender
from tickets.sla.operations import customer_wrote, start_clocks

SAME_MAIL = "one_message_per_mail_received"
BY = Actor.system("intake")


def receive_email(raw: bytes, *, mailbox: str, at: datetime) -> Ticket | None:
    """This will turn a raw mail into a message of a ticket, new or known, and return the ticket.

    None: we had this mail already (by mailbox, Message-ID and content), or nobody has to answer it and it is parked
    (our own mail, a robot's answer that belongs to no case). When it returns, the mail is stored.

    :raises UnreadableMail: if the bytes are no mail
    """
    inbound = parse_email(raw)
    if inbound.loop_marker or is_our_own(inbound.sender.address):
        park_mail(inbound, mailbox=mailbox, why="This mail is our own; it came back to us.", at=at)
        return None
    return _receive_once(inbound, mailbox=mailbox, customer_id=None, ticket_id=None, about="", at=at)


def receive_message(
    inbound: InboundMessage,
    *,
    customer_id: int | None = None,
    ticket_id: int | None = None,
    subject_of_question: str = "",
    at: datetime,
) -> Ticket:
    """This will turn a message of the portal, the API or a phone call into a message of a ticket, and return that.

    `ticket_id` continues a case of this customer; the same message twice returns the first one's ticket.

    :raises NoSuchTicket: if the case is not this customer's
    """
    mailbox = str(inbound.channel)
    ticket = _receive_once(
        inbound, mailbox=mailbox, customer_id=customer_id, ticket_id=ticket_id, about=subject_of_question, at=at
    )
    if ticket is not None:
        return ticket
    first = Message.objects.select_related("ticket").get(
        kind=Message.Kind.IN, message_id=inbound.message_id, body_digest=inbound.body_digest, mailbox=mailbox
    )
    return first.ticket


def _receive_once(
    inbound: InboundMessage, *, mailbox: str, customer_id: int | None, ticket_id: int | None, about: str, at: datetime
) -> Ticket | None:
    """Store a message unless we have it; of two workers with the same one, the unique constraint lets one through."""
    if _is_known(inbound):
        return None
    try:
        with transaction.atomic():
            if inbound.is_auto_reply or inbound.is_bounce:
                return _receive_from_machine(inbound, mailbox=mailbox, at=at)
            thread = Thread(get_ticket(ticket_id, customer_id=customer_id), "portal") if ticket_id else None
            thread = thread or find_thread(inbound)
            if thread.ticket is not None and thread.ticket.state != Ticket.State.CLOSED:
                return _join(thread.ticket, inbound, mailbox=mailbox, by=_doer(customer_id), at=at)
            return _open(inbound, thread, mailbox=mailbox, customer_id=customer_id, about=about, at=at)
    except IntegrityError as clash:
        if SAME_MAIL not in str(clash):
            raise
        return None


def _is_known(inbound: InboundMessage) -> bool:
    """Say whether this very mail came before, to whichever of our mailboxes."""
    if not inbound.message_id:
        return False
    same = Message.objects.filter(kind=Message.Kind.IN, message_id=inbound.message_id[:LONGEST_MESSAGE_ID])
    return same.filter(body_digest=inbound.body_digest).exists()


def _doer(customer_id: int | None) -> Actor:
    return Actor.customer(customer_id) if customer_id is not None else BY


def _join(ticket: Ticket, inbound: InboundMessage, *, mailbox: str, by: Actor, at: datetime) -> Ticket:
    """Add a customer's message to their open, waiting or resolved case, which is open afterwards."""
    message = append_message(ticket.pk, saying_of(inbound, mailbox=mailbox), by=by, at=at)
    ticket = lock_ticket(ticket.pk, by=by)
    if ticket.state != Ticket.State.OPEN:
        ticket = reopen_ticket(ticket.pk, by=by, at=at, because="the customer wrote")
    customer_wrote(ticket, at=at)
    link_references(ticket, message, at=at)
    keyword = keyword_of(inbound, is_known=ticket.customer_id is not None)
    _record_message(ticket, message, by=by, at=at, keyword=keyword)
    return ticket


def _open(
    inbound: InboundMessage, thread: Thread, *, mailbox: str, customer_id: int | None, about: str, at: datetime
) -> Ticket:
    """Open a case: of its own, bound to the notice it answers, or continuing a closed one."""
    sender, by = match_sender(inbound, thread, customer_id=customer_id), _doer(customer_id)
    ticket = open_ticket(opening_of(inbound, thread, sender, mailbox=mailbox, about=about), by=by, at=at)
    message = append_message(ticket.pk, saying_of(inbound, mailbox=mailbox), by=by, at=at)
    ticket = lock_ticket(ticket.pk, by=by)
    start_clocks(ticket, at=at)
    link_references(ticket, message, at=at)
    if thread.is_stranger:
        why = f"It named another case by {thread.why}, but its sender has no part in that case."
        record(events.SENDER_NOT_KNOWN, ticket, by=by, at=at, why=why)
    keyword = keyword_of(inbound, is_known=ticket.customer_id is not None)
    _record_opened(ticket, message, keyword, may_answer=inbound.may_be_answered_automatically, by=by, at=at)
    return ticket


def _receive_from_machine(inbound: InboundMessage, *, mailbox: str, at: datetime) -> Ticket | None:
    """Attach a robot's answer or a delivery report to its case without waking it; park what belongs to none."""
    why = inbound.remarks[0] if inbound.remarks else "A machine wrote this mail."
    if inbound.is_bounce:
        for message_id in inbound.bounced_message_ids[:10]:
            record_bounce(message_id, why=why, failed=inbound.failed_recipients, at=at)
    thread = find_reported_thread(inbound) if inbound.is_bounce else find_thread(inbound)
    if thread.ticket is None:
        park_mail(inbound, mailbox=mailbox, why=f"{why} It belongs to no case.", at=at)
        return None
    saying = saying_of(inbound, mailbox=mailbox, is_participant=not inbound.is_bounce)
    message = append_message(thread.ticket.pk, saying, by=BY, at=at)
    _record_message(thread.ticket, message, by=BY, at=at)
    return get_ticket(thread.ticket.pk)


def _record_opened(
    ticket: Ticket, message: Message, keyword: str, *, may_answer: bool, by: Actor, at: datetime
) -> None:
    """Record the new case; a keyword gets an answer of its own instead of an acknowledgement."""
    record(
        events.TICKET_OPENED,
        ticket,
        by=by,
        at=at,
        channel=ticket.channel,
        topic=ticket.topic,
        message=message.pk,
        acknowledge=may_answer and not keyword,
        **_named(keyword),
    )
    _record_refused_files(ticket, message, by=by, at=at)


def _named(keyword: str) -> dict[str, Any]:
    return {"keyword": keyword} if keyword else {}


def _record_message(ticket: Ticket, message: Message, *, by: Actor, at: datetime, keyword: str = "") -> None:
    record(
        events.TICKET_MESSAGE_RECEIVED,
        ticket,
        by=by,
        at=at,
        channel=message.channel,
        message=message.pk,
        is_auto_reply=message.is_auto_reply,
        **_named(keyword),
    )
    _record_refused_files(ticket, message, by=by, at=at)


def _record_refused_files(ticket: Ticket, message: Message, *, by: Actor, at: datetime) -> None:
    refused = message.attachments.exclude(refused_because="").order_by("id").values("name", "refused_because")
    if refused:
        record(events.UPLOAD_REFUSED, ticket, by=by, at=at, message=message.pk, files=list(refused))
