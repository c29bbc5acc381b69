"""What we hold of a foreign currency and what it cost (pure): gains and losses at average cost.

A position may be below zero: money that customers paid us was sold before any was bought. Then buying closes it, and
the difference to what the sale brought is the gain.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ledger.errors import InvalidInput
from ledger.fx.rates import Rate, convert
from ledger.money import Money


class InvalidPosition(InvalidInput):
    """An amount was bought for nothing, or in a currency the position is not in."""


@dataclass(frozen=True, slots=True)
class Position:
    """So much of a foreign currency, for so much in the book currency; both of the same sign."""

    held: Money
    cost: Money

    @classmethod
    def none(cls, currency: str, book_currency: str) -> Position:
        """Return an empty position."""
        return cls(Money(0, currency), Money(0, book_currency))

    def bought(self, amount: Money, *, cost: Money) -> tuple[Position, Money]:
        """Return the position after buying an amount for a price in the book currency, and what was gained."""
        _check(amount, cost)
        return self._moved(amount, cost)

    def sold(self, amount: Money, *, proceeds: Money) -> tuple[Position, Money]:
        """Return the position after selling an amount for a price in the book currency, and what was gained."""
        _check(amount, proceeds)
        return self._moved(-amount, -proceeds)

    def _moved(self, change: Money, value: Money) -> tuple[Position, Money]:
        """Add a change that is worth `value` (same sign). What closes a part of the position realises its gain."""
        opening = self.held.minor == 0 or (self.held.minor > 0) == (change.minor > 0)
        if opening:
            return Position(self.held + change, self.cost + value), Money(0, value.currency)
        closing = min(abs(change.minor), abs(self.held.minor))
        cost_closed = self.cost.times(Fraction(closing, abs(self.held.minor)))
        value_closed = value.times(Fraction(closing, abs(change.minor)))
        # Selling (value below zero) gains what it brings above cost; buying back gains what it costs below.
        gained = -(value_closed + cost_closed)
        rest_of_position = self.cost - cost_closed
        rest_of_change = value - value_closed
        return Position(self.held + change, rest_of_position + rest_of_change), gained


def _check(amount: Money, value: Money) -> None:
    if amount.minor <= 0 or value.minor < 0:
        raise InvalidPosition("What is bought or sold is above zero, and its price is not below.")


def gain_between(amount: Money, *, came_at: Rate, leaves_at: Rate) -> Money:
    """Return what we gained (below zero: lost) on an amount that came in at one rate and leaves at another.

    A refund gives back what was paid, in the currency it was paid in: 100.00 USD that came at 0.90 EUR and leave at
    0.95 EUR cost us 5.00 EUR.
    """
    return convert(amount, came_at) - convert(amount, leaves_at)
