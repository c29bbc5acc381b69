"""How often customers ask about a charge they did not expect, for every thousand bills: month by month, before, after.

A contact is a case, counted by what it is about: a bill higher than thought, a renewal, a changed price. Cases that the
product opens by itself are about something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from tickets.intake.topics import Topic

#: What somebody asks about who did not expect a charge.
SURPRISES = (Topic.HIGHER_BILL, Topic.RENEWAL, Topic.PRICE_CHANGE)
PER = 1000

#: One row for each month, cut in two at the day of change. Bills count by the day they were issued, contacts by the
#: company's day.
COUNTED = """
WITH bills AS (
    SELECT date_trunc('month', issued_on)::date AS month, issued_on >= %(since)s AS is_after, count(*) AS many
    FROM ledger_invoice
    WHERE issued_on >= %(first)s AND issued_on < %(end)s AND state NOT IN ('draft', 'void')
    GROUP BY 1, 2
), contacts AS (
    SELECT date_trunc('month', opened_at AT TIME ZONE %(zone)s)::date AS month,
           (opened_at AT TIME ZONE %(zone)s)::date >= %(since)s AS is_after, count(*) AS many
    FROM tickets_ticket
    WHERE opened_at >= %(first_at)s AND opened_at < %(end_at)s AND topic = ANY(%(topics)s)
    GROUP BY 1, 2
)
SELECT month, is_after, coalesce(bills.many, 0), coalesce(contacts.many, 0)
FROM bills FULL JOIN contacts USING (month, is_after)
ORDER BY month, is_after
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many contacts about unexpected charges on so many bills."""

    bills: int
    contacts: int

    @property
    def per_thousand(self) -> Decimal | None:
        """Contacts for a thousand bills, to one digit, halves away from zero; None where nothing was billed."""
        if not self.bills:
            return None
        return (Decimal(self.contacts * PER) / self.bills).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Surprises:
    """The months in their order, and the same counted before a day and from it on."""

    months: tuple[tuple[date, Rate], ...]
    before: Rate
    after: Rate


def surprises(first: date, end: date, *, since: date) -> Surprises:
    """Return the months from one up to, not including, another, and all of it before and from a day on; one query."""
    zone = ZoneInfo(settings.TIME_ZONE)
    asked: dict[str, Any] = {
        "first": first, "end": end, "since": since, "zone": settings.TIME_ZONE,
        "first_at": datetime.combine(first, time(), zone), "end_at": datetime.combine(end, time(), zone),
        "topics": [str(topic) for topic in SURPRISES],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, asked)
        counted: list[tuple[date, bool, int, int]] = cursor.fetchall()
    months = tuple((month, _sum(row for row in counted if row[0] == month)) for month in _months(first, end))
    return Surprises(months, _sum(row for row in counted if not row[1]), _sum(row for row in counted if row[1]))


def _months(first: date, end: date) -> list[date]:
    found, month = list[date](), first.replace(day=1)
    while month < end:
        found.append(month)
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return found


def _sum(rows: Iterable[tuple[date, bool, int, int]]) -> Rate:
    counted: Sequence[tuple[date, bool, int, int]] = list(rows)
    return Rate(sum(row[2] for row in counted), sum(row[3] for row in counted))
