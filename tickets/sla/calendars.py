"""Builds business calendars from what a supervisor types and from public holidays. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.errors import DomainError
from ledger.workdays import knows_holidays, public_holidays
from tickets.sla.business_time import BusinessCalendar, OpeningHoursInvalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")


class TimeZoneUnknown(DomainError):
    """There is no time zone of that name."""


class HolidaysUnknown(DomainError):
    """There is no list of public holidays for that country or part of a country."""


def build_calendar(
    zone: str,
    weekly: Mapping[str, Iterable[tuple[str, str]]],
    holidays: Iterable[date] = (),
    *,
    always: bool = False,
) -> BusinessCalendar:
    """Return the calendar for hours written like `{"mon": [("09:00", "12:30"), ("13:30", "24:00")]}`.

    :raises OpeningHoursInvalid: if a day or a time cannot be understood
    :raises TimeZoneUnknown: if there is no such zone
    """
    return BusinessCalendar(
        zone=find_zone(zone),
        weekly={
            _weekday(day): tuple(
                (read_clock(opens, "open"), read_clock(closes, "close")) for opens, closes in intervals
            )
            for day, intervals in weekly.items()
        },
        holidays=frozenset(holidays),
        always=always,
    )


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name, e.g. `Europe/Berlin`.

    :raises TimeZoneUnknown: if there is none
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneUnknown(f"There is no time zone called {name!r}.") from None


def read_clock(text: str, what: str = "open") -> time:
    """Return a time of day; 24:00, allowed for closing only, becomes 00:00.

    :raises OpeningHoursInvalid: if the text is no time of day
    """
    found = CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 99)
    if what == "close" and (hour, minute) == (24, 0):
        return time(0)
    if hour > 23 or minute > 59:
        raise OpeningHoursInvalid(f"Invalid {what} time {text}: write hours and minutes, 00:00 to 23:59.")
    return time(hour, minute)


def holiday_dates(
    country: str,
    years: Iterable[int],
    *,
    subdivision: str = "",
    added: Iterable[date] = (),
    removed: Iterable[date] = (),
) -> frozenset[date]:
    """Return the public holidays of a country (ISO 3166 code), with the company's own days added and removed.

    Only days off for everybody count; a day that is both added and removed is removed.

    :raises HolidaysUnknown: if there is no list for the country or its subdivision
    """
    if not knows_holidays(country.upper(), subdivision):
        place = f"{subdivision} in {country}" if subdivision else country
        raise HolidaysUnknown(f"There is no list of public holidays for {place}.")
    known = frozenset[date]().union(*(public_holidays(country.upper(), subdivision, year) for year in years))
    return (known | frozenset(added)) - frozenset(removed)


def _weekday(name: str) -> int:
    short = name.strip().lower()[:3]
    if short not in WEEKDAYS:
        raise OpeningHoursInvalid(f"{name!r} is no day of the week: write mon, tue, wed, thu, fri, sat or sun.")
    return WEEKDAYS.index(short)
