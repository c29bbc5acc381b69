"""recognise_revenue: at a month's end, set aside what was billed for later days, and earn what was set aside for it.

The billing run earns a bill on the day it is issued; the last day of the month puts that right for whatever reaches
beyond it. So the run stays as fast as it is, and every month that is over shows what it earned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.books.operations import post_entries
from ledger.closing.months import check_over, last_day, next_month
from ledger.closing.recognition_sql import MISSING, RECOGNISE
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money

#: Two recognitions of one month wait for each other.
_LOCK = "SELECT pg_advisory_xact_lock(7301, 3)"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one call moved in one currency, over so many charges."""

    charges: int
    deferred: Money
    recognised: Money
    credited: Money


@transaction.atomic
def recognise_revenue(month: date, *, by: Actor, at: datetime) -> list[Recognised]:
    """This will post, on the last day of a month, what its charges leave to later months and what it earns of earlier.

    Each charge once per month; repeating does what is left to do. A charge that credit notes took something off gives
    up the latest months first.

    :raises MonthNotOver: if the month has days left
    :raises PeriodClosed: if there is something to post and the month is closed
    """
    check_over(month, today=timezone.localdate(at))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(RECOGNISE, {**_span(month), "at": at})
        rows = cursor.fetchall()
    found, entries = [], list[Entry]()
    for currency, first_id, charges, *sums in rows:
        parts = Recognised(charges, *(Money(int(minor), currency) for minor in sums))
        entries += _entries(parts, f"recognition:{month:%Y-%m}/{currency}-{first_id}", last_day(month))
        found.append(parts)
    post_entries(entries, by=by, at=at)
    if found:
        _record(month, found, by=by, at=at)
    return found


def charges_to_recognise(month: date) -> list[str]:
    """Return the charges that a month has still to be recognised of."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, _span(month))
        return [row[0] for row in cursor.fetchall()]


def _span(month: date) -> dict[str, Any]:
    after = next_month(month)
    return {"first": month, "next": after, "ends_at": timezone.make_aware(datetime.combine(after, time.min))}


def _entries(parts: Recognised, source: str, on: date) -> list[Entry]:
    rules = (
        (posting_rules.revenue_deferred, parts.deferred),
        (posting_rules.revenue_recognised, parts.recognised),
        (posting_rules.deferral_credited, parts.credited),
    )
    return [rule(amount, source=source, on=on) for rule, amount in rules if amount.minor]


def _record(month: date, found: list[Recognised], *, by: Actor, at: datetime) -> None:
    sums = {
        parts.deferred.currency: {
            "charges": parts.charges,
            "deferred_minor": parts.deferred.minor,
            "recognised_minor": parts.recognised.minor,
            "credited_minor": parts.credited.minor,
        }
        for parts in found
    }
    record_event(kinds.REVENUE_RECOGNISED, subject=f"month:{month:%Y-%m}", customer_id=None, by=by, at=at, amounts=sums)
