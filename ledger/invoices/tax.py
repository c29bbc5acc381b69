"""Tax on lines (pure): per rate on the net of all its lines, rounded once, then shared out losing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ledger.charges.amounts import tax_inside
from ledger.errors import InvalidInput
from ledger.money import Money, Number, allocate, exact_number


@dataclass(frozen=True, slots=True)
class RightTax:
    """The rate a line should have been taxed at, in per cent, and how that comes about."""

    rate: Decimal
    treatment: str = ""


class CreditBeyondLine(InvalidInput):
    """More was to be credited than is left of the line."""


def tax_on_lines(lines: Sequence[tuple[Money, Number]]) -> list[Money]:
    """Return the tax of each (net amount, rate in per cent); per rate they add up to the tax on the rate's total.

    A line below zero takes tax back: the lines above zero bear the tax on their sum, those below bear the difference.

    :raises CurrencyMismatch: if the lines are in several currencies
    """
    taxes = [Money(0, net.currency) for net, _ in lines]
    for rate in sorted({exact_number(rate) for _, rate in lines}):
        places = [i for i, (_, of) in enumerate(lines) if exact_number(of) == rate]
        above = [i for i in places if lines[i][0].minor > 0]
        below = [i for i in places if lines[i][0].minor < 0]
        taxed_above = _total(lines, above).percent(rate) if above else Money(0, lines[places[0]][0].currency)
        for bearing, tax in ((above, taxed_above), (below, _total(lines, places).percent(rate) - taxed_above)):
            if bearing:
                shares = allocate(tax.minor, [abs(lines[i][0].minor) for i in bearing])
                for i, share in zip(bearing, shares, strict=True):
                    taxes[i] = Money(share, tax.currency)
    return taxes


def _total(lines: Sequence[tuple[Money, Number]], places: Sequence[int]) -> Money:
    total = lines[places[0]][0]
    for i in places[1:]:
        total = total + lines[i][0]
    return total


def net_of_gross(gross: Money, rate: Number) -> tuple[Money, Money]:
    """Split a price that includes tax: tax = round(gross x rate / (1 + rate)), net is the rest.

    :raises InvalidAmount: if the rate is below zero
    """
    tax = tax_inside(gross, rate)
    return gross - tax, tax


def credited_tax(*, tax: Money, total: Money, credited: Money, credited_tax_before: Money, amount: Money) -> Money:
    """Return the tax in a credit of `amount` from a line of `total` holding `tax`, after earlier credits.

    What is left of the tax, in proportion to what is left of the line, rounded once: so the credit that takes the last
    of the line takes the rest of its tax, and no credit has more tax than it is large.

    :raises CreditBeyondLine: if less is left of the line
    """
    left, tax_left = total - credited, tax - credited_tax_before
    if amount.minor <= 0 or amount > left:
        raise CreditBeyondLine(f"Only {left} of this line can be credited.")
    return tax_left.times(Fraction(amount.minor, left.minor))


def credited_gross(*, tax: Money, total: Money, credited: Money, credited_tax_before: Money, net: Money) -> Money:
    """Return what crediting a net amount of a line comes to with its tax, in proportion to the net that is left.

    :raises CreditBeyondLine: if less is left of the line
    """
    tax_left = tax - credited_tax_before
    left = total - credited - tax_left
    if net.minor <= 0 or net > left:
        raise CreditBeyondLine(f"Only {left} of this line can be credited, without its tax.")
    return net + tax_left.times(Fraction(net.minor, left.minor))
