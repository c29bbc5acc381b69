"""Keeps mail that opens no ticket where people can see it, once each."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from ledger.events.actor import Actor
from ledger.events.operations import record_event
from tickets import events
from tickets.conversations.inbound import InboundMessage
from tickets.conversations.masking import mask_line
from tickets.conversations.operations import LONGEST_MESSAGE_ID
from tickets.conversations.redaction import redact
from tickets.intake.models import ParkedMail

#: Enough to see what it is; the whole mail stays in the mailbox.
LONGEST_TEXT = 20_000


@transaction.atomic
def park_mail(inbound: InboundMessage, *, mailbox: str, why: str, at: datetime) -> ParkedMail:
    """This will keep a mail nobody has to answer, with the reason; the same mail again changes nothing."""
    parked, is_new = ParkedMail.objects.get_or_create(
        mailbox=mailbox,
        message_id=inbound.message_id[:LONGEST_MESSAGE_ID],
        body_digest=inbound.body_digest,
        defaults={
            "sender": inbound.sender.address[:254],
            "subject": mask_line(inbound.subject),
            "text": redact(inbound.text[:LONGEST_TEXT].replace("\x00", "")).text,
            "why": why[:300],
            "parked_at": at,
        },
    )
    if is_new:
        _record(parked, at=at)
    return parked


@transaction.atomic
def park_unreadable(raw: bytes, *, mailbox: str, why: str, at: datetime) -> ParkedMail:
    """This will note that bytes came that are no mail, so that nobody waits for an answer unseen."""
    digest = hashlib.sha256(raw).hexdigest()
    beginning = raw[:2000].decode("utf-8", "replace").replace("\x00", "")
    parked, is_new = ParkedMail.objects.get_or_create(
        mailbox=mailbox,
        message_id="",
        body_digest=digest,
        defaults={"text": redact(beginning).text, "why": why[:300], "parked_at": at},
    )
    if is_new:
        _record(parked, at=at)
    return parked


def _record(parked: ParkedMail, *, at: datetime) -> None:
    record_event(
        events.MAIL_PARKED,
        subject=parked,
        customer_id=None,
        by=Actor.system("intake"),
        at=at,
        sender=parked.sender,
        why=parked.why,
    )
