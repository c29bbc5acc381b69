"""How often something may be given, and how much had to be put right by hand (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


def a_year_after(day: date) -> date:
    """Return the same day a year later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def possible_again_on(given_on: Sequence[date], per_year: int | None, *, today: date) -> date | None:
    """Return the day from which one more may be given, or None when it may be given today.

    `per_year` gifts fit into twelve months: one more is possible a year after the gift that makes them full.
    """
    if per_year is None:
        return None
    running = sorted(day for day in given_on if a_year_after(day) > today)
    return a_year_after(running[-per_year]) if len(running) >= per_year else None


@dataclass(frozen=True, slots=True)
class ManualRatio:
    """How many corrections people made by hand, for so many bills, by cause."""

    bills: int
    by_cause: Mapping[str, int]

    @property
    def adjustments(self) -> int:
        """All causes together."""
        return sum(self.by_cause.values())

    @property
    def per_thousand(self) -> Fraction | None:
        """Adjustments for each thousand bills; None where there was no bill."""
        return Fraction(self.adjustments * 1000, self.bills) if self.bills else None
