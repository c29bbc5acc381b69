"""How much a line charged too much (pure)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ledger.catalogue.tariff import Tariff
from ledger.charges.basis import Basis, list_amount
from ledger.money import Money


def overcharge(basis: Basis, total: Money, *, right: Tariff) -> Money:
    """Return what a line charged too much when it should have been billed by another tariff, tax and discounts in it.

    Both tariffs are computed for the same quantity and part of the period; the line's total, after discounts and with
    tax, shrinks in the same proportion, rounded once, half away from zero. Nothing when the other tariff asks for more.
    """
    wrong_list, right_list = list_amount(basis), list_amount(replace(basis, tariff=right))
    if wrong_list.minor <= 0 or right_list >= wrong_list:
        return Money(0, total.currency)
    should_be = total.percent(Fraction(right_list.minor * 100, wrong_list.minor))
    return total - should_be
