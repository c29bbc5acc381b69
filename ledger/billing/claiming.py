"""What is due, and taking some of it for one step: rows nobody else holds, the longest due first.

What is due is read from the rows every time, never remembered by id, so a row that comes late or is let go late is
found by the next step. Days are those of the customer: the zones are turned into days once per run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

from ledger.billing import due_sql
from ledger.customers.models import Customer
from ledger.periods import local_day


class Claimed(NamedTuple):
    """A subscription this step holds, with what is needed of it and of its customer."""

    subscription_id: int
    customer_id: int
    plan_id: int
    quantity: int
    currency: str
    state: str
    anchor_on: date
    renews_on: date
    priced_on: date | None
    metered_on: date | None
    trial_ends_on: date | None
    ends_on: date | None
    today: date
    time_zone: str
    is_closed: bool
    country: str
    region: str
    kind: str
    vat_id: str
    postal_code: str
    city: str
    has_address: bool


class ChangeDue(NamedTuple):
    """A planned change whose day has come."""

    change_id: int
    subscription_id: int
    customer_id: int
    effective_on: date


@dataclass(frozen=True, slots=True)
class Days:
    """Which day it is in each zone customers live in."""

    today: dict[str, date]
    unknown: frozenset[str]

    @classmethod
    def at(cls, moment: datetime) -> Days:
        """Return the days of a moment; an unknown zone has UTC's, and its customers are exceptions of the run."""
        today, unknown = {}, set()
        for name in Customer.objects.order_by().values_list("time_zone", flat=True).distinct():
            try:
                today[name] = local_day(moment, ZoneInfo(name))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                today[name] = local_day(moment, UTC)
                unknown.add(name)
        return cls(today, frozenset(unknown))


def count_due(days: Days, *, run_id: int) -> int:
    """Return how many subscriptions and changes are due and were not met as exceptions by this run."""
    return int(_rows(due_sql.COUNT, days, run_id=run_id, limit=0)[0][0])


def claim_periods(days: Days, *, run_id: int, limit: int) -> list[Claimed]:
    """Take subscriptions with a period to bill, for this transaction; the longest due first."""
    return [Claimed(*row) for row in _rows(due_sql.CLAIM_PERIODS, days, run_id=run_id, limit=limit)]


def claim_last_use(days: Days, *, run_id: int, limit: int) -> list[Claimed]:
    """Take ended subscriptions whose last use is not billed, for this transaction."""
    return [Claimed(*row) for row in _rows(due_sql.CLAIM_LAST_USE, days, run_id=run_id, limit=limit)]


def claim_changes(days: Days, *, run_id: int, limit: int) -> list[ChangeDue]:
    """Take planned changes whose day has come, for this transaction; the oldest first."""
    return [ChangeDue(*row) for row in _rows(due_sql.CLAIM_CHANGES, days, run_id=run_id, limit=limit)]


def _rows(sql: str, days: Days, *, run_id: int, limit: int) -> list[tuple[Any, ...]]:
    if not days.today:
        return [(0,)] if sql is due_sql.COUNT else []
    given: dict[str, Any] = {
        "zones": list(days.today),
        "days": list(days.today.values()),
        "horizon": max(days.today.values()),
        "run": run_id,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
