"""report_usage: what customers used of what is metered, once per key, in one statement per call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.usage.models import UsageEvent

#: Reports one call may bring.
MOST_REPORTS = 1_000
OLDEST = timedelta(days=3653)

ANOTHER_REPORT = "The key was used before for another report; every report has a key of its own."


class TooManyReports(InvalidInput):
    """A call brings at most a thousand reports."""


@dataclass(frozen=True, slots=True)
class UsageReport:
    """So much of something metered was used. `customer` is our id, or the customer's number or external id as text.

    `key` is the reporter's own id for it: a report that is sent again under it counts once. A correction is a report
    of its own, with a key of its own and a quantity below zero where too much was reported.
    """

    customer: int | str
    meter: str
    quantity: Decimal
    happened_at: datetime
    key: str
    subscription_id: int | None = None


@dataclass
class UsageReceipt:
    """What became of a call: how many reports count now, how many did already, and which are refused, and why."""

    accepted: int = 0
    repeated: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


#: Customers are found by id, number or external id; the rest of a line says why it cannot be stored, if it cannot.
#: A subscription must be the customer's own; where several that run then share the meter, the report has to name one.
REPORT = """
WITH report AS (
    SELECT * FROM unnest(%(index)s::int[], %(id)s::bigint[], %(reference)s::text[], %(meter)s::text[],
        %(quantity)s::numeric[], %(happened_at)s::timestamptz[], %(key)s::text[], %(subscription_id)s::bigint[])
        AS r(index, id, reference, meter, quantity, happened_at, key, subscription_id)
), found AS (
    SELECT r.*, COALESCE(by_id.id, by_number.id, by_external.id) AS customer_id
    FROM report r
    LEFT JOIN ledger_customer by_id ON by_id.id = r.id
    LEFT JOIN ledger_customer by_number ON by_number.number = r.reference
    LEFT JOIN ledger_customer by_external ON by_external.external_id = r.reference
), judged AS (
    SELECT f.*, CASE
        WHEN f.customer_id IS NULL THEN 'There is no such customer.'
        WHEN f.meter NOT IN (SELECT meter FROM ledger_product WHERE meter <> '')
            THEN 'Nothing is metered by ' || quote_literal(f.meter) || '.'
        WHEN f.subscription_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM ledger_subscription s WHERE s.id = f.subscription_id AND s.customer_id = f.customer_id)
            THEN 'There is no such subscription.'
        WHEN f.subscription_id IS NULL AND (
                SELECT count(*) FROM ledger_subscription s JOIN ledger_product p ON p.id = s.plan_id
                WHERE s.customer_id = f.customer_id AND s.started_at <= f.happened_at
                  AND (s.ends_on IS NULL OR s.ends_on > f.happened_at)
                  AND (s.state <> 'cancelled' OR s.cancelled_at > f.happened_at OR s.ends_on IS NOT NULL)
                  AND (p.meter = f.meter OR EXISTS (
                      SELECT FROM ledger_subscriptionaddon a JOIN ledger_product m ON m.id = a.product_id
                      WHERE a.subscription_id = s.id AND m.meter = f.meter))) > 1
            THEN 'Several subscriptions of this customer share the meter; say which one.'
        END AS refusal
    FROM found f
), stored AS (
    INSERT INTO ledger_usageevent (customer_id, subscription_id, meter, quantity, happened_at, key, received_at,
        received_from)
    SELECT customer_id, subscription_id, meter, quantity, happened_at, key, %(at)s, %(by)s
    FROM judged WHERE refusal IS NULL ORDER BY key
    ON CONFLICT (key) DO NOTHING RETURNING key
)
SELECT j.index, j.customer_id, j.refusal, s.key IS NOT NULL FROM judged j LEFT JOIN stored s ON s.key = j.key
ORDER BY j.index
"""


@transaction.atomic
def report_usage(reports: Sequence[UsageReport], *, by: Actor, at: datetime) -> UsageReceipt:
    """This will count what was used; a report that cannot be is refused with the reason, the others are kept.

    Sending a report again is harmless: it counts once per key.

    :raises TooManyReports: if there are more than a thousand
    """
    if len(reports) > MOST_REPORTS:
        raise TooManyReports(f"A call brings at most {MOST_REPORTS} reports, not {len(reports)}.")
    refused = {index: why for index, one in enumerate(reports) if (why := why_unreadable(one, at=at))}
    firsts: dict[str, int] = {}
    for index, one in enumerate(reports):
        if index not in refused:
            firsts.setdefault(one.key, index)
    outcomes = _store([(index, reports[index]) for index in firsts.values()], by=by, at=at)
    receipt = UsageReceipt()
    for index, one in enumerate(reports):
        first = firsts.get(one.key, index)
        why = refused.get(index) or (ANOTHER_REPORT if one != reports[first] else outcomes[first].refusal)
        if why:
            receipt.refused.append((index, why))
        elif index == first and outcomes[first].is_new:
            receipt.accepted += 1
        else:
            receipt.repeated += 1
    if receipt.accepted:
        record_event(
            kinds.USAGE_REPORTED,
            subject="usage",
            customer_id=None,
            by=by,
            at=at,
            accepted=receipt.accepted,
            repeated=receipt.repeated,
            refused=len(receipt.refused),
        )
    return receipt


def why_unreadable(report: UsageReport, *, at: datetime) -> str | None:
    """Return why a report cannot be counted, whoever it is for, or None when it can."""
    if not 1 <= len(report.key) <= 100 or "\0" in report.key:
        return "A report has a key of its own, of at most 100 characters."
    if _names_nobody(report):
        return "There is no such customer, meter or subscription."
    if not isinstance(report.quantity, Decimal) or not report.quantity.is_finite():
        return "A quantity is an exact number."
    if report.quantity == 0:
        return "A quantity of 0 says nothing; report what was used, or correct it."
    # The size first: an exponent such as 1e999999 must not be written out.
    if report.quantity.adjusted() > 13 or report.quantity != round(report.quantity, 6):
        return "A quantity has at most 14 digits before the point and 6 after it."
    if report.happened_at.tzinfo is None or report.happened_at.utcoffset() is None:
        return "The moment it happened needs a time zone."
    if report.happened_at > at:
        return "It is reported before it happened."
    return "It happened more than ten years ago." if report.happened_at < at - OLDEST else None


def _names_nobody(report: UsageReport) -> bool:
    """Return whether a reference cannot be stored, so that nobody can have it."""
    texts = [report.meter, *([report.customer] if isinstance(report.customer, str) else [])]
    ids = [report.subscription_id or 1, *([report.customer] if isinstance(report.customer, int) else [])]
    return any("\0" in text for text in texts) or not all(0 < one < 2**63 for one in ids)


@dataclass(frozen=True, slots=True)
class _Outcome:
    refusal: str | None
    is_new: bool


def _store(rows: Sequence[tuple[int, UsageReport]], *, by: Actor, at: datetime) -> dict[int, _Outcome]:
    if not rows:
        return {}
    reports = [report for _, report in rows]
    columns: dict[str, Any] = {
        "index": [index for index, _ in rows],
        "id": [one.customer if isinstance(one.customer, int) else None for one in reports],
        "reference": [None if isinstance(one.customer, int) else one.customer for one in reports],
        **{
            name: [getattr(one, name) for one in reports]
            for name in ("meter", "quantity", "happened_at", "key", "subscription_id")
        },
    }
    with connection.cursor() as cursor:
        cursor.execute(REPORT, {**columns, "at": at, "by": str(by)})
        answers = cursor.fetchall()
    by_index = dict(rows)
    seen = [by_index[index].key for index, _, refusal, is_new in answers if not (refusal or is_new)]
    stored = {event.key: event for event in UsageEvent.objects.filter(key__in=seen)} if seen else {}
    outcomes = {}
    for index, customer_id, refusal, is_new in answers:
        report = by_index[index]
        if not (refusal or is_new) and not _is_same(report, customer_id, stored[report.key]):
            refusal = ANOTHER_REPORT
        outcomes[index] = _Outcome(refusal, is_new)
    return outcomes


def _is_same(report: UsageReport, customer_id: int, event: UsageEvent) -> bool:
    return (customer_id, report.meter, report.quantity, report.happened_at, report.subscription_id) == (
        event.customer_id, event.meter, event.quantity, event.happened_at, event.subscription_id,
    )  # fmt: skip
