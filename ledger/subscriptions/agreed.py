"""Prices agreed with one customer for a time (pure): they take the place of the list price, discounts come off after.

What was agreed last counts, from its first day on: an agreement whose days are over gives the list price back, not the
agreement before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from ledger.catalogue.tariff import Model, Tariff, Tier
from ledger.charges.basis import Basis
from ledger.money import round_half_away


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """What one product costs from a day up to, not including, another: a price, a percentage off, or the list price.

    `price_minor` is for one unit and period, or for a period where the list price is flat.
    """

    product_id: int
    valid_from: date
    valid_until: date | None = None
    price_minor: int | None = None
    percent: Fraction | None = None
    source: str = ""


def terms_for(agreed: Sequence[AgreedTerms], product_id: int, on: date) -> AgreedTerms | None:
    """Return the terms of a product on a day, None for the list price; `agreed` in the order it was agreed in."""
    begun = [terms for terms in agreed if terms.valid_from <= on]
    if not begun:
        return None
    last = begun[-1]
    is_over = last.valid_until is not None and on >= last.valid_until
    if is_over or last.product_id != product_id or (last.price_minor is None and last.percent is None):
        return None
    return last


def agreed_tariff(tariff: Tariff, terms: AgreedTerms | None) -> Tariff:
    """Return what is charged instead of a list price; fixed amounts less a percentage are rounded half away from zero.

    An agreed price for a unit replaces every step of the list price.
    """
    if terms is None:
        return tariff
    if terms.price_minor is not None:
        if tariff.model == Model.FLAT:
            return replace(tariff, flat_minor=terms.price_minor)
        return Tariff(Model.PER_UNIT, tariff.currency, unit_minor=Fraction(terms.price_minor))
    left = (100 - (terms.percent or Fraction(0))) / 100
    return replace(
        tariff,
        flat_minor=round_half_away(tariff.flat_minor * left),
        unit_minor=tariff.unit_minor * left,
        tiers=tuple(
            Tier(tier.up_to, tier.unit_minor * left, round_half_away(tier.flat_minor * left)) for tier in tariff.tiers
        ),
    )


def with_agreed_price(basis: Basis, agreed: Sequence[AgreedTerms], product_id: int, on: date) -> Basis:
    """Return a basis at the price agreed for a day, as it is where nothing was agreed."""
    terms = terms_for(agreed, product_id, on)
    if terms is None:
        return basis
    return replace(basis, tariff=agreed_tariff(basis.tariff, terms), price_from=terms.valid_from)
