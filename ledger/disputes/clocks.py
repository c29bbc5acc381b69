"""The clocks a dispute runs against (pure): from a dated rule of its place, or our own promise where none binds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ledger.workdays import days_after, is_workday

#: Our own promise, where no rule is on file: confirmed in 2 days, answered in 14, appealed within 30 after the answer;
#: provisional credit is taken back 10 days after we said so.
PROMISE: Mapping[str, Any] = {"acknowledge_days": 2, "decide_days": 14, "appeal_days": 30, "take_back_days": 10}
OUR_PROMISE = "Our own promise: confirmed within 2 days, answered within 14"


@dataclass(frozen=True, slots=True)
class Clock:
    """When the customer must have our confirmation and our answer, and by which rule."""

    acknowledge_by: datetime
    decide_by: datetime
    source: str
    rule_id: int | None


def clock(
    params: Mapping[str, Any],
    *,
    received_at: datetime,
    country: str,
    zone: str,
    source: str = OUR_PROMISE,
    rule_id: int | None = None,
    is_credited: bool = False,
) -> Clock:
    """Return the clocks of a dispute received at a moment; `is_credited` when the amount is credited provisionally.

    Calendar days are counted from the moment; business days (Monday to Friday, without the country's public holidays)
    from the day after, and the last one counts to its end.
    """
    decide = params["decide_days"]
    is_business = bool(params.get("is_business_days"))
    if is_credited and params.get("credited_days"):
        decide, is_business = params["credited_days"], False
    decide_by = (
        end_of_business_day(received_at, decide, country=country, zone=zone)
        if is_business
        else received_at + timedelta(days=decide)
    )
    confirmed = received_at + timedelta(days=params.get("acknowledge_days", PROMISE["acknowledge_days"]))
    return Clock(min(confirmed, decide_by), decide_by, source, rule_id)


def end_of_business_day(start: datetime, days: int, *, country: str, zone: str) -> datetime:
    """Return the last second of the nth business day after a moment, by the clocks of the zone."""
    local = start.astimezone(ZoneInfo(zone))
    day = days_after(local.date(), days, lambda each: is_workday(each, country))
    return datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(zone))


def days_of(params: Mapping[str, Any], name: str) -> int:
    """Return so many days of a rule, or of our promise where the rule does not say."""
    return int(params.get(name) or PROMISE[name])
