"""A text message as an InboundMessage: it has no thread of its own, so it answers what was said last to its number."""

from __future__ import annotations

from datetime import datetime, timedelta

from ledger.customers.queries import normalise_phone
from ledger.errors import InvalidInput
from notifications.delivery.queries import last_text_message
from tickets.conversations.inbound import Address, Channel, InboundMessage, digest_body
from tickets.conversations.models import Message

#: A provider joins the parts of a long text; what is longer than this is no text message.
LONGEST_TEXT = 10_000
#: How long a text message is taken for an answer to the last one sent to its number, or as its continuation.
ANSWERS_WITHIN, CONTINUES_WITHIN = timedelta(days=30), timedelta(days=3)


def from_sms(sender: str, text: str, *, provider_id: str, at: datetime) -> InboundMessage:
    """Return the message; the same provider id with the same text is the same message.

    A sender that is no telephone number (a short code, a name) is kept as it came; nothing is ever sent there.

    :raises InvalidInput: if there is no text, or far too much of it
    """
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput(f"A text message has between 1 and {LONGEST_TEXT} letters.")
    number, is_number = _number_of(sender)
    return InboundMessage(
        channel=Channel.SMS,
        message_id=f"<{provider_id}.{number}@sms>",
        sender=Address(number, is_deliverable=is_number),
        text=text,
        reply_text=text,
        in_reply_to=_answered_by(number, at=at) if is_number else "",
        body_digest=digest_body(number, text),
    )


def _number_of(sender: str) -> tuple[str, bool]:
    try:
        return normalise_phone(sender), True
    except InvalidInput:
        return sender.strip()[:40], False


def _answered_by(number: str, *, at: datetime) -> str:
    """Return the Message-ID of what this number was told last, or else wrote last, when that was lately."""
    told = last_text_message(number, since=at - ANSWERS_WITHIN)
    written = Message.objects.filter(
        kind=Message.Kind.IN, channel=Channel.SMS, author=number, written_at__gte=at - CONTINUES_WITHIN
    )
    wrote = written.order_by("-pk").first()
    if told and told.sent_at and (wrote is None or told.sent_at >= wrote.written_at):
        return told.message_id
    return wrote.message_id if wrote else ""
