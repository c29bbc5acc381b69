"""What payment plans do because something happened to a bill they cover."""

from __future__ import annotations

from datetime import datetime

from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.instalments.following import follow_plans_of

BY = Actor.system("payment plans")


def follow_plans(event: Event, at: datetime) -> None:
    """After anything that moves what is due: the customer's running plans say what their bills say. Safe to repeat."""
    if event.customer_id is not None:
        follow_plans_of(event.customer_id, by=BY, at=at)
