"""Adds business hours to a moment (pure).

Opening hours are wall-clock times in the calendar's zone; arithmetic happens between instants, so a day on which the
clocks change is as long as it really was. Where the clocks go forward, an opening inside the missing hour happens at
the change; where they go back, opening and closing happen the first time the clock shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ledger.errors import DomainError

Interval = tuple[time, time]
Span = tuple[datetime, datetime]

MIDNIGHT = time(0)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NOTHING = timedelta(0)


class CalendarNeverOpens(DomainError):
    """The business calendar has no opening hours, so no deadline can be worked out from it."""


class OpeningHoursInvalid(DomainError):
    """The opening hours cannot be understood; the message names the time and the rule."""


class DurationInvalid(DomainError):
    """A span of business time must be longer than nothing."""


class DeadlineTooFar(DomainError):
    """The deadline would lie after the year 9999."""


@dataclass(frozen=True)
class BusinessCalendar:
    """When somebody is at work: `weekly` maps Monday=0 … Sunday=6 to intervals; one that ends at 00:00 ends at 24:00.

    `always` means around the clock: holidays and `weekly` are not looked at and business seconds are elapsed seconds.

    :raises OpeningHoursInvalid: if a weekday is not 0 to 6, or an interval ends before it begins
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Interval, ...]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    always: bool = False

    def __post_init__(self) -> None:
        for weekday, intervals in self.weekly.items():
            if weekday not in range(7):
                raise OpeningHoursInvalid(f"A weekday is 0 (Monday) to 6 (Sunday), not {weekday}.")
            for opens, closes in intervals:
                if closes != MIDNIGHT and closes <= opens:
                    raise OpeningHoursInvalid(f"Closing time {closes:%H:%M} is not after opening time {opens:%H:%M}.")


def add_business_time(calendar: BusinessCalendar, start: datetime, seconds: int) -> datetime:
    """Return the UTC moment at which `seconds` of business time after `start` are used up.

    A target that is used up exactly at closing time is due at closing time, not at the next opening.

    :raises DurationInvalid: if seconds is not positive
    :raises CalendarNeverOpens: if no week has an opening hour
    :raises DeadlineTooFar: if the moment would lie after the year 9999
    """
    return add_exact_business_time(calendar, start, timedelta(seconds=seconds))


def add_exact_business_time(calendar: BusinessCalendar, start: datetime, left: timedelta) -> datetime:
    """Do the same for a span with fractions of a second, as is left over after a pause."""
    if left <= NOTHING:
        raise DurationInvalid("A span of business time must be longer than nothing.")
    try:
        return start.astimezone(UTC) + left if calendar.always else _use_up(calendar, start, left)
    except OverflowError:
        raise DeadlineTooFar("The deadline would lie after the year 9999.") from None


def business_seconds_between(calendar: BusinessCalendar, start: datetime, end: datetime) -> int:
    """Return the whole business seconds from `start` to `end`; negative when `end` lies before `start`."""
    return int(business_time_between(calendar, start, end) / timedelta(seconds=1))


def business_time_between(calendar: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    """Return the exact business time from `start` to `end`; negative when `end` lies before `start`."""
    if end < start:
        return -business_time_between(calendar, end, start)
    since, until = start.astimezone(UTC), end.astimezone(UTC)
    if calendar.always:
        return until - since
    first = day = start.astimezone(calendar.zone).date()
    last, a_week, total = end.astimezone(calendar.zone).date(), _week_length(calendar), NOTHING
    while day <= last:
        if first < day <= last - WEEK and _is_plain_week(calendar, day):
            total, day = total + a_week, day + WEEK
            continue
        for opens, closes in _spans(calendar, day):
            total += max(min(closes, until) - max(opens, since), NOTHING)
        day += DAY
    return total


def is_open(calendar: BusinessCalendar, at: datetime) -> bool:
    """Say whether somebody is at work: from the opening moment on, no longer at the closing moment."""
    if calendar.always:
        return True
    return any(opens <= at < closes for opens, closes in _spans(calendar, at.astimezone(calendar.zone).date()))


def next_opening(calendar: BusinessCalendar, at: datetime) -> datetime:
    """Return the first UTC moment at or after `at` at which somebody is at work: `at` itself during opening hours.

    :raises CalendarNeverOpens: if no week has an opening hour
    :raises DeadlineTooFar: if every day up to the year 9999 is a holiday
    """
    if calendar.always or is_open(calendar, at):
        return at.astimezone(UTC)
    if not _week_length(calendar):
        raise CalendarNeverOpens("The business calendar has no opening hours.")
    day = at.astimezone(calendar.zone).date()
    try:
        while True:
            for opens, _ in _spans(calendar, day):
                if opens >= at:
                    return opens
            day += DAY
    except OverflowError:
        raise DeadlineTooFar("The business calendar does not open again before the year 9999.") from None


def _use_up(calendar: BusinessCalendar, start: datetime, left: timedelta) -> datetime:
    """Walk forward from `start` until `left` is used up: whole ordinary weeks at once, the others day by day."""
    a_week = _week_length(calendar)
    if not a_week:
        raise CalendarNeverOpens("The business calendar has no opening hours.")
    since = start.astimezone(UTC)
    first = day = start.astimezone(calendar.zone).date()
    while True:
        while left > a_week and day > first and _is_plain_week(calendar, day):
            left, day = left - a_week, day + WEEK
        for opens, closes in _spans(calendar, day):
            begins = max(opens, since)
            if closes - begins >= left:
                return begins + left
            left -= max(closes - begins, NOTHING)
        day += DAY


def _week_length(calendar: BusinessCalendar) -> timedelta:
    """Return the opening hours of a week without holidays and without a change of the clocks."""
    intervals = (interval for day in calendar.weekly.values() for interval in _merged(day))
    return sum((closes - opens for opens, closes in intervals), NOTHING)


def _merged(intervals: tuple[Interval, ...]) -> list[tuple[timedelta, timedelta]]:
    """Return the intervals of a day as offsets from midnight, in order, overlapping ones made into one."""
    merged: list[tuple[timedelta, timedelta]] = []
    for opens, closes in sorted((_offset(opens), _offset(closes) or DAY) for opens, closes in intervals):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def _offset(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _is_plain_week(calendar: BusinessCalendar, day: date) -> bool:
    """Say whether the seven days from `day` hold neither a holiday nor a change of the clocks."""
    if any(day + ahead * DAY in calendar.holidays for ahead in range(7)):
        return False
    first, after = datetime.combine(day, MIDNIGHT, calendar.zone), datetime.combine(day + WEEK, MIDNIGHT, calendar.zone)
    return first.utcoffset() == after.utcoffset()


def _spans(calendar: BusinessCalendar, day: date) -> list[Span]:
    """Return the opening hours of one local day as pairs of UTC moments."""
    intervals = calendar.weekly.get(day.weekday(), ())
    if not intervals or day in calendar.holidays:
        return []
    midnight = datetime.combine(day, MIDNIGHT)
    return [
        (_instant(midnight + opens, calendar.zone), _instant(midnight + closes, calendar.zone))
        for opens, closes in _merged(intervals)
    ]


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first UTC moment at which a clock in the zone shows `wall` or later."""
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early >= late:  # an ordinary time, or one the clock shows twice: the first of them
        return late
    while late - early > timedelta(seconds=1):  # a time the clock skips: the change lies between the two readings
        middle = early + ((late - early) / 2 // timedelta(seconds=1)) * timedelta(seconds=1)
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return late
