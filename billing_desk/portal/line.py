"""The billing line: whether somebody answers it now, and until or from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from ledger.errors import DomainError
from tickets.channels.lines import line_for
from tickets.sla.business_time import BusinessCalendar, is_open, next_opening
from tickets.sla.hours import calendar_of


@dataclass(frozen=True)
class Line:
    """The billing line as it stands now: it closes at one moment, or opens at another."""

    is_open: bool
    closes_at: datetime | None = None
    opens_at: datetime | None = None


def billing_line(*, at: datetime, country: str = "") -> Line | None:
    """Return the standing of a country's billing line; None when no line, or none with usable hours, is set up."""
    line = line_for(country)
    if line is None:
        return None
    try:
        return _standing(calendar_of(line.hours, around=at), at)
    except DomainError:
        return None


def _standing(calendar: BusinessCalendar, at: datetime) -> Line:
    if is_open(calendar, at):
        return Line(True, closes_at=_closing(calendar, at))
    return Line(False, opens_at=next_opening(calendar, at))


def _closing(calendar: BusinessCalendar, at: datetime) -> datetime | None:
    """Return the end of the opening hours that hold now; None around the clock or at midnight."""
    local = at.astimezone(calendar.zone)
    for opens, closes in () if calendar.always else calendar.weekly.get(local.weekday(), ()):
        if closes != time(0) and opens <= local.time() < closes:
            return datetime.combine(local.date(), closes, calendar.zone)
    return None
