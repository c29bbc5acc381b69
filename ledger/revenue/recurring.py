"""What a charge of a subscription is worth a month (pure): its price for a whole period, by twelfths of a year.

Counted is what comes again: the price for one whole period after discounts that stay, without tax. What is used, bought
once, or given for one bill is left out. A year is twelve months, a week 12/52 of one.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from fractions import Fraction
from functools import lru_cache

from ledger.catalogue.tariff import exact_price
from ledger.charges.basis import AppliedDiscount, Basis, from_json, list_amount
from ledger.money import round_half_away

#: How much of one period's price one month is.
MONTHS_SHARE = {"week": Fraction(52, 12), "month": Fraction(1), "quarter": Fraction(1, 3), "year": Fraction(1, 12)}


@lru_cache(maxsize=8192)
def monthly_minor(basis_json: str, interval: str, tax_rate: str, lasting: Collection[int]) -> int:
    """Return what a charge is worth a month in minor units, half a unit away from zero.

    `lasting` are the discounts that come again with the next bill; the tax is taken out of a price that includes it.
    """
    basis = from_json(json.loads(basis_json))
    whole = exact_price(basis.tariff, basis.quantity)
    stays = [discount for discount in basis.discounts if discount.grant in lasting]
    whole -= sum((_whole_discount(discount, basis, whole) for discount in stays), Fraction(0))
    if basis.includes_tax:
        whole /= 1 + Fraction(tax_rate or "0") / 100
    return round_half_away(max(whole, Fraction(0)) * MONTHS_SHARE[interval])


def _whole_discount(discount: AppliedDiscount, basis: Basis, whole: Fraction) -> Fraction:
    """Return what a discount takes off a whole period, however few days of one were billed."""
    if discount.percent is not None and len(basis.discounts) == 1:
        return whole * discount.percent / 100
    billed = list_amount(basis).minor
    return Fraction(discount.minor, billed) * whole if billed else Fraction(0)
