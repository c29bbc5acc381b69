"""How steady recurring revenue is, and what the next months may bring (pure): plain arithmetic on complete months.

*Volatility* is the sample standard deviation of the monthly growth rate (closing without what exchange rates did, over
opening, less one). Growth that is the same every month has none, however fast it is.

*Forecast.* Of what there was at the start of a month a share `k` stays with its customers (net retention: the sum of
what was kept over the sum of the openings), and `n` comes as new or again (the mean). So the next month is
`k x now + n`, and the one after that follows from it in the same way: no guess about growth is in it.

*Interval.* The months known differ from `k x opening + n` by residuals with the standard deviation `s` (over the number
of months less 2, for two figures were estimated). A month ahead the forecast may be off by `s`, each later one also by
`k` times what the one before is off: `s x sqrt(1 + k^2 + k^4 + ...)`. 1.28 times that on either side holds four of five
outcomes, if residuals are normal. That `k` and `n` are estimates themselves widens it further and is left out.
Source: R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.5 "Distributional
forecasts and prediction intervals" (table 5.1 has the multiplier) and section 9.3 "Autoregressive models", of which
`k x now + n` is the first-order one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from ledger.money import Money, round_half_away
from ledger.periods import add_months
from ledger.revenue.movements import Movement

#: Complete months that have to be known before anything is said.
NEEDED = 6
AHEAD = 3
#: Half the width of an interval that holds 80 per cent, in standard deviations.
WIDTH_80 = Decimal("1.28")


@dataclass(frozen=True, slots=True)
class Expected:
    """What one month to come may close with: the middle, and what four of five outcomes lie between."""

    month: date
    middle: Money
    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the months known say; rates are shares of 1."""

    months: int
    volatility: Decimal
    kept: Fraction
    added: Money
    expected: tuple[Expected, ...]


def known_months(rows: Sequence[Movement], *, before: date) -> list[Movement]:
    """Return the latest complete months in a row that began with revenue, oldest first; `before` is still running."""
    found: list[Movement] = []
    for row in reversed([row for row in rows if row.month < before]):
        if row.opening.minor <= 0:
            break
        found.append(row)
    return found[::-1]


def outlook_of(rows: Sequence[Movement]) -> Outlook | None:
    """Return what complete months of one currency, oldest first, say of the next three; None when there are too few."""
    if len(rows) < NEEDED:
        return None
    currency = rows[0].opening.currency
    kept = Fraction(sum(_kept(row) for row in rows), sum(row.opening.minor for row in rows))
    added = Fraction(sum(_added(row) for row in rows), len(rows))
    off = [_kept(row) + _added(row) - kept * row.opening.minor - added for row in rows]
    spread = _root(sum((each * each for each in off), Fraction(0)) / (len(rows) - 2))
    expected, middle, grown = [], Fraction(rows[-1].closing.minor), Fraction(0)
    for number in range(1, AHEAD + 1):
        middle, grown = kept * middle + added, 1 + kept * kept * grown
        half = Fraction(WIDTH_80 * spread * _root(grown))
        expected.append(
            Expected(
                month=add_months(rows[-1].month, number),
                middle=Money(round_half_away(middle), currency),
                low=Money(round_half_away(max(middle - half, Fraction(0))), currency),
                high=Money(round_half_away(middle + half), currency),
            )
        )
    return Outlook(
        months=len(rows),
        volatility=volatility_of(rows),
        kept=kept,
        added=Money(round_half_away(added), currency),
        expected=tuple(expected),
    )


def volatility_of(rows: Sequence[Movement]) -> Decimal:
    """Return the sample standard deviation of the monthly growth rates, as a share of 1, of two months or more."""
    rates = [Fraction(_kept(row) + _added(row), row.opening.minor) - 1 for row in rows]
    mean = sum(rates, Fraction(0)) / len(rates)
    return _root(sum(((rate - mean) ** 2 for rate in rates), Fraction(0)) / (len(rates) - 1))


def _kept(row: Movement) -> int:
    return (row.opening + row.expansion - row.contraction - row.churn).minor


def _added(row: Movement) -> int:
    return (row.new + row.reactivation).minor


def _root(square: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 40
        return (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
