"""Half-open billing periods and calendar steps, always derived from the anchor so that they never drift."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from ledger.errors import InvalidInput


class EmptyPeriod(InvalidInput):
    """A period must end after it starts."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise EmptyPeriod("A period ends after it starts.")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def add_months(anchor: date, months: int) -> date:
    """Return the anchor's day `months` later, or the last of that month: Jan 31, Feb 28, Mar 31, Apr 30."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def step(anchor: date, interval_months: int, number: int) -> date:
    """Return the start of the period with the given number, counted from the anchor (0 is the anchor itself).

    :raises InvalidInput: if the interval is not at least a month
    """
    if interval_months < 1:
        raise InvalidInput("A billing interval is at least one month.")
    return add_months(anchor, interval_months * number)


def period_containing(anchor: date, interval_months: int, day: date) -> Period:
    """Return the period of the anchor's series that contains a day, before the anchor too."""
    number = ((day.year - anchor.year) * 12 + day.month - anchor.month) // interval_months
    while step(anchor, interval_months, number) > day:
        number -= 1
    while step(anchor, interval_months, number + 1) <= day:
        number += 1
    return Period(step(anchor, interval_months, number), step(anchor, interval_months, number + 1))
