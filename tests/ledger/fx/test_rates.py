"""Rates: the newest that is not too old, its inverse, or over the book currency; and what they make of amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.utils import ProgrammingError
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.fx.ecb import UnreadableRates, parse_rates
from ledger.fx.models import ExchangeRate
from ledger.fx.operations import NotTreasurer, RateTooFine, add_rates
from ledger.fx.queries import rate_for
from ledger.fx.rates import InvalidRate, NoRate, Rate, convert
from ledger.models import Event
from ledger.money import Money, UnknownCurrency
from tests.conftest import NOW

MONDAY = date(2026, 3, 2)
#: Made up for the tests, in the form the European Central Bank publishes.
HISTORY = """Date,USD,JPY,GBP,INR,CYP,
2026-03-02,1.0800,160.50,0.8400,97.1000,N/A,
2026-02-27,1.0750,159.00,0.8350,96.8000,N/A,
"""
DAILY = "Date, USD, JPY, GBP, \n03 March 2026, 1.0900, 161.00, 0.8410, \n"


def rate(value: str, currency: str = "EUR", to: str = "USD", *, on: date = MONDAY, source: str = "ECB") -> Rate:
    return Rate(Decimal(value), source, on, currency, to)


@pytest.fixture
def loaded(db, olg) -> None:
    add_rates(parse_rates(HISTORY), by=olg, at=NOW)


def test_a_quoted_rate_is_given_with_its_source_and_day(loaded):
    found = rate_for("EUR", to="USD", on=MONDAY)

    assert (found.value, found.source, found.on) == (Decimal("1.08"), "ECB euro reference rates", MONDAY)
    assert str(found) == "1 EUR = 1.08 USD (ECB euro reference rates, 2026-03-02)"


def test_on_a_day_without_rates_the_last_one_counts_until_it_is_too_old(loaded, settings):
    assert rate_for("EUR", to="USD", on=date(2026, 3, 1)).on == date(2026, 2, 27)
    assert rate_for("EUR", to="USD", on=date(2026, 3, 9)).on == MONDAY
    with pytest.raises(NoRate, match="7 days before"):
        rate_for("EUR", to="USD", on=date(2026, 3, 10))

    settings.FX_MAX_AGE_DAYS = 8
    assert rate_for("EUR", to="USD", on=date(2026, 3, 10)).on == MONDAY


def test_a_rate_of_tomorrow_is_not_known_today(loaded):
    with pytest.raises(NoRate):
        rate_for("EUR", to="USD", on=date(2026, 2, 26))


def test_the_other_way_round_it_is_the_inverse(loaded):
    # 1 / 1.08 = 0.925925…
    assert rate_for("USD", to="EUR", on=MONDAY).value == Decimal("0.925925925925925926")
    assert convert(Money(10_000, "USD"), rate_for("USD", to="EUR", on=MONDAY)) == Money(9_259, "EUR")


def test_two_foreign_currencies_go_over_the_book_currency_and_take_the_older_day(loaded, olg):
    add_rates([rate("162.00", to="JPY", on=date(2026, 3, 3))], by=olg, at=NOW)

    found = rate_for("GBP", to="JPY", on=date(2026, 3, 3))

    # 162 / 0.84 = 192.857…; the pound is from Monday
    assert abs(found.value - Decimal("192.857142857142857")) < Decimal("1e-12")
    assert found.on == MONDAY
    assert found.source == "ECB euro reference rates, ECB"


def test_the_same_currency_needs_no_rate(db):
    assert rate_for("JPY", to="JPY", on=MONDAY).value == 1


def test_a_currency_nobody_knows_is_refused(db):
    with pytest.raises(UnknownCurrency):
        rate_for("XXQ", to="EUR", on=MONDAY)


def test_a_corrected_rate_counts_and_the_wrong_one_stays_on_file(loaded, olg):
    wrong = ExchangeRate.objects.get(quote="USD", on=MONDAY)
    again = add_rates(parse_rates(HISTORY), by=olg, at=NOW)
    assert (again.added, again.known) == (0, 8)

    add_rates(parse_rates(HISTORY.replace("1.0800", "1.0810")), by=olg, at=NOW)

    assert rate_for("EUR", to="USD", on=MONDAY).value == Decimal("1.081")
    assert ExchangeRate.objects.get(pk=wrong.pk).rate == Decimal("1.08")
    assert Event.objects.filter(kind="exchange_rates.loaded").count() == 2


def test_rates_are_added_by_finance_and_never_changed(loaded, mia):
    with pytest.raises(NotTreasurer):
        add_rates([rate("1.10")], by=mia, at=NOW)
    for write in (lambda: ExchangeRate.objects.update(rate=1), lambda: ExchangeRate.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            write()


def test_a_rate_finer_than_the_table_is_refused_instead_of_rounded(db, olg):
    with pytest.raises(RateTooFine):
        add_rates([rate("1.1234567890123")], by=olg, at=NOW)


def test_the_daily_file_and_the_history_are_both_read():
    daily = parse_rates(DAILY)

    assert [(each.to, str(each.value), each.on) for each in daily] == [
        ("USD", "1.0900", date(2026, 3, 3)),
        ("JPY", "161.00", date(2026, 3, 3)),
        ("GBP", "0.8410", date(2026, 3, 3)),
    ]
    assert {each.to for each in parse_rates(HISTORY)} == {"USD", "JPY", "GBP", "INR"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1"),
        ("<html>", "Line 1"),
        ("Date,CYP\n2026-03-02,1\n", "Line 1"),
        ("Date,USD\nyesterday,1.08\n", "Line 2: 'yesterday' is not a day"),
        ("Date,USD\n2026-03-02,1.08\n2026-03-03,free\n", "Line 3: 'free' is not a rate of USD"),
        ("Date,USD\n2026-03-02,-1\n", "Line 2"),
        ("Date,USD\n2026-03-02,NaN\n", "Line 2"),
    ],
)
def test_a_file_that_is_no_table_of_rates_is_refused_by_its_line(text, words):
    with pytest.raises(UnreadableRates, match=words):
        parse_rates(text)


@pytest.mark.django_db
def test_a_file_is_loaded_whole_or_not_at_all(tmp_path, capsys):
    good, bad = tmp_path / "eurofxref.csv", tmp_path / "bad.csv"
    good.write_text(DAILY)
    bad.write_text(HISTORY + "2026-02-26,free\n")

    with pytest.raises(CommandError, match="Line 4"):
        call_command("load_rates", str(bad))
    assert ExchangeRate.objects.count() == 0
    call_command("load_rates", str(good))
    assert "3 rates added, 0 were known." in capsys.readouterr().out
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_rates", str(tmp_path / "missing.csv"))


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_a_number_above_zero(value):
    with pytest.raises(InvalidRate):
        rate(value)


def test_a_float_is_no_rate():
    with pytest.raises(InvalidRate):
        Rate(1.08, "ECB", MONDAY, "EUR", "USD")


def test_case_f01_a_hundred_dollars_in_rupees_are_rounded_once():
    # 100.00 × 82.42135 = 8242.135, half away from zero
    assert convert(Money(10_000, "USD"), rate("82.42135", "USD", "INR")) == Money(824_214, "INR")


def test_digits_are_those_of_each_currency():
    assert convert(Money(10_000, "EUR"), rate("160.505", "EUR", "JPY")) == Money(16_051, "JPY")
    assert convert(Money(10_000, "EUR"), rate("0.3312345", "EUR", "KWD")) == Money(33_123, "KWD")
    with pytest.raises(InvalidRate, match="cannot convert"):
        convert(Money(100, "EUR"), rate("1.08", "USD", "EUR"))


def test_case_f05_converting_there_and_back_does_not_give_the_first_amount():
    """¥17,651 at a rate of the day is $154.00; back it is ¥17,620: so the first amount is what is kept."""
    there = rate("0.00872471", "JPY", "USD")

    dollars = convert(Money(17_651, "JPY"), there)
    assert dollars == Money(15_400, "USD")  # 17651 × 0.00872471 = 153.9998
    back = convert(dollars, rate("114.4155844", "USD", "JPY"))
    assert back == Money(17_620, "JPY")


@given(
    st.integers(1, 10**9),  # a dinar of Bahrain has ten times the units, and the books end at 10**17
    st.decimals("0.0001", "20000", places=6),
    st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "INR"]),
    st.sampled_from(["GBP", "CHF", "KRW", "BHD", "UYW"]),
)
@settings(max_examples=80)
def test_a_conversion_is_never_half_a_unit_off(minor, value, currency, to):
    amount = Money(minor, currency)

    converted = convert(amount, rate(str(value), currency, to))

    exact = amount.decimal() * value
    assert abs(converted.decimal() - exact) * 2 <= Decimal(1).scaleb(converted.decimal().as_tuple().exponent)
