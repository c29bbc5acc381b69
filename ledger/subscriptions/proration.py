"""What a part of a period costs (pure): by local calendar day, by second, or by a month of 30 days, as the plan says.

The day of change belongs to the new state. The denominator is the whole period that contains the days, as it would be
billed; a daily price is never rounded first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from ledger.errors import InvalidInput
from ledger.money import Money, round_half_away
from ledger.periods import Period, Series, add_months, pieces_due


class DayOutsidePeriod(InvalidInput):
    """The day or moment of change does not lie in the period that is billed."""


class Basis(StrEnum):
    """How a plan counts the part of a period that was used."""

    DAY = "day"
    SECOND = "second"
    THIRTY_DAY_MONTH = "thirty_day_month"
    NONE = "none"


class LastDay(StrEnum):
    """Whether the day a term ends or changes is still billed to the old state; a policy of the plan."""

    FREE = "free"
    BILLED = "billed"


@dataclass(frozen=True, slots=True)
class Change:
    """What changing a price within a paid period comes to: unused part back, new part charged."""

    credit: Money
    charge: Money

    @property
    def net(self) -> Money:
        """What is charged on balance; below zero it is given back."""
        return self.charge - self.credit


def prorate(price: Money, *, period: Period, start: date, end: date, basis: Basis = Basis.DAY) -> Money:
    """Return the part of a period's price for the days from `start` up to, not including, `end`.

    Rounded once, half away from zero. A price that is not prorated at all (`NONE`) is due whole or not at all.

    :raises DayOutsidePeriod: if the days do not lie in the period
    """
    return price.times(part_of(period, start=start, end=end, basis=basis))


def part_of(period: Period, *, start: date, end: date, basis: Basis = Basis.DAY) -> Fraction:
    """Return which part of a period the days from `start` up to `end` are, exactly.

    :raises DayOutsidePeriod: if the days do not lie in the period
    :raises InvalidInput: if the plan counts seconds: then moments are needed, see `prorate_seconds`
    """
    if not period.start <= start <= end <= period.end:
        raise DayOutsidePeriod(f"{start} to {end} does not lie in the period {period.start} to {period.end}.")
    if basis == Basis.SECOND:
        raise InvalidInput("A plan that counts seconds is prorated from moment to moment, not from day to day.")
    if basis == Basis.NONE:
        return Fraction(1 if (start, end) == (period.start, period.end) else 0)
    if basis == Basis.THIRTY_DAY_MONTH and (months := _whole_months(period)):
        used = _thirtieths(period, end, months) - _thirtieths(period, start, months)
        return Fraction(used, 30 * months)
    return Fraction((end - start).days, period.days)


def _bill_day(period: Period) -> int:
    # From 28 February to 31 March is a month billed on the 31st.
    return max(period.start.day, period.end.day)


def _whole_months(period: Period) -> int:
    """Return how many calendar months a period is, or 0 when it is not made of whole ones."""
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    day = _bill_day(period)
    tiles = (add_months(period.start, n, bill_day=day) for n in (0, months))
    return months if tuple(tiles) == (period.start, period.end) else 0


def _thirtieths(period: Period, day: date, months: int) -> int:
    """Return which of 30 days a month a day is, counted from the period's start, so that parts add up to the whole.

    The 31st day of a month counts nothing more; in February the days that are missing belong to its last.
    """
    for month in range(months, -1, -1):
        begins = add_months(period.start, month, bill_day=_bill_day(period))
        if begins <= day:
            return 30 * month + min((day - begins).days, 30)
    return 0


def change_price(
    old: Money,
    new: Money,
    *,
    period: Period,
    on: date,
    basis: Basis = Basis.DAY,
    last_day: LastDay = LastDay.FREE,
) -> Change:
    """Return what changing from one price to another on a day comes to, for the rest of the period.

    :raises DayOutsidePeriod: if the day does not lie in the period
    """
    return Change(
        credit=price_of_rest(old, period=period, on=on, basis=basis, last_day=last_day),
        charge=price_of_rest(new, period=period, on=on, basis=basis, last_day=last_day),
    )


def price_of_rest(
    price: Money, *, period: Period, on: date, basis: Basis = Basis.DAY, last_day: LastDay = LastDay.FREE
) -> Money:
    """Return what the rest of a period costs when the term ends on a day: what is given back when it is paid.

    :raises DayOutsidePeriod: if the day does not lie in the period
    """
    first_free = on
    if last_day == LastDay.BILLED and on in period:
        first_free = on + timedelta(days=1)
    return prorate(price, period=period, start=first_free, end=period.end, basis=basis)


def prorate_seconds(price: Money, *, begins: datetime, ends: datetime, start: datetime, end: datetime) -> Money:
    """Return the part of the price of the time from `begins` to `ends` for the elapsed time from `start` to `end`.

    Elapsed, not by the wall clock: the day on which clocks go forward has 23 hours.

    :raises DayOutsidePeriod: if the moments do not lie in the period, in order
    :raises InvalidInput: if a moment has no time zone
    """
    return price.times(part_of_time(begins=begins, ends=ends, start=start, end=end))


def part_of_time(*, begins: datetime, ends: datetime, start: datetime, end: datetime) -> Fraction:
    """Return which part of the time from `begins` to `ends` has elapsed from `start` to `end`, exactly.

    :raises DayOutsidePeriod: if the moments do not lie in the period, in order
    :raises InvalidInput: if a moment has no time zone
    """
    if any(moment.tzinfo is None for moment in (begins, ends, start, end)):
        raise InvalidInput("Seconds are counted between moments with a time zone.")
    first, last, begun, done = (moment.astimezone(UTC) for moment in (begins, ends, start, end))
    if not (first <= begun <= done <= last and first < last):
        raise DayOutsidePeriod(f"{start} to {end} does not lie in the time from {begins} to {ends}.")
    tick = timedelta(microseconds=1)
    return Fraction((done - begun) // tick, (last - first) // tick)


def part_with_service(
    whole: Period, served: Period, *, basis: Basis = Basis.DAY, zone: str = "UTC", moment: datetime | None = None
) -> Fraction:
    """Return which part of a whole period the served days are, whatever the plan counts.

    Counted by the second, days begin at midnight where the customer lives; the first served one at `moment`, where
    that lies on it.

    :raises DayOutsidePeriod: if the days do not lie in the period
    """
    if basis != Basis.SECOND:
        return part_of(whole, start=served.start, end=served.end, basis=basis)
    begins, ends, start, end = (
        datetime.combine(day, time(), ZoneInfo(zone)) for day in (whole.start, whole.end, served.start, served.end)
    )
    if moment is not None and moment.astimezone(ZoneInfo(zone)).date() == served.start:
        start = moment
    return part_of_time(begins=begins, ends=ends, start=start, end=end)


def change_price_at(old: Money, new: Money, *, begins: datetime, ends: datetime, at: datetime) -> Change:
    """Return what changing from one price to another at a moment comes to, to the second.

    :raises DayOutsidePeriod: if the moment does not lie in the period
    """
    return Change(
        credit=prorate_seconds(old, begins=begins, ends=ends, start=at, end=ends),
        charge=prorate_seconds(new, begins=begins, ends=ends, start=at, end=ends),
    )


def charges_due(
    price: Money, series: Series, *, start: date, end: date, today: date, basis: Basis = Basis.DAY
) -> list[tuple[Period, Money]]:
    """Return what a service from `start` up to `end` costs in advance by a day: one amount per part of a period."""
    due = pieces_due(series, start=start, end=end, today=today)
    return [(part, prorate(price, period=whole, start=part.start, end=part.end, basis=basis)) for part, whole in due]


def days_bought(amount: Money, price: Money, *, period: Period) -> int:
    """Return how many days of a period at a price an amount pays for, half a day rounding up to a whole one.

    :raises InvalidInput: if the price is not above zero
    """
    if price.minor <= 0 or amount.currency != price.currency:
        raise InvalidInput(f"Days are bought at a price above zero in {amount.currency}.")
    return round_half_away(Fraction(amount.minor * period.days, price.minor))
