"""deliver_message, deliver_due_messages: hand queued messages over, once each and in order per recipient.

A worker locks a message, hands it over and marks it in one transaction. If it dies before the server accepted, nothing
happened and the sweep begins again. If it dies between the server's acceptance and the commit, the mail goes out a
second time, unavoidably, since no mail server can take part in our transaction; but its Message-ID was fixed when it
was queued, so both copies are recognisably the same mail.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.later import run_later
from notifications import events
from notifications.delivery.bounces import address_failed
from notifications.delivery.channels import (
    AddressRefused,
    Channel,
    ChannelNotConfigured,
    NotNow,
    Undeliverable,
    open_channel,
)
from notifications.delivery.models import DeliveryAttempt, Message

log = logging.getLogger(__name__)

FIRST_RETRY_S = 30
LONGEST_RETRY_S = 3600
#: A message about something that happened is promised within this time; a later one is marked as late.
LATE_AFTER_S = 60
GIVE_UP_AFTER = timedelta(hours=24)

# An earlier message to the same recipient goes first, also while it rests after a failed try. What waits for the end of
# quiet hours holds nobody up, and a code neither waits for others nor holds them up: it is worthless in ten minutes.
IN_ORDER = """
  AND (m.is_secret OR NOT EXISTS (
      SELECT 1 FROM notifications_message earlier
      WHERE earlier.recipient = m.recipient AND earlier.state = 'queued' AND earlier.id < m.id
        AND NOT earlier.is_secret AND (earlier.due_at <= %s OR earlier.attempts > 0)))
"""
CLAIM_ONE = """
SELECT m.* FROM notifications_message m WHERE m.id = %s AND m.state = 'queued' AND m.due_at <= %s {in_order}
FOR UPDATE OF m SKIP LOCKED
""".replace("{in_order}", IN_ORDER)
CLAIM_NEXT = """
SELECT m.* FROM notifications_message m WHERE m.state = 'queued' AND m.due_at <= %s {in_order}
ORDER BY m.due_at, m.id FOR UPDATE OF m SKIP LOCKED LIMIT 1
""".replace("{in_order}", IN_ORDER)


def deliver_message(message_id: int, *, at: datetime) -> bool:
    """Try one message now; return whether it was handed over. Not its turn, or somebody else's hands: left alone."""
    with transaction.atomic():
        message = next(iter(Message.objects.raw(CLAIM_ONE, [message_id, at, at])), None)
        if message is None:
            return False
        channel = open_channel(message.channel)
        try:
            sent, _ = _hand_over(message, channel, at=at)
        finally:
            channel.close()
        follower = _follower(message, at=at) if sent else None
        if follower:
            run_later("notifications.tasks.deliver_message", message_id=follower)
    return sent


def deliver_due_messages(*, at: datetime, limit: int = 200) -> int:
    """Sweep: hand over what is due and nobody handed over, over one connection; return how many went out.

    A channel whose server cannot be reached is left alone for the rest of the sweep.
    """
    sent = 0
    channels: dict[str, Channel] = {}
    try:
        for _ in range(limit):
            outcome = _deliver_next(channels, at=at)
            if outcome is None:
                break
            sent += outcome
    finally:
        for channel in channels.values():
            channel.close()
    return sent


@transaction.atomic
def _deliver_next(channels: dict[str, Channel], *, at: datetime) -> bool | None:
    """Return whether the next due message went out; None when there is none, or the server is away."""
    message = next(iter(Message.objects.raw(CLAIM_NEXT, [at, at])), None)
    if message is None:
        return None
    channel = channels.get(message.channel) or channels.setdefault(message.channel, open_channel(message.channel))
    sent, server_is_away = _hand_over(message, channel, at=at)
    return None if server_is_away else sent


def _hand_over(message: Message, channel: Channel, *, at: datetime) -> tuple[bool, bool]:
    """Send, and write down what came of it; return whether it went out, and whether the server seems to be away."""
    try:
        answer = channel.send(message, at=at)
    except (Undeliverable, ChannelNotConfigured) as refusal:
        _note_attempt(message, str(refusal), at=at)
        _give_up(message, str(refusal), at=at)
        if isinstance(refusal, AddressRefused):
            address_failed(message, why=str(refusal), at=at)
        return False, False
    except NotNow as problem:
        _rest(message, str(problem), at=at)
        return False, problem.is_server_away
    except Exception as problem:
        # A bug in one message must not hold up the others: it is loud in the log, rests, and is given up in a day.
        log.exception("message %s could not be built or sent", message.pk)
        _rest(message, f"{type(problem).__name__}: {problem}", at=at)
        return False, False
    _note_attempt(message, answer, at=at, succeeded=True)
    message.send(at=at)
    _save(message)
    late_s = _seconds_late(message, at=at)
    _record(events.MESSAGE_SENT, message, at=at, **({"late_s": late_s} if late_s > LATE_AFTER_S else {}))
    return True, False


def _rest(message: Message, why: str, *, at: datetime) -> None:
    """Try again later: thirty seconds, doubling, at most an hour; given up a day after the first try."""
    first = message.delivery_attempts.order_by("pk").first()
    _note_attempt(message, why, at=at)
    if first and at - first.tried_at >= GIVE_UP_AFTER:
        _give_up(message, why, at=at)
        return
    message.due_at = at + retry_after(message.attempts)
    message.last_error = why[:500]
    _save(message)


def retry_after(attempts: int) -> timedelta:
    """Return how long a message rests after so many failed tries."""
    return timedelta(seconds=min(FIRST_RETRY_S * 2 ** min(attempts - 1, 12), LONGEST_RETRY_S))


def _give_up(message: Message, why: str, *, at: datetime) -> None:
    message.fail()
    message.last_error = why[:500]
    _save(message)
    _record(events.MESSAGE_FAILED, message, at=at, why=why[:500])


def _note_attempt(message: Message, answer: str, *, at: datetime, succeeded: bool = False) -> None:
    message.attempts += 1
    DeliveryAttempt.objects.create(message=message, tried_at=at, succeeded=succeeded, answer=answer[:500])


def _save(message: Message) -> None:
    if message.is_secret and message.state != Message.State.QUEUED:
        message.body = ""  # A code that went out, or never will, is kept nowhere.
    message.save(update_fields=["state", "sent_at", "due_at", "attempts", "last_error", "body"])


def _seconds_late(message: Message, *, at: datetime) -> int:
    """Return how long after its cause a message goes out; what waited for quiet hours counts from their end."""
    kind, _, pk = message.key.partition(":")
    if kind != "event" or not pk.isdigit():
        return 0
    happened = Event.objects.filter(pk=int(pk)).values_list("occurred_at", flat=True).first()
    waited_on_purpose = message.due_at > message.queued_at and message.attempts <= 1
    since = message.due_at if waited_on_purpose else happened
    return int((at - since).total_seconds()) if since else 0


def _follower(message: Message, *, at: datetime) -> int | None:
    """Return the next due message to the same recipient, which may have been passed over while this one waited."""
    waiting = Message.objects.filter(recipient=message.recipient, state=Message.State.QUEUED, due_at__lte=at)
    return waiting.order_by("pk").values_list("pk", flat=True).first()


def _record(kind: str, message: Message, *, at: datetime, **said: Any) -> None:
    record_event(
        kind,
        subject=message,
        customer_id=message.customer_id,
        by=Actor.system("delivery"),
        at=at,
        channel=message.channel,
        template=message.template,
        about=message.about,
        conversation=message.conversation,
        **said,
    )
