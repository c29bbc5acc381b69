"""What collections do because money came in."""

from __future__ import annotations

from datetime import datetime

from ledger.collections.promises import settle_promise_of
from ledger.events.models import Event


def settle_promise(event: Event, at: datetime) -> None:
    """For payment.received, credit.applied, invoice.paid: the customer's promise is kept as soon as the money is in."""
    if event.customer_id is not None:
        settle_promise_of(event.customer_id, at=at)
