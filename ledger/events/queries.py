"""Reads of the event table: timelines and the feed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from ledger.events.models import Event, Reaction


def timeline_of_customer(customer_id: int, *, limit: int = 50, before: int | None = None) -> list[Event]:
    """Return what happened to a customer, newest first, paged by the id of the last one seen."""
    return _page(Event.objects.filter(customer_id=customer_id), limit, before)


def timeline_of(subjects: Sequence[str], *, limit: int = 100, before: int | None = None) -> list[Event]:
    """Return what happened to the named subjects (`refund:42`), newest first."""
    return _page(Event.objects.filter(subject__in=list(subjects)), limit, before)


def feed(*, after: int = 0, limit: int = 100, kinds: Sequence[str] = ()) -> list[Event]:
    """Return sealed events in the order of the chain: a reader that keeps its position misses none."""
    found = Event.objects.filter(position__gt=after)
    if kinds:
        found = found.filter(kind__in=list(kinds))
    return list(found.order_by("position")[:limit])


def failing_reactions(*, limit: int = 100) -> list[Reaction]:
    """Return reactions that failed at least once and are not done, oldest due first."""
    waiting = Reaction.objects.filter(done_at=None, attempts__gt=0).select_related("event")
    return list(waiting.order_by("due_at", "id")[:limit])


def _page(found: QuerySet[Event], limit: int, before: int | None) -> list[Event]:
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])
