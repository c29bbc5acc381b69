"""What a quantity costs (pure): flat, per unit, graduated or volume tiers; exact until it is rounded once.

Unit prices may have fractions of a minor unit. The amount of a part of a period is the exact price times the exact
part, rounded half away from zero at the very end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ledger.errors import InvalidInput
from ledger.money import Money, Number, exact_number, round_half_away

#: More steps than anybody can read off a price list.
MOST_TIERS = 50
_PLAIN_FIGURE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,8})?", re.ASCII)


class InvalidTariff(InvalidInput):
    """The steps of a price leave a gap, overlap, or have a price below zero."""


class Model(StrEnum):
    """How a price depends on the quantity."""

    FLAT = "flat"
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Tier:
    """One step: up to and including `up_to` units (None: any number), each at `unit_minor`, plus `flat_minor` once."""

    up_to: Fraction | None
    unit_minor: Fraction
    flat_minor: int = 0


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price as a function of the quantity, in one currency."""

    model: Model
    currency: str
    flat_minor: int = 0
    unit_minor: Fraction = Fraction(0)
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the computation: so many units at so much each plus a fixed amount; exact, in minor units."""

    first: Fraction
    units: Fraction
    unit_minor: Fraction
    flat_minor: int
    exact_minor: Fraction


def tariff_of(
    *,
    model: str,
    currency: str,
    amount_minor: int = 0,
    unit_minor: Decimal | Number = 0,
    tiers: Sequence[Mapping[str, Any]] = (),
) -> Tariff:
    """Read a stored price version.

    :raises InvalidTariff: if the tiers do not rise to an open last one, or a price is below zero
    """
    try:
        form = Model(model)
    except ValueError as problem:
        raise InvalidTariff(f"{model!r} is no way to price: flat, per_unit, graduated or volume.") from problem
    if len(tiers) > MOST_TIERS:
        raise InvalidTariff(f"A price has at most {MOST_TIERS} steps.")
    steps = tuple(_tier(number, tier) for number, tier in enumerate(tiers, start=1))
    tariff = Tariff(form, currency, amount_minor, exact_number(unit_minor), steps)
    _check(tariff)
    return tariff


def _tier(number: int, tier: object) -> Tier:
    if not isinstance(tier, Mapping):
        raise InvalidTariff(f"Step {number} is no step: it says up_to, unit_minor and flat_minor.")
    unknown = set(tier) - {"up_to", "unit_minor", "flat_minor"}
    if unknown:
        raise InvalidTariff(f"Step {number} has {', '.join(sorted(unknown))}, which no step has.")
    flat = _figure(number, tier.get("flat_minor", 0))
    if flat.denominator != 1:
        raise InvalidTariff(f"The fixed amount of step {number} is a whole number of minor units.")
    up_to = None if tier.get("up_to") is None else _figure(number, tier["up_to"])
    return Tier(up_to, _figure(number, tier.get("unit_minor", 0)), int(flat))


def _figure(number: int, value: object) -> Fraction:
    """Read a figure of a step; a floating-point number has lost digits already, and 1e99 is no price."""
    text = "" if isinstance(value, float | bool) else str(value)
    if not _PLAIN_FIGURE.fullmatch(text):
        raise InvalidTariff(f"{str(value)[:40]!r} in step {number} is not a plain figure such as 1000 or '1.23'.")
    return Fraction(text)


def _check(tariff: Tariff) -> None:
    prices = [tariff.unit_minor, tariff.flat_minor, *(p for t in tariff.tiers for p in (t.unit_minor, t.flat_minor))]
    if any(price < 0 for price in prices):
        raise InvalidTariff("A price is not below zero.")
    if tariff.model not in (Model.GRADUATED, Model.VOLUME):
        return
    ends = [tier.up_to for tier in tariff.tiers]
    if not ends or ends[-1] is not None or None in ends[:-1]:
        raise InvalidTariff("The last step of a price is open, and only the last.")
    bounds = [Fraction(0), *(end for end in ends if end is not None)]
    if any(after <= before for before, after in pairwise(bounds)):
        raise InvalidTariff("Each step of a price ends above the one before.")


def steps(tariff: Tariff, quantity: Number) -> list[Step]:
    """Return how a quantity is priced, step by step; a graduated quantity of 0 falls into the first step.

    :raises InvalidTariff: if the quantity is below zero
    """
    units = exact_number(quantity)
    if units < 0:
        raise InvalidTariff("A quantity is not below zero; give back what was billed too much by a credit note.")
    if tariff.model == Model.FLAT:
        return [Step(Fraction(0), Fraction(1), Fraction(tariff.flat_minor), 0, Fraction(tariff.flat_minor))]
    if tariff.model == Model.PER_UNIT:
        return [Step(Fraction(0), units, tariff.unit_minor, 0, units * tariff.unit_minor)]
    if tariff.model == Model.VOLUME:
        tier = next(tier for tier in tariff.tiers if tier.up_to is None or units <= tier.up_to)
        return [Step(Fraction(0), units, tier.unit_minor, tier.flat_minor, _of(tier, units))]
    return _graduated(tariff, units)


def _graduated(tariff: Tariff, units: Fraction) -> list[Step]:
    found, begins = [], Fraction(0)
    for tier in tariff.tiers:
        inside = (units if tier.up_to is None else min(units, tier.up_to)) - begins
        found.append(Step(begins, inside, tier.unit_minor, tier.flat_minor, _of(tier, inside)))
        if tier.up_to is None or units <= tier.up_to:
            break
        begins = tier.up_to
    return found


def _of(tier: Tier, units: Fraction) -> Fraction:
    return units * tier.unit_minor + tier.flat_minor


def exact_price(tariff: Tariff, quantity: Number) -> Fraction:
    """Return what a quantity costs for one whole period, in minor units, exact."""
    return sum((step.exact_minor for step in steps(tariff, quantity)), Fraction(0))


def price_of(tariff: Tariff, quantity: Number = 1, part: Fraction = Fraction(1)) -> Money:
    """Return what a quantity costs for a part of a period, rounded once, half away from zero."""
    return Money(round_half_away(exact_price(tariff, quantity) * part), tariff.currency)
