"""Which holds are live, and since when days do not count."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from ledger.holds.models import Hold


def live_holds(customer_id: int, *, stop: str | None = None, invoice_id: int | None = None, at: datetime) -> list[Hold]:
    """Return a customer's live holds, the oldest first; with an invoice those of it and those of everything."""
    found = Hold.objects.filter(customer_id=customer_id, placed_at__lte=at)
    found = found.filter(Q(lifted_at=None) | Q(lifted_at__gt=at)).filter(Q(until=None) | Q(until__gt=at))
    if stop is not None:
        found = found.filter(stops__contains=[stop])
    if invoice_id is not None:
        found = found.filter(Q(invoice=None) | Q(invoice_id=invoice_id))
    return list(found.order_by("placed_at", "pk"))


def is_stopped(customer_id: int, stop: str, *, invoice_id: int | None = None, at: datetime) -> bool:
    """Return whether a hold stops something for an invoice, or for everything the customer owes."""
    return bool(live_holds(customer_id, stop=stop, invoice_id=invoice_id, at=at))


def holds_touching(customer_id: int, *, stop: str, invoice_id: int) -> list[Hold]:
    """Return every hold, live or over, that stopped something for an invoice: days under it do not count."""
    found = Hold.objects.filter(customer_id=customer_id, stops__contains=[stop])
    return list(found.filter(Q(invoice=None) | Q(invoice_id=invoice_id)).order_by("placed_at", "pk"))


def is_protected(customer_id: int, *, at: datetime) -> bool:
    """Return whether a customer is helped in hardship: nothing dearer is offered, nobody is talked into staying."""
    kinds = (Hold.Kind.HARDSHIP, Hold.Kind.INSOLVENCY)
    return any(hold.kind in kinds for hold in live_holds(customer_id, at=at))
