"""Between which days a subscription must renew for its customer to be told now, by place and term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifications.notices.models import LeadTime

INTERVALS = ("month", "year")


@dataclass(frozen=True, slots=True)
class Place:
    """Where customers live: what decides their law and their calendar day."""

    country: str
    region: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Window:
    """Subscriptions of this place and term that renew from `first_on` to `last_on` are told now."""

    place: Place
    interval: str
    first_on: date
    last_on: date


def windows(
    places: Iterable[Place], lead_times: Sequence[LeadTime], *, as_of: date, at: datetime, desk_zone: ZoneInfo
) -> list[Window]:
    """Return the window of every place and term that has a lead time."""
    found = []
    for place in places:
        today = local_day(place.time_zone, as_of=as_of, at=at, desk_zone=desk_zone)
        for interval in INTERVALS:
            lead = narrowest(lead_times, place, interval)
            if lead is not None:
                first_on, last_on = today + timedelta(days=lead.latest_days), today + timedelta(days=lead.earliest_days)
                found.append(Window(place, interval, first_on, last_on))
    return found


def narrowest(lead_times: Sequence[LeadTime], place: Place, interval: str) -> LeadTime | None:
    """Return the lead time for a region before that for its country, and that before the one for everywhere."""
    fitting = [
        lead
        for lead in lead_times
        if lead.interval == interval and lead.country in ("", place.country) and lead.region in ("", place.region)
    ]
    return max(fitting, key=lambda lead: (bool(lead.region), bool(lead.country)), default=None)


def local_day(time_zone: str, *, as_of: date, at: datetime, desk_zone: ZoneInfo) -> date:
    """Return the day it is where a customer lives while it is `as_of` at the desk; an unknown zone is the desk's."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = desk_zone
    return as_of + (at.astimezone(zone).date() - at.astimezone(desk_zone).date())
