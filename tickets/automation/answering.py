"""One automatic answer to the address that wrote in: in its thread, in its language, once per cause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection

from ledger.errors import DomainError
from notifications.delivery.operations import queue_message
from notifications.models import Message as Delivered
from notifications.preferences.queries import find_preference, language_of
from notifications.wording.render import find_text
from tickets.conversations.inbound import Channel
from tickets.conversations.models import Message, Ticket
from tickets.replies.operations import EMAIL

#: `author` of a message keeps this much of an address; a longer one cannot be answered from it.
LONGEST_AUTHOR = 80


class NobodyToAnswer(DomainError):
    """The message came from no e-mail address, and no customer is known."""


def answer(
    ticket: Ticket,
    message: Message | None,
    *,
    key: str,
    wording: str,
    values: Mapping[str, str],
    subject: str | None = None,
    at: datetime,
) -> None:
    """This will queue one automatic answer; the same key twice is one.

    It goes to the mail address that wrote, which need not be the customer's; an answer to anything else than a mail
    address goes to the customer's own contact on file.

    :raises NobodyToAnswer: if there is neither
    """
    recipient = writer_of(ticket, message)
    if not recipient and ticket.customer_id is None:
        raise NobodyToAnswer("Nobody can be answered automatically in this case.")
    is_mail = message is not None and message.channel == Channel.EMAIL
    in_reply_to = message.message_id if message is not None and is_mail else ""
    queue_message(
        key=key,
        customer_id=ticket.customer_id,
        template=wording,
        values=values,
        about=f"ticket:{ticket.pk}",
        conversation=f"ticket:{ticket.pk}",
        recipient=recipient or None,
        in_reply_to=in_reply_to,
        references=(in_reply_to,) if in_reply_to else (),
        subject=subject,
        reply_token=ticket.token,
        language=language_of_answer(ticket, wording),
        at=at,
    )


def writer_of(ticket: Ticket, message: Message | None) -> str:
    """Return the mail address a message came from, else the one its case came from; empty when neither is one."""
    author = message.author if message is not None and len(message.author) < LONGEST_AUTHOR else ""
    return next((each for each in (author, ticket.requester) if EMAIL.fullmatch(each)), "")


def language_of_answer(ticket: Ticket, wording: str) -> str:
    """Return the language an answer is written in, so that moments in it are written in the same."""
    customer = ticket.customer
    wanted = language_of(customer, find_preference(customer.pk)) if customer else ticket.language
    written = find_text(wording, wanted).language
    return wanted if wanted.startswith(written) else written


def one_at_a_time(address: str) -> None:
    """Let two workers with two messages of one sender look one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ack:{address.lower()}"])


def answered_lately(address: str, wording: str, *, within: timedelta, at: datetime) -> int:
    """Return how often an address got this automatic answer in the time before `at`."""
    same = Delivered.objects.filter(recipient__iexact=address, template__startswith=f"{wording}.")
    return same.filter(queued_at__gt=at - within).count()
