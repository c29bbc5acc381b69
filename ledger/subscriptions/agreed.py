"""Prices agreed with one customer for a time (pure): they take the place of the list price, discounts come off after.

What was agreed last counts, from its first day on: an agreement whose days are over gives the list price back, not the
agreement before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol

from ledger.catalogue.tariff import Model, Tariff, Tier
from ledger.charges.basis import Basis
from ledger.money import round_half_away
from ledger.periods import add_months


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
    ends_on: date | None = None
    renews_months: int = 0
    notice_days: int = 0


class Term(Protocol):
    """A fixed term: the first day after it (None: there is none), by how much it goes on, and the notice it wants."""

    @property
    def ends_on(self) -> date | None: ...
    @property
    def renews_months(self) -> int: ...
    @property
    def notice_days(self) -> int: ...


def term_end(term: Term, today: date) -> date | None:
    """Return the first day after the term that runs on a day, or that ended last; None without an end."""
    end, number = term.ends_on, 0
    if end is None or not term.renews_months:
        return end
    while (later := add_months(end, term.renews_months * number)) <= today:
        number += 1
    return later


def earliest_end(term: Term, today: date) -> date:
    """Return the first day on which a term lets go: after notice, and not within the term.

    Notice that comes too late for the end of a term that goes on reaches the next one.
    """
    noticed = today + timedelta(days=term.notice_days)
    end = term_end(term, today)
    if end is None or end <= today:
        return noticed if end is None else today
    if term.renews_months and end < noticed:
        return term_end(term, noticed - timedelta(days=1)) or noticed
    return end


def term_on(agreed: Sequence[AgreedTerms], on: date) -> AgreedTerms | None:
    """Return what binds a subscription to a term on a day: what was agreed last and has begun, or is yet to begin."""
    last = agreed[-1] if agreed else None
    return last if last is not None and last.ends_on is not None and (term_end(last, on) or on) > on else None


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
