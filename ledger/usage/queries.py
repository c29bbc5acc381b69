"""How much was used: sums over the moments at which it happened, whenever it was reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from ledger.usage.models import UsageEvent


class Wanted(NamedTuple):
    """A quantity to be counted: of one meter and customer, from `start` up to, not including, `end`.

    With a subscription, reports that name another one do not count; reports that name none do. `received_by` and
    `received_after` count only what was known at a moment, or became known after it.
    """

    customer_id: int
    meter: str
    start: datetime
    end: datetime
    subscription_id: int | None = None
    received_by: datetime | None = None
    received_after: datetime | None = None


COUNT = """
SELECT COALESCE(used.quantity, 0)
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::timestamptz[],
    %s::timestamptz[])
    WITH ORDINALITY AS w(customer_id, meter, start, until, subscription_id, received_by, received_after, place)
LEFT JOIN LATERAL (
    SELECT sum(e.quantity) AS quantity FROM ledger_usageevent e
    WHERE e.customer_id = w.customer_id AND e.meter = w.meter
      AND e.happened_at >= w.start AND e.happened_at < w.until
      AND (w.subscription_id IS NULL OR e.subscription_id IS NULL OR e.subscription_id = w.subscription_id)
      AND (w.received_by IS NULL OR e.received_at <= w.received_by)
      AND (w.received_after IS NULL OR e.received_at > w.received_after)
) used ON TRUE
ORDER BY w.place
"""


def quantities(
    wanted: Sequence[Wanted | tuple[int, str, datetime, datetime] | tuple[int, str, datetime, datetime, int | None]],
) -> list[Decimal]:
    """Return the quantity of each wanted line, in their order, by one query; corrections count below zero."""
    if not wanted:
        return []
    columns = [list(column) for column in zip(*(Wanted(*one) for one in wanted), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, columns)
        return [row[0] for row in cursor.fetchall()]


def quantity_used(
    customer_id: int, meter: str, start: datetime, end: datetime, *, subscription_id: int | None = None
) -> Decimal:
    """Return how much one customer used of a meter from `start` up to, not including, `end`."""
    return quantities([Wanted(customer_id, meter, start, end, subscription_id)])[0]


def late_quantities(
    customer_id: int, meter: str, start: datetime, end: datetime, billed_at: datetime, *,
    subscription_id: int | None = None,
) -> Decimal:  # fmt: skip
    """Return what happened in a period and was received after it was billed; below zero when corrections outweigh."""
    return quantities([Wanted(customer_id, meter, start, end, subscription_id, received_after=billed_at)])[0]


def usage_of(
    customer_id: int, *, meter: str | None = None, before: int | None = None, limit: int = 50
) -> list[UsageEvent]:
    """Return a customer's reports, the newest received first, paged by the id of the last one seen."""
    found = UsageEvent.objects.filter(customer_id=customer_id)
    if meter is not None:
        found = found.filter(meter=meter)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])
