"""Half-open billing periods and calendar steps, always derived from the anchor so that they never drift.

Everything here counts calendar days. Which day it is for a customer is decided once, by `local_day`; after that no
clock, time zone or daylight saving has a say, so periods tile without gap or overlap.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from ledger.errors import InvalidInput


class EmptyPeriod(InvalidInput):
    """A period must end after it starts."""


class InvalidInterval(InvalidInput):
    """A billing interval is so many months or so many days, at least one."""


class InvalidBillDay(InvalidInput):
    """A bill day is a day of the month, from 1 to 31, and only monthly intervals have one."""


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


@dataclass(frozen=True, slots=True)
class Interval:
    """How far one billing day is from the next: whole calendar months, or a number of days. Never both."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if min(self.months, self.days) < 0 or (self.months > 0) == (self.days > 0):
            raise InvalidInterval("A billing interval is at least one month, or at least one day.")


WEEKLY, MONTHLY, QUARTERLY, YEARLY = Interval(days=7), Interval(months=1), Interval(months=3), Interval(months=12)


def local_day(at: datetime, zone: tzinfo) -> date:
    """Return the calendar day a moment falls on where the customer lives.

    :raises InvalidInput: if the moment has no time zone of its own
    """
    if at.tzinfo is None:
        raise InvalidInput("A moment without a time zone falls on no certain day.")
    return at.astimezone(zone).date()


def add_months(anchor: date, months: int, *, bill_day: int | None = None) -> date:
    """Return the anchor's day (or the bill day) `months` later, or that month's last: Jan 31, Feb 28, Mar 31."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise InvalidInput(f"The year {year} is outside the calendar.")
    return date(year, month + 1, min(bill_day or anchor.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Series:
    """The billing days of one agreement: every interval from the anchor, on the bill day or the month's last.

    Without a bill day it is the anchor's own day. An anchor on 29 February with bill day 31 goes on on 31 March.
    """

    anchor: date
    interval: Interval
    bill_day: int | None = None

    def __post_init__(self) -> None:
        if self.bill_day is None:
            return
        if not self.interval.months or not 1 <= self.bill_day <= 31:
            raise InvalidBillDay("A bill day is from 1 to 31, and only intervals of months have one.")
        if self.anchor != add_months(self.anchor, 0, bill_day=self.bill_day):
            raise InvalidBillDay(f"{self.anchor} does not fall on bill day {self.bill_day}.")

    @classmethod
    def on_bill_day(cls, start: date, bill_day: int, interval: Interval) -> Series:
        """Return the series whose first billing day is the first bill day on or after `start`.

        :raises InvalidBillDay: if there is no such day of the month
        """
        if not 1 <= bill_day <= 31:
            raise InvalidBillDay("A bill day is a day of the month, from 1 to 31.")
        here = add_months(start, 0, bill_day=bill_day)
        first = here if here >= start else add_months(start, 1, bill_day=bill_day)
        return cls(first, interval, bill_day)

    def day(self, number: int) -> date:
        """Return the billing day with a number; 0 is the anchor, numbers below zero lie before it."""
        if self.interval.months:
            return add_months(self.anchor, self.interval.months * number, bill_day=self.bill_day)
        return self.anchor + timedelta(days=self.interval.days * number)

    def period(self, number: int) -> Period:
        """Return the period from billing day `number` to the next."""
        return Period(self.day(number), self.day(number + 1))

    def containing(self, day: date) -> Period:
        """Return the period that contains a day, before the anchor too."""
        return self.period(self._number(day))

    def _number(self, day: date) -> int:
        if not self.interval.months:
            return (day - self.anchor).days // self.interval.days
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        # The billing day of its own month may still lie ahead of the day; then it belongs to the period before.
        number = months // self.interval.months
        return number - 1 if self.day(number) > day else number

    def pieces(self, start: date, end: date) -> Iterator[tuple[Period, Period]]:
        """Yield each served part from `start` up to `end`, with the whole period it is billed in.

        :raises EmptyPeriod: if nothing lies between the two
        """
        served = Period(start, end)
        number = self._number(start)
        while (whole := self.period(number)).start < served.end:
            yield Period(max(whole.start, start), min(whole.end, end)), whole
            number += 1


def pieces_due(series: Series, *, start: date, end: date, today: date) -> list[tuple[Period, Period]]:
    """Return the parts of a service to bill in advance by a day: each part whose first day has come."""
    return [(part, whole) for part, whole in series.pieces(start, end) if part.start <= today]


def whole_periods(start: date, end: date, interval: Interval) -> int:
    """Return how many whole periods lie between two days; the last may end on `end` itself."""
    series, number = Series(start, interval), 0
    while series.day(number + 1) <= end:
        number += 1
    return number


def step(anchor: date, interval_months: int, number: int) -> date:
    """Return the start of the period with the given number, counted from the anchor (0 is the anchor itself).

    :raises InvalidInterval: if the interval is not at least a month
    """
    return Series(anchor, Interval(months=interval_months)).day(number)


def period_containing(anchor: date, interval_months: int, day: date) -> Period:
    """Return the period of the anchor's series that contains a day, before the anchor too."""
    return Series(anchor, Interval(months=interval_months)).containing(day)
