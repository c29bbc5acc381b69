"""How often card networks let a declined card be tried: caps with dates, and whether one more try fits (pure).

A cap counts every try on the card, whoever started it and whichever bill it was for. Windows roll: wherever a window of
so many days is laid, it holds no more tries than the cap that is in force on the day of its last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class Basis(StrEnum):
    """What a cap counts: every try on a card, or those of one amount."""

    CARD = "card"
    CARD_AND_AMOUNT = "card_and_amount"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many tries in so many days, from a day on; an empty network means any other one."""

    network: str
    most: int
    window_days: int
    basis: Basis = Basis.CARD
    valid_from: date = date.min
    valid_to: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Return whether it holds on a day; the last day is not included."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to charge a card; its moment is kept in UTC, so that days are 24 hours when clocks change too."""

    at: datetime
    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.at.astimezone(UTC))


#: What we allow ourselves where no rule is known: the strictest published cap.
CAREFUL = Cap("", most=15, window_days=30)


def network_of(brand: str) -> str:
    """Return the network a card belongs to as rules name it: "American Express" is `american_express`."""
    return "_".join(brand.lower().split())


def caps_of(network: str, caps: Iterable[Cap]) -> list[Cap]:
    """Return the caps of a network, else those of any other network, else the careful one."""
    known = list(caps)
    return [cap for cap in known if cap.network == network] or [cap for cap in known if not cap.network] or [CAREFUL]


def fits(candidate: Try, tries: Sequence[Try], caps: Sequence[Cap]) -> bool:
    """Return whether one more try stays within every cap, in every window it would be part of.

    `caps` are those of the card's network; a day no cap is in force on is held to the careful one.
    """
    together = [*tries, candidate]
    reach = timedelta(days=max((cap.window_days for cap in caps), default=CAREFUL.window_days))
    for last in together:
        if candidate.at <= last.at < candidate.at + max(reach, timedelta(days=CAREFUL.window_days)):
            in_force = [cap for cap in caps if cap.is_in_force(last.at.date())] or [CAREFUL]
            if any(_count(last, candidate, together, cap) > cap.most for cap in in_force):
                return False
    return True


def _count(last: Try, candidate: Try, together: Sequence[Try], cap: Cap) -> int:
    """Count the tries in the window that ends with `last`; none, if the candidate is not among them."""
    counted = [each for each in together if _is_counted(each, last, cap)]
    return len(counted) if candidate in counted else 0


def _is_counted(each: Try, last: Try, cap: Cap) -> bool:
    if not last.at - timedelta(days=cap.window_days) < each.at <= last.at:
        return False
    same = (each.amount_minor, each.currency) == (last.amount_minor, last.currency)
    return cap.basis is Basis.CARD or same
