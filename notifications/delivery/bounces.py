"""What follows when an address refuses us for good: it is marked, and what it missed goes to the next that works."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings

from ledger.customers.failing import mark_failed
from ledger.customers.models import ContactPoint, Customer
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.later import run_later
from notifications import events
from notifications.delivery.channels import working_channels
from notifications.delivery.layout import moved_note
from notifications.delivery.models import Message
from notifications.delivery.queries import reply_address
from notifications.preferences.queries import NobodyToReach, Reach, how_to_reach

BY = Actor.system("delivery")
#: What is told to whoever may see money at a customer's. An answer to one person never moves on to another.
MOVES_ON = ("event:", "notice:", "fallback:")


def address_failed(message: Message, *, why: str, at: datetime) -> Message | None:
    """This will mark the address as failing and queue what it missed for the next one; return that, if there is one.

    Repeating it is harmless: one message has one fallback.
    """
    if message.customer_id is None:
        return None
    mark_failed(message.customer_id, message.recipient, why=why, by=BY, at=at)
    if message.is_secret or not message.is_automatic or not message.key.startswith(MOVES_ON):
        return None
    customer = Customer.objects.get(pk=message.customer_id)
    try:
        reach = how_to_reach(customer, at, working=working_channels())
    except NobodyToReach as refusal:
        record_event(
            events.MESSAGE_NOT_POSSIBLE,
            subject=message,
            customer_id=customer.pk,
            by=BY,
            at=at,
            wording=message.template,
            why=str(refusal),
        )
        return None
    return _queue_again(message, reach, at=at)


def _queue_again(missed: Message, reach: Reach, *, at: datetime) -> Message:
    name = str(uuid.uuid4())
    masked = ContactPoint(kind="email" if missed.channel == "email" else "phone", value=missed.recipient).masked
    copy = Message(
        key=f"fallback:{missed.pk}",
        customer_id=missed.customer_id,
        channel=reach.channel,
        recipient=reach.recipient,
        template=missed.template,
        language=missed.language,
        subject=missed.subject,
        body=f"{missed.body.rstrip()}\n\n{moved_note(missed.language, masked)}\n",
        message_id=f"<{name}@{settings.MAIL_DOMAIN}>",
        reply_to=reply_address(name),
        about=missed.about,
        conversation=missed.conversation,
        is_automatic=missed.is_automatic,
        document_id=missed.document_id,
        queued_at=at,
        due_at=at,
    )
    Message.objects.bulk_create([copy], ignore_conflicts=True)
    kept = Message.objects.get(key=copy.key)
    run_later("notifications.tasks.deliver_message", message_id=kept.pk)
    return kept
