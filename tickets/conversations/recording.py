"""Records events of a case with what every one of them carries: customer, conversation, case number."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from tickets.conversations.models import Ticket


def record(
    kind: str, ticket: Ticket, *, subject: models.Model | None = None, by: Actor, at: datetime, **data: object
) -> Event:
    """This will record an event of the ticket, or of a `subject` that belongs to it."""
    return record_event(
        kind,
        subject=subject or ticket,
        customer_id=ticket.customer_id,
        by=by,
        at=at,
        on_behalf_of=None,
        conversation=f"ticket:{ticket.pk}",
        number=ticket.number,
        **data,
    )
