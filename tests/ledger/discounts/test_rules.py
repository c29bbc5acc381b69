"""What discounts take off the lines of a bill: the worked cases of other systems, and the laws all discounts keep."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ledger.discounts.policy import worth
from ledger.discounts.rules import (
    Discount,
    InvalidDiscount,
    apply_discounts,
    discounted_change,
    discounted_total,
    in_order,
    taken_by_grant,
)
from ledger.invoices.tax import tax_on_lines
from ledger.money import CurrencyMismatch, Money
from tests.ledger.worlds import eur


def off(minor: int, *targets: str, **more) -> Discount:
    """So much off."""
    return Discount(f"{minor} off", amount=eur(minor), targets=frozenset(targets), **more)


def percent(rate: str, *targets: str, **more) -> Discount:
    """So many per cent off."""
    return Discount(f"{rate} %", percent=Fraction(rate), targets=frozenset(targets), **more)


def lines(*minor: int) -> list[tuple[str, Money]]:
    """Lines of products a, b, c, …"""
    return [(chr(ord("a") + place), eur(amount)) for place, amount in enumerate(minor)]


def taken(amounts, *discounts) -> list[int]:
    """Return what comes off each line, all discounts together."""
    return [sum(one.minor for one in line) for line in apply_discounts(lines(*amounts), discounts)]


def test_d01_two_amounts_off_six_lines_add_up_and_the_tax_is_that_of_what_is_left():
    amounts = (99_290, 299_770, 3_130, 6_460, 3_130, 1_999)

    shares = taken(amounts, off(1_000), off(1_000))

    # The case prints shares in fractions: 479.91802, 1448.93772, 15.12884, 31.2244, 15.12884, 9.66216. Ours are whole.
    # Each 10.00 gives 239, 724, 7, 15, 7, 4 and its last four units to the largest remainders: .96, .83, .61 and .56,
    # which the third line has first, and the fifth on what the first discount left.
    assert [one.minor for line in apply_discounts(lines(*amounts), [off(1_000)]) for one in line] == [
        240, 724, 8, 16, 7, 5,
    ]  # fmt: skip
    assert shares == [480, 1_448, 15, 32, 15, 10]
    nets = [(eur(amount - share), Decimal(10)) for amount, share in zip(amounts, shares, strict=True)]
    tax = sum(part.minor for part in tax_on_lines(nets))
    assert tax == 41_178
    assert sum(net.minor for net, _ in nets) + tax == 452_957


def test_d02_is_not_copied_line_taxes_add_up_to_the_tax_of_the_bill():
    # The source prints line taxes that add up to 1887 on a bill whose tax is 1889. Ours are shares of the one tax.
    amounts = (99_290, 299_770, 3_130, 6_460, 3_130, 1_999)
    nets = [
        (eur(amount - share), Decimal(10)) for amount, share in zip(amounts, taken(amounts, off(2_000)), strict=True)
    ]

    assert sum(part.minor for part in tax_on_lines(nets)) == 41_178


def test_d04_what_does_not_fit_is_lost_and_nothing_falls_below_zero():
    assert taken([10_000], off(1_000, granted_on=date(2026, 1, 1)), off(11_000, granted_on=date(2026, 1, 2))) == [
        10_000
    ]
    assert discounted_total(lines(10_000), [off(1_000), off(11_000)]) == eur(0)


@pytest.mark.parametrize(
    ("minor", "amounts", "shares"),
    [
        (1_500, [1_000, 1_000], [750, 750]),
        (750, [300, 1_200], [150, 600]),
        (2_500, [1_000, 1_000], [1_000, 1_000]),
        (0, [1_000, 1_000], [0, 0]),
        (1_500, [1_000], [1_000]),
        (1_500, [2_000], [1_500]),
    ],
)
def test_d05_an_amount_off_is_shared_out_by_what_the_lines_cost(minor, amounts, shares):
    assert taken(amounts, off(minor)) == shares


@pytest.mark.parametrize(
    ("rate", "amounts", "shares"), [("25", [1_000, 333], [250, 83]), ("10", [1_000, 2_000], [100, 200])]
)
def test_d07_a_percentage_is_taken_once_and_shared_out(rate, amounts, shares):
    assert taken(amounts, percent(rate)) == shares


def test_d08_is_not_copied_the_lines_add_up_to_the_discount_of_the_total():
    # The source takes 33 + 33 off two lines of 1.00, while 33.33 % of 2.00 is 0.67. Ours: 34 + 33.
    assert taken([100, 100], percent("33.33")) == [34, 33]


def test_d10_stacked_percentages_leave_70_and_successive_ones_72_68():
    rates = ("5", "10", "15")

    stacked = [percent(rate, stacks_on_original=True) for rate in rates]
    successive = [percent(rate) for rate in rates]

    assert discounted_total(lines(10_000), stacked) == eur(7_000)  # 5 + 10 + 15 = 30 off 100
    assert discounted_total(lines(10_000), successive) == eur(7_268)  # 95.00, 85.50, 72.675


def test_d11_two_times_ten_per_cent_are_nineteen_and_excess_is_lost():
    twice = [percent("10", granted_on=date(2026, 1, day)) for day in (1, 2)]

    assert discounted_total(lines(10_000), twice) == eur(8_100)
    assert taken([500], off(800)) == [500]


def test_d12_once_loses_what_does_not_fit_and_until_used_up_takes_only_what_is_left():
    assert taken([3_000], off(5_000)) == [3_000]
    assert taken([3_000], off(5_000, until_used_up=True, left=eur(2_000))) == [2_000]
    assert taken([3_000], off(5_000, until_used_up=True, left=eur(0))) == [0]


def test_the_narrowest_goes_first_then_priority_then_the_oldest():
    everything = percent("50", priority=0)
    two_products = percent("50", "a", "b", priority=0)
    urgent = percent("50", "a", priority=1, granted_on=date(2026, 2, 1))
    older, newer = (percent("50", "a", granted_on=date(2026, month, 1)) for month in (1, 3))

    found = in_order([everything, newer, two_products, older, urgent])

    assert found == [urgent, older, newer, two_products, everything]


def test_the_order_decides_what_is_left_for_the_next():
    # 5.00 off a first, then 10 % of what is left: 5.00 + 1.50 = 6.50; the other way round 2.00 + 5.00.
    assert taken([2_000], off(500, "a"), percent("10")) == [650]
    assert taken([2_000], off(500, priority=2), percent("10", priority=1)) == [700]


def test_a_target_leaves_other_lines_alone():
    assert taken([1_000, 2_000, 1_000], off(3_000, "a", "c")) == [1_000, 0, 1_000]
    assert taken([1_000], percent("10", "x")) == [0]


def test_two_lines_of_the_same_product_share_its_discount():
    both = [("plus", eur(1_000)), ("plus", eur(500)), ("basic", eur(700))]

    applied = apply_discounts(both, [off(300, "plus", grant=7)])

    assert [[one.minor for one in line] for line in applied] == [[200], [100], []]
    assert taken_by_grant(applied) == {7: 300}


def test_each_line_says_which_discount_took_what():
    applied = apply_discounts(lines(2_000), [off(500, "a", grant=1), percent("10", grant=2)])

    (line,) = applied
    assert [(one.name, one.minor, one.percent, one.grant) for one in line] == [
        ("500 off", 500, None, 1),
        ("10 %", 150, 10, 2),
    ]


def test_a_change_of_quantity_discounts_both_totals_and_subtracts():
    # 3 × 3.33 = 9.99 less 10 % leaves 8.99; 4 × 3.33 = 13.32 leaves 11.99.
    # 1 × 0.05 leaves 0.05 (4.5 rounds to 5), 2 × 0.05 leaves 0.09: the second costs 0.04, not 0.05.
    tenth = [percent("10")]

    assert discounted_change(lines(999), lines(1_332), tenth) == eur(300)
    assert discounted_change(lines(5), lines(10), tenth) == eur(4)
    assert discounted_change(lines(10), lines(5), tenth) == eur(-4)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"percent": Fraction(10), "amount": eur(1)},
        {"percent": Fraction(0)},
        {"percent": Fraction(-10)},
        {"percent": Fraction(101)},
        {"amount": eur(-1)},
        {"percent": Fraction(10), "until_used_up": True},
        {"amount": eur(5), "until_used_up": True, "left": eur(-1)},
    ],
)
def test_a_discount_that_cannot_be_is_refused(fields):
    with pytest.raises(InvalidDiscount):
        Discount("odd", **fields)


def test_lines_below_zero_and_mixed_currencies_are_refused():
    with pytest.raises(InvalidDiscount, match="not below zero"):
        apply_discounts(lines(-1), [percent("10")])
    with pytest.raises(CurrencyMismatch):
        apply_discounts([("a", eur(1)), ("b", Money(1, "USD"))], [percent("10")])
    with pytest.raises(CurrencyMismatch, match="in EUR, the bill in USD"):
        apply_discounts([("a", Money(1, "USD"))], [off(5)])


@given(
    amounts=st.lists(st.integers(0, 100_000), min_size=1, max_size=6),
    given_discounts=st.lists(
        st.one_of(
            st.builds(
                percent, st.decimals("0.01", 100, places=2).map(str), st.sampled_from("abc"),
                stacks_on_original=st.booleans(), priority=st.integers(0, 3),
            ),
            st.builds(off, st.integers(0, 50_000), priority=st.integers(0, 3)),
            st.builds(percent, st.decimals("0.01", 100, places=2).map(str), stacks_on_original=st.booleans()),
        ),
        max_size=5,
    ),
)  # fmt: skip
@hypothesis_settings(max_examples=150)
def test_no_line_falls_below_zero_and_every_share_is_above_zero(amounts, given_discounts):
    applied = apply_discounts(lines(*amounts), given_discounts)

    for amount, line in zip(amounts, applied, strict=True):
        assert all(one.minor > 0 for one in line)
        assert sum(one.minor for one in line) <= amount
    # The order they are handed over in decides nothing.
    again = apply_discounts(lines(*amounts), list(reversed(given_discounts)))
    assert discounted_total(lines(*amounts), given_discounts).minor == sum(amounts) - sum(
        one.minor for line in again for one in line
    )


@given(amounts=st.lists(st.integers(0, 100_000), min_size=1, max_size=6), minor=st.integers(0, 700_000))
@hypothesis_settings(max_examples=100)
def test_one_amount_off_is_taken_whole_or_takes_everything(amounts, minor):
    assert sum(taken(amounts, off(minor))) == min(minor, sum(amounts))


@pytest.mark.parametrize(
    ("duration", "periods", "minor"), [("once", None, 250), ("periods", 3, 750), ("forever", None, 3_000)]
)
def test_what_a_discount_is_worth_counts_every_bill_it_will_be_on(duration, periods, minor):
    tenth = worth(percent=Fraction(10), amount=None, duration=duration, periods=periods, usual=eur(2_500))
    fixed = worth(percent=None, amount=eur(250), duration=duration, periods=periods, usual=None)

    assert (tenth, fixed) == (eur(minor), eur(minor))


def test_an_amount_until_it_is_used_up_is_worth_itself_and_a_percentage_of_nothing_known_is_worth_nobody_knows():
    assert worth(percent=None, amount=eur(5_000), duration="until_used_up", periods=None, usual=None) == eur(5_000)
    assert worth(percent=Fraction(10), amount=None, duration="once", periods=None, usual=None) is None
