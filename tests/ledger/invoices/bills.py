"""Bills of facts for tests, taxed and discounted by the rules that bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import AppliedDiscount, Basis, amount
from ledger.invoices.difference import BillFacts, HeaderItem, LineFacts
from ledger.invoices.tax import net_of_gross, tax_on_lines
from ledger.money import Money, allocate, exponent, round_half_away


@dataclass(frozen=True)
class Item:
    """One line to be billed: what is charged, its tax in per cent."""

    basis: Basis
    tax: Fraction = Fraction(0)
    key: str = ""
    treatment: str = "standard"


def per_unit(name: str, quantity: int | Fraction, unit_minor: int | Fraction, **more: object) -> Basis:
    """Return a number of units of a product at a price each."""
    tariff = Tariff(Model.PER_UNIT, "EUR", unit_minor=Fraction(unit_minor))
    basis = Basis("plan", name.lower(), name, tariff, quantity=Fraction(quantity), cause="renewal")
    return replace(basis, **more)


def flat(name: str, minor: int, **more: object) -> Basis:
    """Return a product at a flat price."""
    basis = Basis("plan", name.lower(), name, Tariff(Model.FLAT, "EUR", flat_minor=minor), cause="renewal")
    return replace(basis, **more)


def percent_off(items: Sequence[Item], name: str, percent: Fraction) -> list[Item]:
    """Take a percentage off all items together, as MONEY_RULES say: once on the total, then shared out."""
    left = [amount(item.basis).minor for item in items]
    if not sum(left):
        return list(items)
    off = round_half_away(sum(left) * percent / 100)
    shares = allocate(off, left)
    return [
        replace(
            item,
            basis=replace(item.basis, discounts=(*item.basis.discounts, AppliedDiscount(name, share, percent=percent))),
        )
        for item, share in zip(items, shares, strict=True)
    ]


def bill_facts(
    items: Sequence[Item],
    *,
    currency: str = "EUR",
    fx: Mapping[str, Fraction] | None = None,
    header: Sequence[HeaderItem] = (),
) -> BillFacts:
    """Bill items: converted and rounded per line, taxed per rate on the total and shared out, as a bill does."""
    nets, taxes = [], {}
    for place, item in enumerate(items):
        net = Money(_converted(amount(item.basis).minor, item.basis.tariff.currency, currency, fx or {}), currency)
        if item.basis.includes_tax:
            net, taxes[place] = net_of_gross(net, item.tax)
        nets.append(net)
    outside = [place for place in range(len(items)) if place not in taxes]
    shares = tax_on_lines([(nets[place], items[place].tax) for place in outside])
    taxes.update(zip(outside, shares, strict=True))
    lines = tuple(
        LineFacts(
            key=item.key or f"subscription:1/{item.basis.product}/{item.basis.kind}",
            basis=item.basis,
            net_minor=nets[place].minor,
            tax_minor=taxes[place].minor,
            tax_rate=Fraction(item.tax),
            treatment=item.treatment,
            ref=f"invoiceline:{place}",
        )
        for place, item in enumerate(items)
    )
    return BillFacts(currency, lines, tuple(header), fx or {})


def _converted(minor: int, of: str, to: str, fx: Mapping[str, Fraction]) -> int:
    if of == to:
        return minor
    return round_half_away(minor * fx[of] * Fraction(10) ** (exponent(to) - exponent(of)))


def told(difference: object) -> list[tuple[str, str, int]]:
    """Return each cause as (kind, subject, minor units)."""
    return [(cause.kind, cause.subject, cause.minor) for cause in difference.causes]
