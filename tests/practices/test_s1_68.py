"""S1-68: an international charge is explained part by part, to the unit; a bank's own fee is not ours."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest

from ledger.fx.breakdown import InvalidBreakdown, break_down, card_lines, explain_fee, origin_of_fee
from ledger.fx.rates import Rate, convert
from ledger.money import Money

ON = date(2026, 3, 2)
#: Units of each currency for one euro; four decimal counts of ISO 4217 are among them.
RATES = {
    "USD": "1.08", "GBP": "0.84", "JPY": "160.5", "INR": "97.1", "CHF": "0.9412", "KWD": "0.3312", "KRW": "1565.34",
    "BHD": "0.4071", "CLF": "0.0271", "RSD": "117.17",
}  # fmt: skip


def euro_to(currency: str) -> Rate:
    return Rate(Decimal(RATES[currency]), "ECB", ON, "EUR", currency)


def plus_in_yen():
    """Plus at 25.00 with 10 % tax is 27.50 EUR; at 160.50 that is 4,413.75 yen, and 1.5 % markup on 4,414 is 66."""
    return break_down(
        Money(2_500, "EUR"), Money(250, "EUR"), tax_rate=Decimal(10), rate=euro_to("JPY"),
        markup_percent=Decimal("1.5"), descriptor="NORDLICHT BERLIN",
    )  # fmt: skip


def test_the_card_has_four_lines_that_add_up_to_what_was_charged():
    parts = plus_in_yen()

    # 4,414 shared 2500 : 250 is 4012.73 and 401.27; 4,414 × 1.5 % = 66.21
    figures = [part.minor for part in (parts.price, parts.tax, parts.markup, parts.charged)]
    assert figures == [4_013, 401, 66, 4_480]
    assert card_lines(parts, "en-US") == [
        ("Price", "¥4,013"),
        ("Tax (10 %)", "¥401"),
        ("Exchange: 1 EUR = 160.5 JPY (ECB, Mar 2, 2026), our markup 1.5 %", "¥66"),
        ("Charged as “NORDLICHT BERLIN”. Your bank may add a fee of its own; that fee is not ours", "¥4,480"),
    ]
    assert card_lines(parts, "de-DE")[2] == (
        "Umrechnung: 1 EUR = 160,5 JPY (ECB, 02.03.2026), unser Aufschlag 1,5 %",
        "66\xa0¥",
    )


@pytest.mark.parametrize("currency", RATES)
def test_the_parts_of_500_random_charges_are_the_charge_to_the_unit(currency):
    """Five thousand in all, over ten currencies."""
    dice = random.Random(f"S1-68 {currency}")
    rate = euro_to(currency)
    for _ in range(500):
        net, tax = Money(dice.randint(1, 10**9), "EUR"), Money(dice.randint(0, 3 * 10**8), "EUR")
        markup = Decimal(dice.randint(0, 400)) / 100

        parts = break_down(net, tax, tax_rate=Decimal(19), rate=rate, markup_percent=markup, descriptor="NORDLICHT")

        assert parts.price + parts.tax + parts.markup == parts.charged
        converted = convert(net + tax, rate)
        exact = Decimal(converted.minor) * markup / 100
        assert abs(parts.charged.minor - converted.minor - exact) <= Decimal("0.5")
        assert abs(Decimal(parts.tax.minor) - converted.minor * tax.minor / Decimal(net.minor + tax.minor)) < 1


def test_a_charge_in_the_currency_of_the_price_says_that_nothing_was_exchanged():
    parts = break_down(Money(1000, "USD"), Money(0, "USD"), tax_rate=Decimal(0), descriptor="NORDLICHT")

    assert card_lines(parts)[2] == ("Exchange: none, the price is in the currency of your card charge", "$0.00")
    assert parts.charged == Money(1000, "USD")


def test_a_cross_border_card_fee_that_the_customer_reports_is_recognised_as_not_ours():
    parts = plus_in_yen()
    reported = Money(134, "JPY")

    assert origin_of_fee(reported, parts) == "bank"
    assert explain_fee(reported, parts, "en") == (
        "¥134 is not ours: we charged ¥4,480 as “NORDLICHT BERLIN” and nothing else. "
        "The fee comes from the bank that issued your card."
    )
    assert explain_fee(reported, parts, "de-DE").startswith("134\xa0¥ ist nicht von uns")


def test_our_own_markup_is_never_called_the_banks():
    parts = plus_in_yen()

    assert origin_of_fee(Money(66, "JPY"), parts) == "markup"
    assert explain_fee(Money(66, "JPY"), parts) == "¥66 is part of our charge of ¥4,480 (NORDLICHT BERLIN)."
    assert origin_of_fee(Money(66, "EUR"), parts) == "bank"
    assert origin_of_fee(Money(0, "JPY"), parts) == "bank"


@pytest.mark.parametrize(
    "wrong",
    [
        {"net": Money(-1, "EUR")},
        {"markup_percent": Decimal("-0.1")},
        {"rate": None, "markup_percent": Decimal(1)},
        {"descriptor": " "},
    ],
)
def test_parts_that_cannot_be_are_refused(wrong):
    given = {"net": Money(100, "EUR"), "tax": Money(19, "EUR"), "tax_rate": Decimal(19), "rate": euro_to("USD"),
             "descriptor": "NORDLICHT", **wrong}  # fmt: skip

    with pytest.raises(InvalidBreakdown):
        break_down(given.pop("net"), given.pop("tax"), **given)
