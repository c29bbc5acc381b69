"""Finds the case a message belongs to, and never lets a stranger into one.

A name for a case (reply address, Message-ID, number in the subject) says which case is meant, not who may join it: only
its requester and the contacts on file of its customer do. Everybody else gets a new case without any link to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from ledger.customers.queries import contact_points
from notifications.delivery import queries as delivery
from notifications.models import Message as Delivered
from tickets.conversations.inbound import InboundMessage
from tickets.conversations.models import Message, Ticket
from tickets.conversations.queries import is_participant

SUBJECT_TOKEN = re.compile(r"\[#(\d{1,18})\]")
BY_ADDRESS, BY_HEADERS, BY_SUBJECT = "reply address", "mail headers", "number in the subject"


@dataclass(frozen=True)
class Thread:
    """Where a message belongs: to a ticket, to something we sent (`notice`), or nowhere; and what said so.

    `is_stranger` is set when it named a ticket or notice the sender has no part in.
    """

    ticket: Ticket | None = None
    why: str = ""
    notice: Delivered | None = None
    is_stranger: bool = False


def find_thread(inbound: InboundMessage, *, address: str = "") -> Thread:
    """Return the thread of a message by reply address, then headers, then the number in its subject.

    `address` is who wrote; by default the sender of the message.
    """
    address = address or inbound.sender.address
    strangers_way = ""
    for found, why in _candidates(inbound):
        if isinstance(found, Ticket):
            if is_participant(found, address):
                return Thread(ticket=found, why=why)
        elif _was_told(found, address):
            return Thread(notice=found, why=why)
        strangers_way = strangers_way or why
    return Thread(why=strangers_way, is_stranger=bool(strangers_way))


def find_reported_thread(inbound: InboundMessage) -> Thread:
    """Return the thread a delivery report speaks of; its sender is a mail server and part of no case."""
    for found, why in _candidates(inbound):
        return Thread(ticket=found, why=why) if isinstance(found, Ticket) else Thread(notice=found, why=why)
    return Thread()


def _candidates(inbound: InboundMessage) -> Iterator[tuple[Ticket | Delivered, str]]:
    if inbound.plus_token:
        yield from ((found, BY_ADDRESS) for found in _by_token(inbound.plus_token))
    if inbound.thread_ids:
        yield from ((found, BY_HEADERS) for found in _by_message_ids(inbound.thread_ids))
    numbers = [int(number) for number in SUBJECT_TOKEN.findall(inbound.subject)][:5]
    if numbers:
        yield from ((ticket, BY_SUBJECT) for ticket in Ticket.objects.filter(pk__in=numbers).order_by("-id"))


def _by_token(token: str) -> Iterator[Ticket | Delivered]:
    ticket = Ticket.objects.filter(token=token).first()
    if ticket is not None:
        yield ticket
        return
    delivered = delivery.find_by_reply_token(token)
    if delivered is not None:
        yield _ticket_of(delivered) or delivered


def _by_message_ids(message_ids: tuple[str, ...]) -> Iterator[Ticket | Delivered]:
    """Yield the tickets that hold, or also name, one of the messages; nearest first, among equals the newer ticket."""
    nearness = {message_id: place for place, message_id in enumerate(message_ids)}
    known = Message.objects.filter(Q(message_id__in=message_ids) | Q(references__overlap=list(message_ids)))
    ranked: dict[int, tuple[int, int]] = {}
    for message_id, references, ticket_id in known.values_list("message_id", "references", "ticket_id")[:500]:
        place = min((nearness[each] for each in references if each in nearness), default=99) + 100
        rank = (min(place, nearness.get(message_id, 999)), -ticket_id)
        ranked[ticket_id] = min(rank, ranked.get(ticket_id, rank))
    tickets = Ticket.objects.in_bulk(ranked)
    yield from (tickets[ticket_id] for ticket_id in sorted(ranked, key=ranked.__getitem__))
    for message_id in message_ids[:50]:
        delivered = delivery.find_message(message_id)
        if delivered is not None:
            yield _ticket_of(delivered) or delivered


def _ticket_of(delivered: Delivered) -> Ticket | None:
    kind, _, pk = delivered.conversation.partition(":")
    return Ticket.objects.filter(pk=int(pk)).first() if kind == "ticket" and pk.isdigit() else None


def _was_told(delivered: Delivered, address: str) -> bool:
    """Say whether a message went to this address, or to the customer who has it on file."""
    address = address.strip().lower()
    if delivered.recipient.lower() == address:
        return True
    if delivered.customer_id is None:
        return False
    return any(point.value.lower() == address for point in contact_points(delivered.customer_id))
