"""Days on which banks and people work, by country (pure): a step that falls on another day moves to the next one."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


def is_workday(day: date, country: str, region: str = "") -> bool:
    """Return whether a day is neither of the weekend nor a public holiday; of an unknown country only weekends count.

    `region` is an ISO 3166-2 code ("US-CA"); one we have no holidays for counts as the whole country.
    """
    return day.weekday() < SATURDAY and day not in _calendar(country, region.partition("-")[2], day.year)


def next_workday(day: date, country: str, region: str = "") -> date:
    """Return the day itself if people work on it, else the first one after it."""
    while not is_workday(day, country, region):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=512)
def _calendar(country: str, subdivision: str, year: int) -> frozenset[date]:
    supported = holidays.list_supported_countries()
    if country not in supported:
        return frozenset()
    known = subdivision if subdivision in supported[country] else None
    return frozenset(holidays.country_holidays(country, subdiv=known, years=year))
