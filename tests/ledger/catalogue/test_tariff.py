"""What a quantity costs: the meter of the reference world at every edge, the other models, prices that cannot be."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ledger.catalogue.explaining import explain_tariff, worked_examples
from ledger.catalogue.price_text import (
    examples_in_words,
    explained_in_words,
    price_in_words,
    read_steps,
    read_unit_price,
)
from ledger.catalogue.tariff import InvalidTariff, Tariff, exact_price, price_of, tariff_of
from ledger.money import InvalidAmount
from tests.ledger.worlds import eur

METER = tariff_of(
    model="graduated",
    currency="EUR",
    tiers=[
        {"up_to": "1000", "unit_minor": "0"},
        {"up_to": "10000", "unit_minor": "1.23"},
        {"up_to": None, "unit_minor": "0.85"},
    ],
)


def volume(*tiers: tuple[int | None, str, int]) -> Tariff:
    rows = [{"up_to": end, "unit_minor": unit, "flat_minor": flat} for end, unit, flat in tiers]
    return tariff_of(model="volume", currency="EUR", tiers=rows)


@pytest.mark.parametrize(
    ("quantity", "minor"),
    [
        (0, 0),
        (1_000, 0),
        (1_001, 1),  # 1 × 0.0123 = 0.0123
        (1_040, 49),  # 40 × 0.0123 = 0.492
        (1_041, 50),  # 41 × 0.0123 = 0.5043
        (10_000, 110_70),  # 9,000 × 0.0123
        (10_001, 110_71),  # + 0.0085 = 110.7085
        (12_500, 131_95),  # 110.70 + 2,500 × 0.0085 = 110.70 + 21.25
    ],
)
def test_the_meter_costs_what_its_steps_add_up_to(quantity, minor):
    assert price_of(METER, quantity) == eur(minor)


def test_a_part_of_a_period_is_rounded_once_at_the_end():
    # 25.00 for 16 of 31 days is 12.9032…; three seats of a 0.0123 unit for half a period are 0.01845.
    assert price_of(tariff_of(model="flat", currency="EUR", amount_minor=2500), 1, Fraction(16, 31)) == eur(1290)
    per_unit = tariff_of(model="per_unit", currency="EUR", unit_minor=Decimal("1.23"))
    assert price_of(per_unit, 3, Fraction(1, 2)) == eur(2)


def test_a_volume_price_takes_the_step_of_the_whole_quantity():
    tariff = volume((10, "100", 0), (None, "80", 500))

    assert [price_of(tariff, n).minor for n in (0, 10, 11, 20)] == [0, 1000, 1380, 2100]  # 11 × 0.80 + 5.00 = 13.80


def test_a_graduated_quantity_of_nothing_still_pays_the_first_steps_fixed_amount():
    tariff = tariff_of(
        model="graduated", currency="EUR", tiers=[{"up_to": None, "unit_minor": "10", "flat_minor": 300}]
    )

    assert price_of(tariff, 0) == eur(300)
    assert price_of(tariff, Decimal("0.5")) == eur(305)


def test_half_a_minor_unit_rounds_up():
    tariff = tariff_of(model="per_unit", currency="JPY", unit_minor=Decimal("0.5"))

    assert [price_of(tariff, n).minor for n in (1, 2, 3)] == [1, 1, 2]


def test_a_quantity_below_zero_is_refused_in_words():
    with pytest.raises(InvalidTariff, match="credit note"):
        price_of(METER, -1)
    with pytest.raises(InvalidAmount, match="never floating-point"):
        price_of(METER, 12.5)  # type-checked callers cannot, JSON can


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ([], "only the last"),
        ([{"up_to": "10", "unit_minor": "1"}], "only the last"),
        ([{"up_to": None}, {"up_to": None}], "only the last"),
        ([{"up_to": "10"}, {"up_to": "10"}, {"up_to": None}], "above the one before"),
        ([{"up_to": "10"}, {"up_to": "5"}, {"up_to": None}], "above the one before"),
        ([{"up_to": "0"}, {"up_to": None}], "above the one before"),
        ([{"up_to": None, "unit_minor": "-1"}], "not below zero"),
        ([{"up_to": None, "unit_minor": 1.23}], "1.23.*not a plain figure"),
        ([{"up_to": None, "unit_minor": "1e99999999"}], "not a plain figure"),
        ([{"up_to": None, "unit_minor": "NaN"}], "not a plain figure"),
        ([{"up_to": None, "flat_minor": "1.5"}], "whole number of minor units"),
        ([{"upto": "10"}, {"up_to": None}], "Step 1 has upto"),
        (["10"], "Step 1 is no step"),
        ([{"up_to": None}] * 51, "at most 50 steps"),
    ],
)
def test_steps_that_cannot_be_are_refused_in_words(tiers, words):
    with pytest.raises(InvalidTariff, match=words):
        tariff_of(model="graduated", currency="EUR", tiers=tiers)


def test_an_unknown_way_to_price_is_refused():
    with pytest.raises(InvalidTariff, match="no way to price"):
        tariff_of(model="package", currency="EUR")


def test_the_meter_is_explained_step_by_step_with_the_own_usage_marked():
    explained = explain_tariff(METER, 12_500)

    assert [(row.units, row.is_used, row.amount) for row in explained.rows] == [
        (1_000, True, eur(0)),
        (9_000, True, eur(110_70)),
        (2_500, True, eur(21_25)),
    ]
    assert explained.total == eur(131_95)
    assert explained_in_words(explained, "EUR") == [
        "1,000 × €0.00 = €0.00",
        "9,000 × €0.0123 = €110.70",
        "2,500 × €0.0085 = €21.25",
    ]
    assert explained_in_words(explained, "EUR", "de-DE")[1] == "9.000 × 0,0123\u00a0€ = 110,70\u00a0€"


@pytest.mark.parametrize(("quantity", "used"), [(1_000, 1), (1_001, 2), (10_000, 2), (10_001, 3)])
def test_a_step_is_marked_from_its_first_unit_on(quantity, used):
    assert [row.is_used for row in explain_tariff(METER, quantity).rows] == [True] * used + [False] * (3 - used)


def test_the_shown_steps_add_up_to_the_rounded_total():
    # Three steps of 0.4 cents each come to 1.2, billed as 0.01: rounded one by one they would show 0.00 three times.
    tiers = [
        {"up_to": "1", "unit_minor": "0.4"},
        {"up_to": "2", "unit_minor": "0.4"},
        {"up_to": None, "unit_minor": "0.4"},
    ]
    explained = explain_tariff(tariff_of(model="graduated", currency="EUR", tiers=tiers), 3)

    assert explained.total == eur(1)
    assert [row.amount.minor for row in explained.rows] == [1, 0, 0]


def test_a_volume_price_marks_the_one_step_it_uses():
    explained = explain_tariff(volume((10, "100", 0), (None, "80", 500)), 11)

    assert [(row.units, row.is_used, row.amount.minor) for row in explained.rows] == [(0, False, 0), (11, True, 1380)]
    assert explained_in_words(explained, "EUR") == ["11 × €0.80 + €5.00 = €13.80"]


@given(
    ends=st.lists(st.integers(1, 500), min_size=0, max_size=4, unique=True),
    prices=st.lists(st.decimals(0, 50, places=3), min_size=5, max_size=5),
    quantity=st.decimals(0, 2_000, places=2),
    part=st.fractions(0, 1, max_denominator=366),
    model=st.sampled_from(["graduated", "volume"]),
)
@hypothesis_settings(max_examples=150)
def test_explained_steps_always_add_up_to_what_is_billed_and_hold_the_whole_quantity(
    ends, prices, quantity, part, model
):
    bounds = [*(str(end) for end in sorted(ends)), None]
    tiers = [{"up_to": end, "unit_minor": str(price)} for end, price in zip(bounds, prices, strict=False)]
    tariff = tariff_of(model=model, currency="EUR", tiers=tiers)

    explained = explain_tariff(tariff, quantity, part)

    assert sum(row.amount.minor for row in explained.rows) == explained.total.minor
    assert sum(row.units for row in explained.rows) == Fraction(quantity)
    assert abs(explained.total.minor - exact_price(tariff, quantity) * part) <= Fraction(1, 2)
    for row in explained.rows:
        assert abs(row.amount.minor - (row.units * row.unit_minor + row.flat_minor * row.is_used) * part) < 2


def test_worked_examples_show_both_sides_of_every_edge():
    assert [(int(quantity), amount.minor) for quantity, amount in worked_examples(METER)] == [
        (1_000, 0), (1_001, 1), (10_000, 110_70), (10_001, 110_71), (12_500, 131_95),
    ]  # fmt: skip
    assert examples_in_words(METER)[-1] == "12,500: €131.95"


def test_a_price_is_written_and_read_as_on_a_price_list():
    written = "up to 1000: 0\nUp to 10000: 0.0123\n\nabove: 0.0085 + 2.00"

    assert read_steps(written, "EUR") == [
        {"up_to": "1000", "unit_minor": "0", "flat_minor": 0},
        {"up_to": "10000", "unit_minor": "1.23", "flat_minor": 0},
        {"up_to": None, "unit_minor": "0.85", "flat_minor": 200},
    ]
    assert price_in_words(METER, "call") == [
        "up to 1,000: €0.00", "up to 10,000: €0.0123 per call", "above: €0.0085 per call",
    ]  # fmt: skip
    assert read_unit_price("0.5", "JPY") == Decimal("0.5")


@pytest.mark.parametrize("line", ["1,000: 0", "up to ten: 1", "above 0.5", "up to 10: -1", "up to 10: 1 + 2 + 3"])
def test_a_line_that_is_no_step_is_named(line):
    with pytest.raises(InvalidTariff, match="Line 2"):
        read_steps(f"up to 5: 0\n{line}", "EUR")
