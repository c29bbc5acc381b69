"""Days on which people and banks work (pure): a day that falls on another one moves to the next.

Public holidays come from the `holidays` library. Of a country it does not know only the weekends are free, and a region
it does not know counts as the whole country.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5
#: Whether somebody works on a day.
Works = Callable[[date], bool]


def is_workday(day: date, country: str, region: str = "") -> bool:
    """Return whether a day is neither of the weekend nor a public holiday; `region` is an ISO 3166-2 code ("US-CA")."""
    subdivision = region.partition("-")[2]
    known = subdivision if knows_holidays(country, subdivision) else ""
    return day.weekday() < SATURDAY and day not in public_holidays(country, known, day.year)


def bank_days(currency: str, country: str) -> Works:
    """Return on which days banks move a currency: euros by the TARGET calendar, others as people work in the country.

    Source: European Central Bank, TARGET closing days, in the library as "ECB".
    """
    if currency == "EUR":
        return lambda day: day.weekday() < SATURDAY and day not in _target_closed(day.year)
    return lambda day: is_workday(day, country)


def first_day(day: date, works: Works) -> date:
    """Return the day itself if somebody works on it, else the first one after it on which they do."""
    while not works(day):
        day += timedelta(days=1)
    return day


def days_after(day: date, count: int, works: Works) -> date:
    """Return the working day that is so many working days after a day."""
    for _ in range(count):
        day = first_day(day + timedelta(days=1), works)
    return day


def next_workday(day: date, country: str, region: str = "") -> date:
    """Return the day itself if people work on it, else the first one after it."""
    return first_day(day, lambda each: is_workday(each, country, region))


def knows_holidays(country: str, subdivision: str = "") -> bool:
    """Return whether there is a list of public holidays for a country, or for a part of it ("BY")."""
    known = _supported().get(country)
    return known is not None and (not subdivision or subdivision in known)


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """Return the public holidays of one year; none where no list is known."""
    if not knows_holidays(country, subdivision):
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


@lru_cache(maxsize=32)
def _target_closed(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("ECB", years=year))


@lru_cache(maxsize=1)
def _supported() -> dict[str, list[str]]:
    return dict(holidays.list_supported_countries())
