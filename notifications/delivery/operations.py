"""queue_message, queue_reply, record_bounce: a message is a row first, under a key that names its cause."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ledger.customers.models import ContactPoint, Customer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.later import run_later
from notifications import events
from notifications.delivery.bounces import address_failed
from notifications.delivery.channels import require_channel, working_channels
from notifications.delivery.layout import fell_back_note
from notifications.delivery.models import Message
from notifications.delivery.queries import find_message, reply_address
from notifications.delivery.sending import deliver_due_messages, deliver_message
from notifications.preferences.queries import Reach, find_preference, how_to_reach, language_of
from notifications.wording.catalogue import LAST_LANGUAGE
from notifications.wording.render import one_line, render

__all__ = [
    "deliver_due_messages",
    "deliver_message",
    "queue_message",
    "queue_reply",
    "record_bounce",
    "retry_message",
]

#: The template name of an agent's own words.
OWN_WORDS = "own_words"
MESSAGE_ID = re.compile(r"<[^\s<>]{1,990}>")
#: Enough for any thread, and short enough for any mail server's header limit.
MOST_REFERENCES = 20


class MessageNotInState(DomainError):
    """The message is not in a state that allows this."""


class NoRecipient(DomainError):
    """A message to nobody: neither a customer nor an address was named."""


@dataclass(frozen=True, slots=True)
class _Target:
    channel: str
    recipient: str
    language: str
    due_at: datetime
    note: str = ""


def queue_message(
    *,
    key: str,
    customer_id: int | None,
    template: str,
    values: Mapping[str, str],
    about: str = "",
    conversation: str = "",
    recipient: str | None = None,
    contact_point: ContactPoint | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    subject: str | None = None,
    is_secret: bool = False,
    urgent: bool = True,
    is_automatic: bool = True,
    reply_token: str | None = None,
    language: str | None = None,
    document_id: int | None = None,
    reach: Reach | None = None,
    at: datetime,
) -> Message:
    """Queue one message for one cause; the same key again is harmless and returns the first.

    Without a recipient it goes to the customer's preferred channel, or by `reach` where the caller knows it. What is
    not urgent waits for the end of quiet hours. `reply_token` is the ticket's, so that answers join it; without one it
    gets its own. A mail carries the document named; a text message has no room for it.

    :raises NobodyToReach, NoRecipient: if no address is on file that may see money, or nobody is named
    :raises InvalidInput, ChannelNotConfigured: if the address is not one, or a number we cannot send to
    :raises UnknownWording, UnknownPlaceholder, MissingPlaceholder: if the wording cannot be filled
    """
    first = Message.objects.filter(key=key).first()
    if first:
        return first
    target = _target(customer_id, recipient, contact_point, language, reach=reach, urgent=urgent, at=at)
    message = _from_wording(target, template, values, subject)
    message.key, message.customer_id, message.about, message.conversation = key, customer_id, about, conversation
    message.is_secret, message.is_automatic, message.document_id = is_secret, is_automatic, document_id
    return _queue(message, target, in_reply_to=in_reply_to, references=references, reply_token=reply_token, at=at)


def queue_reply(
    *,
    key: str,
    ticket_ref: str,
    reply_token: str,
    customer_id: int | None,
    recipient: str,
    subject: str,
    body: str,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    language: str | None = None,
    at: datetime,
) -> Message:
    """Queue an agent's own words in a ticket's thread; the same key again returns the first.

    :raises InvalidInput: if the address is not one, or there is nothing to send
    """
    first = Message.objects.filter(key=key).first()
    if first:
        return first
    if not body.strip():
        raise InvalidInput("The reply is empty.")
    target = _target(customer_id, recipient, None, language, urgent=True, at=at)
    message = Message(key=key, customer_id=customer_id, about=ticket_ref, conversation=ticket_ref, is_automatic=False)
    message.template, message.language, message.subject = OWN_WORDS, target.language, one_line(subject)
    message.body = body
    return _queue(message, target, in_reply_to=in_reply_to, references=references, reply_token=reply_token, at=at)


@transaction.atomic
def record_bounce(message_id_header: str, *, why: str, failed: Collection[str] = (), at: datetime) -> Message | None:
    """Mark the message a delivery report is about; None when it is not one of ours. Repeating it is harmless.

    When the report says that its address is among those that `failed` for good, that address is marked as failing, and
    what is told to customers by rule goes to the next address that works.
    """
    found = find_message(message_id_header)
    if found is None:
        return None
    message = Message.objects.select_for_update().get(pk=found.pk)
    if message.state in (Message.State.BOUNCED, Message.State.FAILED):
        return message
    message.bounce(why=one_line(why) or "The address refused it.")
    if message.is_secret:
        message.body = ""
    message.save(update_fields=["state", "last_error", "body"])
    _record(events.MESSAGE_BOUNCED, message, why=message.last_error, by=Actor.system("delivery"), at=at)
    if message.recipient.lower() in {address.lower() for address in failed}:
        address_failed(message, why=message.last_error, at=at)
    return message


@transaction.atomic
def retry_message(message_id: int, *, by: Actor, at: datetime) -> Message:
    """Queue a message again that was given up.

    :raises NotFound: if there is no such message
    :raises MessageNotInState: if it was not given up, or held a code, which is gone
    """
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise NotFound("There is no such message.")
    if message.state != Message.State.FAILED:
        raise MessageNotInState(f"This message is {message.state}; only one that was given up can be sent again.")
    if message.is_secret:
        raise MessageNotInState("The code in this message is gone; please send a new code.")
    message.retry(at=at)
    message.attempts = 0
    message.save(update_fields=["state", "due_at", "attempts"])
    _record(events.MESSAGE_RETRIED, message, by=by, at=at)
    run_later("notifications.tasks.deliver_message", message_id=message.pk)
    return message


def _from_wording(target: _Target, template: str, values: Mapping[str, str], subject: str | None) -> Message:
    told = render(template, target.language, values)
    body = f"{told.body.rstrip()}\n\n{target.note}\n" if target.note else told.body
    return Message(template=told.template, language=told.language, subject=one_line(subject or told.subject), body=body)


@transaction.atomic
def _queue(
    message: Message,
    target: _Target,
    *,
    in_reply_to: str,
    references: Sequence[str],
    reply_token: str | None,
    at: datetime,
) -> Message:
    """Insert under the unique key; whoever comes second gets the row of whoever came first."""
    name = str(uuid.uuid4())
    message.channel, message.recipient, message.due_at = target.channel, target.recipient, target.due_at
    message.message_id = f"<{name}@{settings.MAIL_DOMAIN}>"
    message.reply_to = reply_address(reply_token or name)
    message.in_reply_to = next(iter(MESSAGE_ID.findall(in_reply_to)), "")
    message.references = [each for each in references if MESSAGE_ID.fullmatch(each)][-MOST_REFERENCES:]
    message.queued_at = at
    Message.objects.bulk_create([message], ignore_conflicts=True)
    kept = Message.objects.get(key=message.key)
    if kept.message_id == message.message_id:
        _let_earlier_go(kept, at=at)
        run_later("notifications.tasks.deliver_message", message_id=kept.pk)
    return kept


def _let_earlier_go(message: Message, *, at: datetime) -> None:
    """Let what waits for the morning about the same thing go with a message that goes now: it would come after it."""
    if not message.about or message.due_at > at:
        return
    waiting = Message.objects.filter(recipient=message.recipient, about=message.about, state=Message.State.QUEUED)
    waiting.filter(pk__lt=message.pk, attempts=0, due_at__gt=at).update(due_at=at)


def _target(
    customer_id: int | None,
    recipient: str | None,
    contact_point: ContactPoint | None,
    language: str | None,
    *,
    reach: Reach | None = None,
    urgent: bool,
    at: datetime,
) -> _Target:
    """Decide channel, address, language and hour; `reach` is how the customer is reached, if that is known already."""
    if reach is not None:
        return _reached(reach, language, urgent=urgent, at=at)
    customer = Customer.objects.filter(pk=customer_id).first() if customer_id is not None else None
    if customer is None and customer_id is not None:
        raise NotFound("There is no such customer.")
    address = contact_point.value if contact_point else recipient
    if address:
        spoken = language or (language_of(customer, find_preference(customer.pk)) if customer else LAST_LANGUAGE)
        return _Target(_channel_of(address), address, spoken, at)
    if customer is None:
        raise NoRecipient("This message names neither a customer nor an address.")
    return _reached(how_to_reach(customer, at, working=working_channels()), language, urgent=urgent, at=at)


def _reached(reach: Reach, language: str | None, *, urgent: bool, at: datetime) -> _Target:
    spoken = language or reach.language
    due_at = at if urgent else reach.not_before
    return _Target(reach.channel, reach.recipient, spoken, due_at, fell_back_note(spoken) if reach.fell_back else "")


def _channel_of(address: str) -> str:
    if "@" not in address:
        require_channel("sms")
        return "sms"
    try:
        validate_email(address)
    except ValidationError as problem:
        raise InvalidInput(f"{one_line(address)!r} is not an e-mail address.") from problem
    return "email"


def _record(kind: str, message: Message, *, by: Actor, at: datetime, why: str = "") -> None:
    said: dict[str, Any] = {"why": why} if why else {}
    record_event(
        kind,
        subject=message,
        customer_id=message.customer_id,
        by=by,
        at=at,
        template=message.template,
        about=message.about,
        conversation=message.conversation,
        **said,
    )
