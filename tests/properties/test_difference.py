"""Any two bills: the causes add up to the difference to the last minor unit, and do not depend on any order."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations

import pytest

from ledger.catalogue.tariff import Model, Tariff, Tier
from ledger.charges.basis import AppliedDiscount, Basis
from ledger.invoices.attribution import shapley, whole_units
from ledger.invoices.difference import BillFacts, HeaderItem, difference
from tests.ledger.invoices.bills import Item, bill_facts, percent_off

PAIRS = 3000
#: The rates of the worked prototype: 8.25 %, and yen at 151.23 for a dollar.
RATES = [Fraction(0), Fraction("8.25"), Fraction(19), Fraction(20)]
YEN = Fraction("151.23")
PRODUCTS = ["Basic", "Plus", "Seats", "Storage", "Meter", "Support"]


def tariff(dice: random.Random, currency: str) -> Tariff:
    model = dice.choice(["flat", "per_unit", "per_unit", "graduated", "volume"])
    if model == "flat":
        return Tariff(Model.FLAT, currency, flat_minor=dice.randrange(0, 30000))
    unit = Fraction(dice.randrange(1, 200_000), 1000)
    if model == "per_unit":
        return Tariff(Model.PER_UNIT, currency, unit_minor=unit)
    tiers = (Tier(Fraction(10), Fraction(0)), Tier(Fraction(100), unit, 50), Tier(None, unit / 2))
    return Tariff(Model(model), currency, tiers=tiers)


def basis(dice: random.Random, product: str, currency: str) -> Basis:
    days = dice.choice([31, 31, 31, dice.randrange(1, 31)])
    return Basis(
        kind="usage" if product == "Meter" else "plan",
        product=product.lower(),
        name=product,
        tariff=tariff(dice, currency),
        quantity=Fraction(dice.randrange(0, 200_000), dice.choice([1, 1, 100, 1000])),
        part=Fraction(days, 31),
        days=days,
        of_days=31,
        includes_tax=dice.random() < 0.2,
    )


def changed(dice: random.Random, item: Item, currency: str) -> Item:
    """Change some of what a line depends on."""
    new, fresh = item.basis, basis(dice, item.basis.name, currency)
    for field in ("tariff", "quantity", "part"):
        if dice.random() < 0.4:
            new = replace(new, **{field: getattr(fresh, field)})
    return Item(new, dice.choice([item.tax, item.tax, dice.choice(RATES)]))


def a_bill(dice: random.Random, items: list[Item], yen: Fraction) -> BillFacts:
    if dice.random() < 0.5:
        items = percent_off(items, "LOYAL-10", Fraction(10))
    if dice.random() < 0.3:
        items = percent_off(items, "SAVE-20", Fraction(dice.choice([15, 20])))
    currency = items[0].basis.tariff.currency
    header = [HeaderItem("late_fee", "late", dice.randrange(1, 5000))] if dice.random() < 0.3 else []
    header += [HeaderItem("credit", f"note:{n}", -dice.randrange(1, 900)) for n in range(dice.choice([0, 0, 1, 2]))]
    if dice.random() < 0.3:
        fee = Basis("one_off", "setup", "Set-up", Tariff(Model.FLAT, currency, flat_minor=dice.randrange(1, 9000)))
        items = [*items, Item(fee, Fraction(19))]
    dice.shuffle(items)
    return bill_facts(items, currency="JPY" if currency == "USD" else currency, fx={"USD": yen}, header=header)


def a_pair(dice: random.Random) -> tuple[BillFacts, BillFacts]:
    currency = dice.choice(["EUR", "EUR", "USD"])
    names = dice.sample(PRODUCTS, dice.randrange(1, 7))
    old = [Item(basis(dice, name, currency), dice.choice(RATES)) for name in names]
    new = [changed(dice, item, currency) for item in old if dice.random() < 0.9]
    added = [Item(basis(dice, name, currency), dice.choice(RATES)) for name in PRODUCTS if name not in names]
    new = new + added[: dice.choice([0, 0, 1])] or added[:1] or old
    return a_bill(dice, old, YEN), a_bill(dice, new, dice.choice([YEN, YEN, Fraction("149.8")]))


def minors(found) -> dict[tuple[str, str], int]:
    """Return what each cause comes to; added and removed are the two directions of one."""
    names = {"added": "line", "removed": "line"}
    return {
        (names.get(cause.kind, cause.kind), cause.subject, str(cause.facts.get("refs"))): cause.minor
        for cause in found.details
    }


def test_the_causes_of_three_thousand_pairs_add_up_to_the_difference():
    dice = random.Random(20260302)
    kinds: set[str] = set()

    for _ in range(PAIRS):
        old, new = a_pair(dice)
        found = difference(old, new)

        assert found.total.minor == new.total.minor - old.total.minor
        assert sum(cause.minor for cause in found.causes) == found.total.minor
        assert sum(cause.minor for cause in found.details) == found.total.minor
        assert len(found.causes) <= 5
        for cause in found.causes:
            assert cause.minor == sum(part.minor for part in cause.parts or (cause,))
            if cause.kind == "other":
                assert sum(abs(part.minor) for part in cause.parts) * 20 <= abs(found.total.minor)
        kinds |= {cause.kind for cause in found.details}

    wanted = {"quantity", "usage", "part", "price", "discount", "tax", "fx", "added", "removed", "one_off"}
    assert wanted | {"late_fee", "credit"} <= kinds
    assert "rounding" not in kinds  # rounding belongs to what moved it, as long as something did


def test_swapping_two_bills_negates_every_cause():
    dice = random.Random(7)

    for _ in range(200):
        old, new = a_pair(dice)
        there, back = difference(old, new), difference(new, old)

        assert sorted(cause.minor for cause in there.details) == sorted(-cause.minor for cause in back.details)
        assert {key[:2]: 0 for key in minors(there)} == {key[:2]: 0 for key in minors(back)}
        assert sorted(cause.minor for cause in there.causes) == sorted(-cause.minor for cause in back.causes)


def test_a_bill_does_not_differ_from_itself():
    dice = random.Random(11)

    for _ in range(200):
        bill, _ = a_pair(dice)

        assert difference(bill, bill).details == ()
        assert not difference(bill, bill).total


def test_the_order_of_lines_and_items_does_not_matter():
    dice = random.Random(13)

    for _ in range(150):
        old, new = a_pair(dice)
        mixed = [
            replace(bill, lines=tuple(dice.sample(bill.lines, len(bill.lines))), items=bill.items[::-1])
            for bill in (old, new)
        ]

        assert difference(old, new) == difference(*mixed)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("quantity", {"quantity": Fraction("17.25")}),
        ("part", {"part": Fraction(16, 31)}),
        ("price", {"tariff": Tariff(Model.PER_UNIT, "EUR", unit_minor=Fraction("1234.5"))}),
    ],
)
def test_one_planted_change_is_the_only_cause(kind, change):
    dice = random.Random(17)

    for _ in range(150):
        names = dice.sample(PRODUCTS[:4], 3)
        items = [Item(basis(dice, name, "EUR"), Fraction("8.25")) for name in names]
        planted = [replace(items[0], basis=replace(items[0].basis, **change)), *items[1:]]
        old, new = (bill_facts(percent_off(bill, "LOYAL-10", Fraction(10))) for bill in (items, planted))
        found = difference(old, new)

        assert [(cause.kind, cause.subject) for cause in found.causes] == [(kind, names[0])] * bool(found.total)


@pytest.mark.parametrize("discount", [AppliedDiscount("SAVE", 250), AppliedDiscount("SAVE", 500, Fraction(50))])
def test_a_discount_that_ended_or_a_tax_that_changed_is_the_only_cause(discount):
    plain = Item(Basis("plan", "plus", "Plus", Tariff(Model.FLAT, "EUR", flat_minor=1000)), Fraction(19))
    reduced = replace(plain, basis=replace(plain.basis, discounts=(discount,)))

    (ended,) = difference(bill_facts([reduced]), bill_facts([plain])).causes
    (taxed,) = difference(bill_facts([plain]), bill_facts([replace(plain, tax=Fraction(7))])).causes

    assert (ended.kind, ended.subject, ended.facts["what"]) == ("discount", "SAVE", "expired")
    assert (taxed.kind, taxed.minor) == ("tax", -120)  # 10.00 at 7 instead of 19 per cent


def test_a_part_is_the_mean_gain_over_every_order_of_the_drivers():
    dice = random.Random(19)
    worth = {
        frozenset(some): Fraction(dice.randrange(-999, 999), 7) for n in range(5) for some in combinations("abcd", n)
    }

    gains = dict.fromkeys("abcd", Fraction(0))
    for order in permutations("abcd"):
        for place, driver in enumerate(order):
            gains[driver] += worth[frozenset(order[: place + 1])] - worth[frozenset(order[:place])]

    assert shapley("abcd", worth.__getitem__) == {driver: gain / 24 for driver, gain in gains.items()}


def test_whole_units_stay_within_one_of_the_exact_part_and_swap_with_the_sign():
    exact = {"a": Fraction("1.5"), "b": Fraction("-0.5"), "c": Fraction("2.25")}

    assert whole_units(exact, 3) == {"a": 1, "b": 0, "c": 2}
    assert whole_units(exact, 4) == {"a": 2, "b": 0, "c": 2}
    assert whole_units({key: -part for key, part in exact.items()}, -4) == {"a": -2, "b": 0, "c": -2}
