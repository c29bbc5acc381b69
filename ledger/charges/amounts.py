"""Amounts without a price list (pure): a flat basis for what was charged by hand, and the tax inside a price."""

from __future__ import annotations

from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import Basis
from ledger.money import InvalidAmount, Money, Number, exact_number


def flat_basis(amount: Money, *, kind: str, name: str) -> Basis:
    """Return the basis of an amount that was simply said: once, flat, by hand."""
    tariff = Tariff(Model.FLAT, amount.currency, flat_minor=amount.minor)
    return Basis(kind=kind, product="", name=name, tariff=tariff)


def tax_inside(gross: Money, rate: Number) -> Money:
    """Return the tax in a price that includes it: gross x rate / (1 + rate), rounded once.

    :raises InvalidAmount: if the rate is below zero
    """
    share = exact_number(rate) / 100
    if share < 0:
        raise InvalidAmount("A tax rate is not below zero.")
    return gross.times(share / (1 + share))
