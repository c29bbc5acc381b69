"""When a payment failed: first it is written down when it is tried again, then the customer is told, with that day.

The ledger plans and knows no messages; notifications tell and plan nothing. Here the two meet, in this order.
"""

from __future__ import annotations

from datetime import datetime

from ledger.events.models import Event
from ledger.events.outbox import in_one_order
from ledger.payments.retry_reactions import plan_retries_after
from notifications.reactions import tell_customer


@in_one_order
def plan_and_tell(event: Event, at: datetime) -> None:
    """For payment.failed: plan the next tries, then tell the customer the cause, what to do, and the next day."""
    plan_retries_after(event, at)
    tell_customer(event, at)
