"""Tax on lines (pure): per rate on the net of all its lines, rounded once, then shared out losing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ledger.money import Money, allocate, round_half_away


def tax_on_lines(lines: Sequence[tuple[Money, Decimal]]) -> list[Money]:
    """Return the tax of each (net amount, rate in per cent); per rate they add up to the tax on the rate's total.

    :raises CurrencyMismatch: if the lines are in several currencies
    """
    taxes = [Money(0, net.currency) for net, _ in lines]
    for rate in sorted({rate for _, rate in lines}):
        places = [i for i, (_, of) in enumerate(lines) if of == rate]
        total = lines[places[0]][0]
        for i in places[1:]:
            total = total + lines[i][0]
        tax = total.percent(rate)
        if not tax:
            continue
        shares = allocate(tax.minor, [abs(lines[i][0].minor) for i in places])
        for i, share in zip(places, shares, strict=True):
            taxes[i] = Money(share, total.currency)
    return taxes


def net_of_gross(gross: Money, rate: Decimal) -> tuple[Money, Money]:
    """Split a price that includes tax: tax = round(gross x rate / (1 + rate)), net is the rest."""
    share = Fraction(rate) / 100
    tax = Money(round_half_away(Fraction(gross.minor) * share / (1 + share)), gross.currency)
    return gross - tax, tax


def credited_tax(*, tax: Money, total: Money, credited: Money, credited_tax_before: Money, amount: Money) -> Money:
    """Return the tax in a credit of `amount` from a line of `total` holding `tax`, after earlier credits.

    In proportion, rounded once; the credit that takes the last of the line takes the rest of its tax, so the credits
    add up to the line exactly.
    """
    if credited + amount == total:
        return tax - credited_tax_before
    share = Money(round_half_away(Fraction(tax.minor * amount.minor, total.minor)), tax.currency)
    left = tax - credited_tax_before
    return min(share, left)
