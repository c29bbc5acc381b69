"""Outgoing webhooks: queued by a reaction, signed after Standard Webhooks, posted with back-off for a day.

The row comes first, the call later: an endpoint gets every event it wants at least once, under a webhook-id that stays
the same over retries, so the receiver can drop what it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from django.db import connection
from standardwebhooks import Webhook

from billing_desk.api.public_events import public_event
from billing_desk.models import WebhookDelivery
from billing_desk.outgoing import post
from ledger.events.models import Event
from ledger.later import run_later

#: A claimed delivery is nobody else's for this long; a worker that dies leaves it to the next after that.
LEASE = timedelta(minutes=2)
BATCH = 20
FIRST_RETRY_S = 30
LONGEST_RETRY_S = 4 * 3600
#: An endpoint that is gone for longer has to read the feed from where it stopped.
GIVEN_UP_AFTER = timedelta(hours=24)

QUEUE = """
INSERT INTO billing_desk_webhookdelivery (endpoint_id, event_id, attempts, due_at, last_answer)
SELECT id, %s, 0, %s, '' FROM billing_desk_webhookendpoint
WHERE is_active AND (kinds = '{}' OR %s = ANY(kinds))
ON CONFLICT (endpoint_id, event_id) DO NOTHING
"""

CLAIM = """
UPDATE billing_desk_webhookdelivery SET due_at = %s, attempts = attempts + 1
WHERE id IN (SELECT id FROM billing_desk_webhookdelivery
             WHERE delivered_at IS NULL AND given_up_at IS NULL AND due_at <= %s
             ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT %s)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class DeliveryRun:
    """What one run came to."""

    delivered: int
    to_retry: int
    given_up: int


def queue_webhooks(event: Event, at: datetime) -> None:
    """This will queue an event for every active endpoint that wants its kind; repeating it is harmless."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, [event.pk, at, event.kind])
        if cursor.rowcount:
            run_later("billing_desk.api.tasks.deliver_due_webhooks")


def deliver_due_webhooks(*, at: datetime, limit: int = BATCH) -> DeliveryRun:
    """This will post what is due. Claimed rows are pushed ahead first, so no transaction is open during a call."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [at + LEASE, at, limit])
        claimed = [row[0] for row in cursor.fetchall()]
    found = WebhookDelivery.objects.filter(pk__in=claimed).select_related("endpoint").order_by("event_id", "pk")
    deliveries = list(found)
    events = Event.objects.in_bulk({delivery.event_id for delivery in deliveries})
    outcomes = [_deliver(delivery, events[delivery.event_id], at=at) for delivery in deliveries]
    return DeliveryRun(outcomes.count("delivered"), outcomes.count("retry"), outcomes.count("given up"))


def _deliver(delivery: WebhookDelivery, event: Event, *, at: datetime) -> str:
    if not delivery.endpoint.is_active:
        return _close(delivery, "endpoint switched off", given_up_at=at)
    body = payload(event)
    answer = post(delivery.endpoint.url, body, headers=signed_headers(delivery.endpoint.secret, event, body, at=at))
    if answer.is_success:
        WebhookDelivery.objects.filter(pk=delivery.pk).update(delivered_at=at, last_answer=answer.text)
        return "delivered"
    if at - event.occurred_at >= GIVEN_UP_AFTER and delivery.attempts > 1:
        return _close(delivery, answer.text, given_up_at=at)
    again = at + retry_after(delivery.attempts)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=again, last_answer=answer.text)
    return "retry"


def _close(delivery: WebhookDelivery, why: str, *, given_up_at: datetime) -> str:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(given_up_at=given_up_at, last_answer=why)
    return "given up"


def payload(event: Event) -> bytes:
    """Return what is posted: the kind, the moment, and the event as the feed shows it."""
    row = {name: getattr(event, name) for name in ("id", "kind", "subject", "customer_id", "occurred_at", "data")}
    body = {"type": event.kind, "timestamp": event.occurred_at, "data": public_event(row)}
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def signed_headers(secret: str, event: Event, body: bytes, *, at: datetime) -> dict[str, str]:
    """Return the three headers of Standard Webhooks; the id is the event's, whatever the attempt."""
    message_id = f"evt_{event.pk}"
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, message_id, body, at=at),
        "content-type": "application/json",
        "user-agent": "billing-desk-webhooks/1",
    }


def sign(secret: str, message_id: str, body: bytes, *, at: datetime) -> str:
    """Return the signature over id, moment and body."""
    return str(Webhook(secret).sign(message_id, at.astimezone(UTC), body.decode()))


def retry_after(attempts: int) -> timedelta:
    """Return how long a refused delivery rests: half a minute, doubling, at most four hours."""
    return timedelta(seconds=min(FIRST_RETRY_S * 2 ** min(attempts - 1, 12), LONGEST_RETRY_S))
