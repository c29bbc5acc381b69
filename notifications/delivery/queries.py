"""Reads of messages: so a reply finds what it replies to, and staff see what was sent."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings

from notifications.delivery.models import Message


def find_message(message_id: str) -> Message | None:
    """Return the message of ours with this Message-ID (with or without angle brackets), or None."""
    return Message.objects.filter(message_id=f"<{message_id.strip().strip('<>')}>").first()


def find_by_reply_token(token: str) -> Message | None:
    """Return the newest message whose Reply-To carries the token, or None. Hyphens and case do not matter."""
    spellings = {token.strip().lower()}
    try:
        named = uuid.UUID(token.strip())
    except ValueError:
        pass  # Not one of ours; looked up as it is, which finds nothing.
    else:
        spellings |= {str(named), named.hex}
    addresses = [reply_address(each) for each in sorted(spellings)]
    return Message.objects.filter(reply_to__in=addresses).order_by("-pk").first()


def messages_of(customer_id: int, limit: int = 50) -> list[Message]:
    """Return what a customer was told, newest first. Show `shown_body`, never `body`: it may hold a code."""
    return list(Message.objects.filter(customer_id=customer_id).order_by("-pk")[:limit])


def messages_in(conversation: str, limit: int = 200) -> list[Message]:
    """Return what was sent in a conversation (`ticket:9`), oldest first. Show `shown_body`, never `body`."""
    newest = Message.objects.filter(conversation=conversation).exclude(conversation="").order_by("-pk")[:limit]
    return list(reversed(newest))


def reply_address(token: str) -> str:
    """Return the address that brings an answer back to what it answers."""
    local, _, domain = settings.SUPPORT_ADDRESS.rpartition("@")
    return f"{local}+{token}@{domain}"


def last_text_message(number: str, *, since: datetime) -> Message | None:
    """Return the newest text message sent to a number since a moment, or None."""
    sent = Message.objects.filter(recipient=number, channel="sms", sent_at__gte=since)
    return sent.order_by("-sent_at", "-pk").first()
