"""What a change within a period costs (pure): calendar days; the day of change belongs to the new state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.errors import InvalidInput
from ledger.money import Money
from ledger.periods import Period


class DayOutsidePeriod(InvalidInput):
    """The day of change does not lie in the period that is billed."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changing a price within a paid period comes to: unused part back, new part charged."""

    credit: Money
    charge: Money

    @property
    def net(self) -> Money:
        """What is charged on balance; below zero it is given back."""
        return self.charge - self.credit


def prorate(price: Money, *, period: Period, start: date, end: date) -> Money:
    """Return the part of a period's price for the days from `start` up to, not including, `end`.

    The denominator is the whole period; the result is rounded once, half away from zero.

    :raises DayOutsidePeriod: if the days do not lie in the period
    """
    if not period.start <= start <= end <= period.end:
        raise DayOutsidePeriod(f"{start} to {end} does not lie in the period {period.start} to {period.end}.")
    return price.times(Fraction((end - start).days, period.days))


def change_price(old: Money, new: Money, *, period: Period, on: date) -> Change:
    """Return what changing from one price to another on a day comes to, for the rest of the period.

    :raises DayOutsidePeriod: if the day does not lie in the period
    """
    return Change(
        credit=prorate(old, period=period, start=on, end=period.end),
        charge=prorate(new, period=period, start=on, end=period.end),
    )
