"""How a quantity was priced, as a table a reader can add up (pure).

Every step of the price is shown, with the part of the own quantity that fell into it. What is billed is rounded once;
the amounts of the steps are shares of that one amount, so the table adds up to the bill.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from babel.core import Locale, UnknownLocaleError

from ledger.catalogue.tariff import Model, Step, Tariff, price_of, steps
from ledger.money import Money, Number, allocate, exact_number, exponent

#: Digits of a unit price that are ever shown: what a stored one can have, eight below the minor unit.
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One row of the table: what lies above `above` and up to `up_to` (None: anything), and what of it was used."""

    above: Fraction
    up_to: Fraction | None
    unit_minor: Fraction
    flat_minor: int
    units: Fraction
    is_used: bool
    amount: Money


@dataclass(frozen=True, slots=True)
class Explained:
    """A quantity at a price, for a part of a period: the rows add up to the total."""

    model: Model
    quantity: Fraction
    part: Fraction
    rows: tuple[ExplainedStep, ...]
    total: Money


def explain_tariff(tariff: Tariff, quantity: Number = 1, part: Fraction = Fraction(1)) -> Explained:
    """Return every step of a price with the own quantity marked; the total is what `price_of` bills."""
    total = price_of(tariff, quantity, part)
    used = steps(tariff, quantity)
    weights = [step.exact_minor for step in used]
    shares = allocate(total.minor, weights) if any(weights) else [0] * len(used)
    rows = tuple(_rows(tariff, used, [Money(share, tariff.currency) for share in shares]))
    return Explained(tariff.model, exact_number(quantity), part, rows, total)


def _rows(tariff: Tariff, used: list[Step], amounts: list[Money]) -> Iterator[ExplainedStep]:
    if not tariff.tiers:
        (step,), (amount,) = used, amounts
        # A flat price names its fixed amount as such, not as the price of a unit.
        unit, flat = (Fraction(0), tariff.flat_minor) if tariff.model == Model.FLAT else (step.unit_minor, 0)
        yield ExplainedStep(Fraction(0), None, unit, flat, step.units, True, amount)
        return
    reached = _used_tiers(tariff, used, amounts)
    begins = Fraction(0)
    for number, tier in enumerate(tariff.tiers):
        units, amount = reached.get(number, (Fraction(0), Money(0, tariff.currency)))
        yield ExplainedStep(begins, tier.up_to, tier.unit_minor, tier.flat_minor, units, number in reached, amount)
        begins = tier.up_to or begins


def _used_tiers(tariff: Tariff, used: list[Step], amounts: list[Money]) -> dict[int, tuple[Fraction, Money]]:
    """Return which step of the price each computed step is: one by one when graduated, the one reached by volume."""
    if tariff.model == Model.GRADUATED:
        return {n: (step.units, amount) for n, (step, amount) in enumerate(zip(used, amounts, strict=True))}
    ends = [tier.up_to for tier in tariff.tiers]
    reached = next(number for number, end in enumerate(ends) if end is None or used[0].units <= end)
    return {reached: (used[0].units, amounts[0])}


def worked_examples(tariff: Tariff) -> list[tuple[Fraction, Money]]:
    """Return quantities worth seeing with what they cost: each step's last unit, the next one, and one well above."""
    ends = [tier.up_to for tier in tariff.tiers if tier.up_to is not None]
    if tariff.model == Model.FLAT:
        quantities = [Fraction(1)]
    elif not ends:
        quantities = [Fraction(1), Fraction(10), Fraction(100)]
    else:
        quantities = [unit for end in ends for unit in (end, end + 1)] + [ends[-1] * Fraction(5, 4)]
    return [(quantity, price_of(tariff, quantity)) for quantity in sorted(set(quantities))]


def overlaps(tariff: Tariff) -> list[Fraction]:
    """Return where a volume price falls: one unit more above these costs less in all, which customers ask about."""
    if tariff.model != Model.VOLUME:
        return []
    return [
        before.up_to
        for before, _after in pairwise(tariff.tiers)
        if before.up_to is not None and price_of(tariff, before.up_to + 1) < price_of(tariff, before.up_to)
    ]


def display_number(value: Fraction, language: str = "en") -> str:
    """Write a quantity as CLDR does in a language: 12,500 or 12.500; at most six digits after the point."""
    pattern = copy.copy(_locale(language).decimal_formats[None])
    pattern.frac_prec = (0, 6)
    return str(pattern.apply(_decimal(value), _locale(language)))


def display_unit_price(unit_minor: Fraction, currency: str, language: str = "en") -> str:
    """Write the price of one unit with every digit it has, and never fewer than the currency's: 0.0123 EUR."""
    locale, digits = _locale(language), exponent(currency)
    pattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, _MOST_DIGITS)
    value = _decimal(unit_minor / 10**digits)
    written = str(pattern.apply(value, locale, currency=currency, currency_digits=False))
    # As in Money.display: a code that ends in a letter is kept apart from the figure.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", written)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
