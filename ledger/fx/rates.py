"""What a rate is and what it makes of an amount (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from ledger.errors import DomainError, InvalidInput
from ledger.money import Money, exact_number, exponent, round_half_away

#: Digits after the point of a rate that is not quoted but computed, from the inverse or over a third currency.
DIGITS = 18


class NoRate(DomainError):
    """We have no exchange rate for these currencies that is recent enough."""


class InvalidRate(InvalidInput):
    """The rate is not a number above zero between two different currencies."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is `value` units of `to`, as `source` published it for the day `on`.

    :raises InvalidRate: if the value is not a finite number above zero
    """

    value: Decimal
    source: str
    on: date
    currency: str
    to: str

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal) or not self.value.is_finite() or self.value <= 0:
            raise InvalidRate("An exchange rate is an exact number above zero.")
        exponent(self.currency)
        exponent(self.to)

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.value.normalize():f} {self.to} ({self.source}, {self.on})"

    def inverse(self) -> Rate:
        """Return the rate the other way round, computed to eighteen digits; converting there and back is not exact."""
        return Rate(_rounded(1 / Fraction(self.value)), self.source, self.on, self.to, self.currency)

    def over(self, other: Rate) -> Rate:
        """Return the rate of this currency to the one `other` leads to; its day is the older one."""
        value = _rounded(Fraction(self.value) * Fraction(other.value))
        source = self.source if self.source == other.source else f"{self.source}, {other.source}"
        return Rate(value, source, min(self.on, other.on), self.currency, other.to)


def _rounded(value: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return Decimal(round_half_away(value * 10**DIGITS)).scaleb(-DIGITS)


def convert(amount: Money, rate: Rate) -> Money:
    """Return an amount in the other currency, rounded once, half a minor unit away from zero.

    Keep the rate beside the result: converting back does not give the first amount again.

    :raises InvalidRate: if the rate is for another currency
    """
    if amount.currency != rate.currency:
        raise InvalidRate(f"A rate for {rate.currency} cannot convert {amount}.")
    exact = exact_number(amount.decimal()) * exact_number(rate.value) * 10 ** exponent(rate.to)
    return Money(round_half_away(exact), rate.to)


def implied_rate(given: Money, received: Money, *, on: date) -> Rate:
    """Return the rate two amounts imply.

    :raises InvalidRate: if one of them is not above zero
    """
    if given.minor <= 0 or received.minor <= 0:
        raise InvalidRate("Only amounts above zero imply a rate.")
    value = exact_number(received.decimal()) / exact_number(given.decimal())
    return Rate(_rounded(value), "implied by the amounts", on, given.currency, received.currency)


def rate_between(
    currency: str, to: str, quoted: Callable[[str, str], Rate | None], *, over: str, on: date
) -> Rate | None:
    """Return a rate from quoted ones: itself, its inverse, or the way over a third currency; None if there is none.

    `quoted(base, quote)` gives the newest quotation that may be used.
    """
    if currency == to:
        return Rate(Decimal(1), "same currency", on, currency, to)
    direct = _either_way(currency, to, quoted)
    if direct or over in (currency, to):
        return direct
    there, onward = _either_way(currency, over, quoted), _either_way(over, to, quoted)
    return there.over(onward) if there and onward else None


def _either_way(currency: str, to: str, quoted: Callable[[str, str], Rate | None]) -> Rate | None:
    straight, backward = quoted(currency, to), quoted(to, currency)
    if straight and (backward is None or straight.on >= backward.on):
        return straight
    return backward.inverse() if backward else None
