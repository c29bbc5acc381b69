"""Which days banks and people work (pure): a payment day on a weekend or public holiday moves to the next."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays as public_holidays

SATURDAY = 5


@lru_cache(maxsize=256)
def holidays_of(country: str, subdivision: str, year: int) -> frozenset[date]:
    """Return the public holidays of one year; none where no list is known. `subdivision` is the part after the dash."""
    try:
        return frozenset(public_holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        return holidays_of(country, "", year) if subdivision else frozenset()


def is_business_day(day: date, country: str, region: str = "") -> bool:
    """Return whether a day is neither Saturday, Sunday nor a public holiday; `region` is an ISO 3166-2 code."""
    subdivision = region.partition("-")[2]
    return day.weekday() < SATURDAY and day not in holidays_of(country, subdivision, day.year)


def business_day_from(day: date, country: str, region: str = "") -> date:
    """Return the day itself, or the first business day after it."""
    while not is_business_day(day, country, region):
        day += timedelta(days=1)
    return day
