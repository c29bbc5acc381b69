"""send_reply: an agent's own words to the customer, stored, queued for delivery once, and counted as the response."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.customers.queries import contact_points
from ledger.errors import DomainError
from ledger.events.actor import Actor
from notifications.delivery import operations as delivery
from tickets import events
from tickets.conversations.masking import Content
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import (
    EmptyText,
    append_message,
    lock_ticket,
    reopen_ticket,
    resolve_ticket,
    wait_for_customer,
)
from tickets.conversations.recording import record
from tickets.conversations.sayings import Arrival, Saying
from tickets.replies.advice import Found
from tickets.replies.boundary import check_advice
from tickets.sla.operations import settle_clocks, stop_responses

#: Message-IDs a reply names at most, newest kept: RFC 5322 asks for the chain, servers limit the header.
MOST_REFERENCES = 20
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class ConversationMoved(DomainError):
    """Somebody wrote in the case while the reply was being typed."""


class CaseIsClosed(DomainError):
    """A closed case is not answered; a new one is opened instead."""


class NoAddressToAnswer(DomainError):
    """There is no e-mail address the answer could go to."""


@dataclass(frozen=True)
class _Thread:
    """What the mail programs of both sides need to keep a reply in its thread."""

    in_reply_to: str
    references: tuple[str, ...]


@transaction.atomic
def send_reply(
    ticket_id: int,
    *,
    text: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
    resolve: bool = False,
    key: str | None = None,
    advice_reason: str = "",
) -> Message:
    """This will answer the customer, stop the response clocks, and leave the case waiting, or resolved.

    The same `key` twice sends once and returns the first. `version` is the version the agent saw; `advice_reason` says
    why a supervisor sends words that are left to advisers.

    :raises EmptyText: if there is nothing in it
    :raises ConversationMoved: if somebody wrote after that version
    :raises CaseIsClosed: if the case is closed
    :raises NoAddressToAnswer: if neither the requester nor the customer has an e-mail address
    :raises AdviceInReply: if it says what only an adviser may say
    """
    ticket = lock_ticket(ticket_id, by=by)
    own_key = f"reply:{ticket_id}:{key}"[:120] if key else None
    sent = Message.objects.filter(key=own_key).first() if own_key else None
    if sent is not None:
        return sent
    _check(ticket, text, version)
    advice = check_advice(text, reason=advice_reason, by=by)
    recipient = address_to_answer(ticket)
    thread = _thread_of(ticket)
    arrival = Arrival(in_reply_to=thread.in_reply_to, references=thread.references)
    content = Content(text.strip(), text.strip())
    saying = Saying(Message.Kind.OUT, "email", str(by), content, author_name=by.name, arrival=arrival, key=own_key)
    message = append_message(ticket_id, saying, by=by, at=at)
    _queue(ticket, message, recipient, thread, at=at)
    _record(ticket, message, advice, advice_reason, by=by, at=at)
    _settle(ticket_id, resolve=resolve, by=by, at=at)
    return message


def _check(ticket: Ticket, text: str, version: int | None) -> None:
    if not text.strip():
        raise EmptyText("Please write an answer.")
    if ticket.state == Ticket.State.CLOSED:
        raise CaseIsClosed(f"Case {ticket.number} is closed; open a new one to write to the customer.")
    if version is None:
        return
    since = Message.objects.filter(ticket=ticket, ticket_version__gt=version, is_auto_reply=False)
    kinds = set(since.filter(kind__in=[Message.Kind.IN, Message.Kind.OUT]).values_list("kind", flat=True))
    if Message.Kind.IN in kinds:
        raise ConversationMoved("The customer wrote again while you were typing.")
    if kinds:
        raise ConversationMoved("A colleague answered while you were typing.")


def address_to_answer(ticket: Ticket) -> str:
    """Return the address an answer goes to: the requester's, else the customer's first e-mail on file.

    :raises NoAddressToAnswer: if there is none
    """
    if EMAIL.fullmatch(ticket.requester):
        return ticket.requester
    if ticket.customer_id is not None:
        for point in contact_points(ticket.customer_id):
            if point.kind == "email":
                return point.value
    raise NoAddressToAnswer("There is no e-mail address on file to answer to; please call the customer.")


def subject_of_thread(ticket: Ticket) -> str:
    """Return the subject of an outgoing mail: the thread's own, with the case number in it once."""
    token = f"[#{ticket.pk}]"
    subject = ticket.subject if token in ticket.subject else f"{ticket.subject} {token}"
    return subject if re.match(r"(?i)(re|aw|antw|sv)\s*:", subject) else f"Re: {subject}"


def _thread_of(ticket: Ticket) -> _Thread:
    named = Message.objects.filter(ticket=ticket, kind__in=[Message.Kind.IN, Message.Kind.OUT]).exclude(message_id="")
    rows = named.filter(is_auto_reply=False).order_by("id").values_list("message_id", "kind", "channel")
    newest = list(rows)[-MOST_REFERENCES:]
    came_in = [message_id for message_id, kind, channel in newest if kind == Message.Kind.IN and channel == "email"]
    in_reply_to = came_in[-1] if came_in else (newest[-1][0] if newest else "")
    return _Thread(in_reply_to, tuple(dict.fromkeys(message_id for message_id, _, _ in newest)))


def _queue(ticket: Ticket, message: Message, recipient: str, thread: _Thread, *, at: datetime) -> None:
    delivered = delivery.queue_reply(
        key=f"reply:{message.pk}",
        ticket_ref=f"ticket:{ticket.pk}",
        reply_token=ticket.token,
        customer_id=ticket.customer_id,
        recipient=recipient,
        subject=subject_of_thread(ticket),
        body=message.text,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        at=at,
    )
    message.message_id = delivered.message_id
    message.save(update_fields=["message_id"])


def _record(ticket: Ticket, message: Message, advice: list[Found], reason: str, *, by: Actor, at: datetime) -> None:
    if ticket.first_answered_at is None:
        Ticket.objects.filter(pk=ticket.pk).update(first_answered_at=at)
    sent: dict[str, Any] = (
        {"advice": [each.typed for each in advice], "advice_reason": reason.strip()[:300]} if advice else {}
    )
    record(events.TICKET_REPLY_SENT, ticket, by=by, at=at, message=message.pk, **sent)


def _settle(ticket_id: int, *, resolve: bool, by: Actor, at: datetime) -> None:
    """Stop the response clocks and leave the ticket waiting or resolved, whatever state the reply found it in."""
    ticket = lock_ticket(ticket_id, by=by)
    stop_responses(ticket, at=at)
    if ticket.state == Ticket.State.RESOLVED and not resolve:
        ticket = reopen_ticket(ticket_id, by=by, at=at, because="answered again")
        settle_clocks(ticket, at=at)
    if resolve and ticket.state != Ticket.State.RESOLVED:
        ticket = resolve_ticket(ticket_id, by=by, at=at)
    elif not resolve and ticket.state == Ticket.State.OPEN:
        ticket = wait_for_customer(ticket_id, by=by, at=at)
    settle_clocks(ticket, at=at)
