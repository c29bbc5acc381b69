"""How an amount was computed (pure): the inputs of a charge, kept with it, from which the amount comes out again.

A charge without a basis is only a number; with it, every line of a bill can be explained and compared with the line
of another bill, driver by driver, by the very function that billed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from ledger.catalogue.tariff import Model, Tariff, Tier, price_of
from ledger.money import Money


@dataclass(frozen=True, slots=True)
class AppliedDiscount:
    """What one discount took off this line: its share, in the currency of the line."""

    name: str
    minor: int
    percent: Fraction | None = None
    grant: int | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """The drivers of one amount.

    `kind` is the charge's kind; `part` the exact part of the period that is billed, `days` and `of_days` its whole days
    for the reader; `cause` why it is billed now: start, renewal, change, usage, late_usage, one_off, trial_end, manual.
    """

    kind: str
    product: str
    name: str
    tariff: Tariff
    quantity: Fraction = Fraction(1)
    part: Fraction = Fraction(1)
    days: int | None = None
    of_days: int | None = None
    cause: str = "manual"
    unit: str = ""
    price_id: int | None = None
    price_from: date | None = None
    includes_tax: bool = False
    discounts: tuple[AppliedDiscount, ...] = field(default=())


def list_amount(basis: Basis) -> Money:
    """Return the amount before discounts: quantity at the tariff, for the part of the period, rounded once."""
    return price_of(basis.tariff, basis.quantity, basis.part)


def discount_amount(basis: Basis) -> Money:
    """Return what the discounts took off, together."""
    return Money(sum(discount.minor for discount in basis.discounts), basis.tariff.currency)


def amount(basis: Basis) -> Money:
    """Return what is billed: the list amount less the discounts; with tax inside where the price includes it."""
    return list_amount(basis) - discount_amount(basis)


def to_json(basis: Basis) -> dict[str, Any]:
    """Return the basis as JSON: numbers as exact texts ("16/31", "12500"), days as ISO dates."""
    tariff = basis.tariff
    return {
        "kind": basis.kind,
        "product": basis.product,
        "name": basis.name,
        "model": tariff.model.value,
        "currency": tariff.currency,
        "flat_minor": tariff.flat_minor,
        "unit_minor": str(tariff.unit_minor),
        "tiers": [
            {
                "up_to": None if tier.up_to is None else str(tier.up_to),
                "unit_minor": str(tier.unit_minor),
                "flat_minor": tier.flat_minor,
            }
            for tier in tariff.tiers
        ],
        "quantity": str(basis.quantity),
        "part": str(basis.part),
        "days": basis.days,
        "of_days": basis.of_days,
        "cause": basis.cause,
        "unit": basis.unit,
        "price_id": basis.price_id,
        "price_from": basis.price_from.isoformat() if basis.price_from else None,
        "includes_tax": basis.includes_tax,
        "discounts": [
            {
                "name": one.name,
                "minor": one.minor,
                "percent": None if one.percent is None else str(one.percent),
                "grant": one.grant,
            }
            for one in basis.discounts
        ],
    }


def from_json(stored: Mapping[str, Any]) -> Basis:
    """Read what `to_json` wrote."""
    tiers = tuple(
        Tier(
            None if tier["up_to"] is None else Fraction(tier["up_to"]),
            Fraction(tier["unit_minor"]),
            int(tier["flat_minor"]),
        )
        for tier in stored["tiers"]
    )
    tariff = Tariff(
        Model(stored["model"]), stored["currency"], int(stored["flat_minor"]), Fraction(stored["unit_minor"]), tiers
    )
    return Basis(
        kind=stored["kind"],
        product=stored["product"],
        name=stored["name"],
        tariff=tariff,
        quantity=Fraction(stored["quantity"]),
        part=Fraction(stored["part"]),
        days=stored["days"],
        of_days=stored["of_days"],
        cause=stored["cause"],
        unit=stored["unit"],
        price_id=stored["price_id"],
        price_from=date.fromisoformat(stored["price_from"]) if stored["price_from"] else None,
        includes_tax=stored["includes_tax"],
        discounts=tuple(
            AppliedDiscount(
                one["name"],
                int(one["minor"]),
                None if one["percent"] is None else Fraction(one["percent"]),
                one["grant"],
            )
            for one in stored["discounts"]
        ),
    )
