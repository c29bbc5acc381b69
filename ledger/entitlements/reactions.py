"""What access does because money moved, or because something that stood in its way came or went."""

from __future__ import annotations

from datetime import datetime

from ledger.entitlements.operations import review_access
from ledger.events.models import Event


def review_access_of(event: Event, at: datetime) -> None:
    """For what changes what a customer owes or whether it is held: derive their access again; harmless to repeat."""
    if event.customer_id is not None:
        review_access(event.customer_id, at=at)
