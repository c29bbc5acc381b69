"""Prices in steps as a table, with the own quantity marked in it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from billing_desk.reading import reader
from ledger.catalogue.explaining import ExplainedStep, display_number, display_unit_price, explain_tariff
from ledger.catalogue.tariff import Model, Tariff
from ledger.money import Money


@dataclass(frozen=True)
class Tier:
    """One row of a price in steps; `yours` is what of the own quantity fell into it."""

    reach: str
    price: str
    yours: str
    amount: Money
    is_yours: bool


def tiers_at(tariff: Tariff, quantity: Fraction) -> tuple[Tier, ...]:
    """Return the steps of a price with the own quantity marked; nothing where the price has no steps."""
    if tariff.model not in (Model.GRADUATED, Model.VOLUME):
        return ()
    return tuple(_tier(step, tariff.currency) for step in explain_tariff(tariff, quantity).rows)


def _tier(step: ExplainedStep, currency: str) -> Tier:
    price = display_unit_price(step.unit_minor, currency, reader())
    if step.flat_minor:
        fixed = Money(step.flat_minor, currency).display(reader())
        price = _("{fixed} and {price} each").format(fixed=fixed, price=price) if step.unit_minor else fixed
    return Tier(_reach(step), price, _number(step.units) if step.is_used else "", step.amount, step.is_used)


def _reach(step: ExplainedStep) -> str:
    above = _number(step.above)
    if step.up_to is None:
        return _("above {number}").format(number=above) if step.above else _("any number")
    if step.above:
        return _("above {number} up to {most}").format(number=above, most=_number(step.up_to))
    return _("up to {number}").format(number=_number(step.up_to))


def _number(value: Fraction) -> str:
    return display_number(value, reader())
