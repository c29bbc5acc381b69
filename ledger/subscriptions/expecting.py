"""How much use to expect: from what was used in the spans before, and so far in the running one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median

from ledger.periods import Period
from ledger.subscriptions.facts import wanted_use
from ledger.subscriptions.rating import Facts
from ledger.subscriptions.reckoning import Case
from ledger.usage.queries import quantities

#: How many past spans say what to expect.
SPANS = 6
WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Expected:
    """The least, the likely and the most use of a span, by meter."""

    low: dict[str, Decimal]
    likely: dict[str, Decimal]
    high: dict[str, Decimal]


def expected_use(case: Case, facts: Facts, span: Period) -> Expected:
    """Return what use to expect in a span: least, middle and most of the last spans, never less than was used so far.

    Without a past, what was used so far goes on as it did; a span that has not begun is then expected like the
    running one.
    """
    spans = _spans_before(case, facts)
    running = Period(case.facts.metered_on, max(case.today + timedelta(days=1), span.end))
    so_far = Period(case.facts.metered_on, max(case.today, case.facts.metered_on) + timedelta(days=1))
    wanted = [each for one in (*spans, so_far) for each in wanted_use(facts, one).values()]
    counted = quantities(wanted)
    meters = sorted(facts.meters)
    rows = [counted[at : at + len(meters)] for at in range(0, len(counted), len(meters))]
    is_running = span.start <= case.today and span.start == running.start
    found = Expected({}, {}, {})
    for place, meter in enumerate(meters):
        past, used = [row[place] for row in rows[:-1]], rows[-1][place]
        low, likely, high = _range(past, used, days=span.days, gone=so_far.days)
        least = used if is_running else Decimal(0)
        found.low[meter], found.likely[meter], found.high[meter] = (max(each, least) for each in (low, likely, high))
    return found


def _range(past: Sequence[Decimal], used: Decimal, *, days: int, gone: int) -> tuple[Decimal, Decimal, Decimal]:
    if past:
        return min(past), Decimal(median(past)), max(past)
    going_on = (used * days / max(gone, 1)).quantize(WHOLE)
    return min(used, going_on), going_on, max(used, going_on)


def _spans_before(case: Case, facts: Facts) -> list[Period]:
    """Return the whole periods before the running span in which the subscription was served and paid for."""
    began = case.subscription.trial_ends_on or case.customer.local_day(case.subscription.started_at)
    spans, day = list[Period](), case.facts.metered_on
    while len(spans) < SPANS:
        before = facts.series.containing(day - timedelta(days=1))
        if before.start < began:
            break
        spans.append(before)
        day = before.start
    return spans
