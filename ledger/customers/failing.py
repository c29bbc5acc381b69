"""A contact that refuses our mail for good: nothing goes there until somebody says that it works again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.models import ContactPoint
from ledger.customers.operations import NoSuchContactPoint
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event


@transaction.atomic
def mark_failed(customer_id: int, value: str, *, why: str, by: Actor, at: datetime) -> list[ContactPoint]:
    """This will mark a customer's live contacts with this address as failing; those marked already are left alone."""
    live = ContactPoint.objects.filter(customer_id=customer_id, value__iexact=value, removed_at=None, failed_at=None)
    marked = list(live.select_for_update())
    for point in marked:
        point.failed_at, point.failure = at, why[:300]
        point.save(update_fields=["failed_at", "failure"])
        record_event(
            kinds.CONTACT_POINT_FAILED,
            subject=point,
            customer_id=customer_id,
            by=by,
            at=at,
            contact=point.masked,
            why=point.failure,
        )
    return marked


@transaction.atomic
def trust_contact_point(contact_point_id: int, *, by: Actor, at: datetime) -> ContactPoint:
    """This will write to a contact again that had refused our mail; for one that works nothing changes.

    :raises NoSuchContactPoint: if it is not on file
    """
    point = ContactPoint.objects.select_for_update().filter(pk=contact_point_id, removed_at=None).first()
    if point is None:
        raise NoSuchContactPoint("This contact is not on file.")
    if point.failed_at is None:
        return point
    point.failed_at, point.failure = None, ""
    point.save(update_fields=["failed_at", "failure"])
    record_event(
        kinds.CONTACT_POINT_TRUSTED, subject=point, customer_id=point.customer_id, by=by, at=at, contact=point.masked
    )
    return point
