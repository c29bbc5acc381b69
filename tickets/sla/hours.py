"""A supervisor's business hours as the calendar the arithmetic works with."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from tickets.sla.business_time import BusinessCalendar
from tickets.sla.calendars import build_calendar, holiday_dates
from tickets.sla.models import BusinessHours

WEEKDAYS = {"1": "mon", "2": "tue", "3": "wed", "4": "thu", "5": "fri", "6": "sat", "7": "sun"}
#: Years of public holidays before and after the moment in question.
YEARS_BACK, YEARS_AHEAD = 1, 3


def calendar_of(hours: BusinessHours, *, around: datetime) -> BusinessCalendar:
    """Return the calendar of these hours, with public holidays for the years around a moment.

    :raises OpeningHoursInvalid: if the hours cannot be understood
    """
    year = around.astimezone(ZoneInfo(hours.time_zone)).year
    days_off = _public_days(hours.holiday_country, hours.holiday_region, year) if hours.holiday_country else frozenset()
    own = list(hours.holidays.values_list("day", "is_off"))
    added = {day for day, is_off in own if is_off}
    removed = {day for day, is_off in own if not is_off}
    weekly = {
        WEEKDAYS.get(str(day), str(day)): tuple((opens, closes) for opens, closes in intervals)
        for day, intervals in hours.weekly.items()
    }
    return build_calendar(hours.time_zone, weekly, (days_off | added) - removed, always=hours.always_open)


@lru_cache(maxsize=64)
def _public_days(country: str, region: str, year: int) -> frozenset[date]:
    return holiday_dates(country, range(year - YEARS_BACK, year + YEARS_AHEAD + 1), subdivision=region)
