"""Whatever the figures: splits lose nothing, tax adds up, credits add up to the line, amounts read back as written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.invoices.tax import credited_gross, credited_tax, net_of_gross, tax_on_lines
from ledger.money import (
    CURRENCIES,
    EXPONENTS,
    WIRE_DIGITS,
    InvalidAmount,
    Money,
    UnknownCurrency,
    allocate,
    exponent,
    round_half_away,
)

minor = st.integers(-(10**14), 10**14)
some = st.integers(1, 10**9)
currencies = st.sampled_from(sorted(CURRENCIES))
rates = st.decimals(0, Decimal("99.999"), places=3)
shares = st.lists(st.fractions(0, 1000, max_denominator=1000), min_size=1, max_size=12).filter(any)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


@given(minor, shares)
def test_parts_add_up_and_none_is_a_whole_unit_from_its_exact_share(amount, weights):
    parts = allocate(amount, weights)

    assert sum(parts) == amount
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount) * weight / total) < 1
        assert weight or not part


@given(minor, shares)
def test_splitting_a_debt_mirrors_splitting_a_credit(amount, weights):
    assert allocate(-amount, weights) == [-part for part in allocate(amount, weights)]


@given(minor, st.integers(1, 60))
def test_equal_parts_differ_by_a_unit_at_most_and_the_odd_units_come_first(amount, count):
    parts = [abs(part.minor) for part in eur(amount).split(count)]

    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


@given(st.fractions(-(10**9), 10**9))
def test_rounding_is_to_the_nearest_and_the_same_on_both_sides_of_zero(value):
    rounded = round_half_away(value)

    assert abs(rounded - value) <= Fraction(1, 2)
    assert round_half_away(-value) == -rounded
    if abs(rounded - value) == Fraction(1, 2):
        assert abs(rounded) > abs(value)


@given(st.integers(-(10**17), 10**17), currencies)
def test_an_amount_reads_back_as_it_was_written(amount, currency):
    money = Money(amount, currency)

    assert Money.parse(str(money.decimal()), currency) == money
    assert -money.decimal().as_tuple().exponent == exponent(currency)


@given(minor, currencies, st.sampled_from(["en", "de-DE", "de-CH", "fr-FR", "hi-IN", "ja-JP", "pt-BR", "zz"]))
def test_every_language_shows_all_digits_of_the_currency(amount, currency, language):
    shown = Money(amount, currency).display(language)

    figure = "".join(letter for letter in shown if letter.isdecimal())
    assert figure.lstrip("0") == str(abs(amount)).lstrip("0")
    assert len(figure) > exponent(currency)


@given(minor, currencies, st.sampled_from(sorted(WIRE_DIGITS)))
def test_what_goes_over_the_wire_comes_back_the_same_or_is_refused(amount, currency, provider):
    money = Money(amount // 1000, currency)
    try:
        number = money.on_the_wire(provider)
    except InvalidAmount:
        assume(False)

    assert Money.from_wire(number, currency, provider) == money


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), rates), min_size=1, max_size=10))
def test_line_taxes_add_up_per_rate_to_the_tax_on_the_rates_total(lines):
    taxes = tax_on_lines([(eur(net), rate) for net, rate in lines])

    for rate in {rate for _, rate in lines}:
        places = [i for i, (_, of) in enumerate(lines) if of == rate]
        assert sum(taxes[i].minor for i in places) == eur(sum(lines[i][0] for i in places)).percent(rate).minor
    for (net, _), tax in zip(lines, taxes, strict=True):
        assert tax.minor == 0 or (tax.minor > 0) == (net > 0)


@given(minor, rates)
def test_a_price_that_includes_tax_is_its_two_parts_and_taxing_the_net_again_is_a_unit_off_at_most(gross, rate):
    net, tax = net_of_gross(eur(gross), rate)

    assert net + tax == eur(gross)
    assert abs((net.percent(rate) - tax).minor) <= 1


@given(some, rates, st.lists(st.integers(1, 10**6), max_size=12))
def test_credit_notes_of_a_line_add_up_to_it_exactly_whatever_their_sizes(net, rate, sizes):
    (tax,) = tax_on_lines([(eur(net), rate)])
    total = eur(net) + tax
    cuts = sorted({size % total.minor for size in sizes} | {0, total.minor})
    credited = taxed = eur(0)

    for start, end in pairwise(cuts):
        part = credited_tax(tax=tax, total=total, credited=credited, credited_tax_before=taxed, amount=eur(end - start))
        assert 0 <= part.minor <= end - start
        credited, taxed = credited + eur(end - start), taxed + part

    assert (credited, taxed) == (total, tax)


@given(some, rates, st.lists(st.integers(1, 10**6), max_size=12))
def test_credits_by_net_amount_add_up_to_the_line_too(net, rate, sizes):
    (tax,) = tax_on_lines([(eur(net), rate)])
    cuts = sorted({size % net for size in sizes} | {0, net})
    credited = taxed = eur(0)

    for start, end in pairwise(cuts):
        part = eur(end - start)
        gross = credited_gross(tax=tax, total=eur(net) + tax, credited=credited, credited_tax_before=taxed, net=part)
        credited, taxed = credited + gross, taxed + gross - part

    assert (credited, taxed) == (eur(net) + tax, tax)


@given(st.floats())
def test_a_floating_point_number_is_refused_wherever_money_is_counted(value):
    for act in (
        lambda: Money(value, "EUR"),
        lambda: round_half_away(value),
        lambda: allocate(100, [1, value]),
        lambda: eur(100).times(value),
        lambda: eur(100).percent(value),
        lambda: net_of_gross(eur(100), value),
        lambda: tax_on_lines([(eur(100), value)]),
    ):
        with pytest.raises(InvalidAmount):
            act()


@given(st.text(max_size=12))
def test_text_is_an_amount_to_the_last_digit_or_is_refused(text):
    try:
        amount = Money.parse(text, "EUR")
    except InvalidAmount:
        return
    assert Decimal(text.strip()) == amount.decimal()


@pytest.mark.parametrize("text", ["1e3", "1,50", "12.500", "1_000", "NaN", "Infinity", "", "-", ".5", "5.", "١٢"])
def test_an_amount_that_could_be_read_two_ways_is_refused(text):
    with pytest.raises(InvalidAmount):
        Money.parse(text, "EUR")


def test_a_hidden_digit_far_behind_the_point_is_not_lost_silently():
    with pytest.raises(InvalidAmount, match="more digits"):
        Money.parse("1.00000000000000000000000000000001", "EUR")


@pytest.mark.parametrize("code", ["EURO", "eur", "", "XTS", "XAU", "DEM", "HRK"])
def test_a_currency_that_is_not_an_active_one_is_refused(code):
    with pytest.raises(UnknownCurrency):
        Money(1, code)


def test_only_active_currencies_have_digits_of_their_own():
    assert set(EXPONENTS) - CURRENCIES <= {"CLF", "UYI", "UYW"}
