"""S1-66: every customer sees their own currency in full; refunds give back what was paid, the difference is booked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.fx.operations import add_rates
from ledger.fx.rates import Rate
from ledger.models import Payment, Reaction
from ledger.money import CURRENCIES, EXPONENTS, Money, UnknownCurrency
from ledger.payments.operations import record_payment
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from tests.conftest import NOW
from tests.ledger.worlds import prove

SYSTEM = Actor.system("test")
TODAY = NOW.date()

#: ISO 4217's digits where CLDR shows fewer. Source: ISO 4217 list one; CLDR 47 supplemental currency data.
SHOWN_IN_FULL = {
    "AFN": 2, "ALL": 2, "IRR": 2, "IQD": 3, "KPW": 2, "LAK": 2, "LBP": 2, "MGA": 2, "MMK": 2, "RSD": 2, "SOS": 2,
    "SYP": 2, "YER": 2,
}  # fmt: skip


def test_yen_have_no_decimals():
    assert Money(1235, "JPY").display("ja-JP") == "￥1,235"


def test_twelve_and_a_half_dinars_are_never_shown_as_twelve():
    assert Money(1250, "RSD").display("sr-RS") == "12,50\xa0RSD"


@pytest.mark.parametrize(("currency", "digits"), SHOWN_IN_FULL.items())
def test_no_currency_loses_its_last_digits_on_the_way_to_the_eye(currency, digits):
    shown = Money(10**digits + 1, currency).display("en")

    assert shown.endswith("1." + "0" * (digits - 1) + "1")


def test_the_caribbean_guilder_has_followed_the_antillean_one():
    assert "XCG" in CURRENCIES
    assert str(Money(1250, "XCG")) == "12.50 XCG"
    assert "XCG" not in EXPONENTS


@pytest.mark.parametrize("code", ["XTS", "EURO", "eur", ""])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(UnknownCurrency):
        Money(100, code)


def rate_on(day: date, value: str) -> Rate:
    return Rate(Decimal(value), "ECB", day, "USD", "EUR")


@pytest.fixture
def bo(db):
    """Bo in California, billed in US dollars."""
    return open_customer(
        name="Bo Larsen", country="US", region="US-CA", currency="USD", email="bo@example.com", by=SYSTEM, at=NOW
    )


@pytest.fixture
def refund_later(bo, olg, mia):
    """A function: Bo paid 20.00 USD ten days ago and gets them back today."""

    def refund():
        earlier = NOW - timedelta(days=10)
        payment = record_payment(bo.pk, amount=Money(2_000, "USD"), card_last4="4242", by=SYSTEM, at=earlier)
        asked = request_refund(
            payment.pk, amount=Money(2_000, "USD"), reason="Paid twice", proof=prove(bo), by=mia, at=NOW
        )
        return pay_refund(asked.pk, at=NOW)

    return refund


def posted(code: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.currency, sum(p.amount_minor) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id "
            "WHERE a.code = %s GROUP BY 1",
            [code],
        )
        return {currency: int(total) for currency, total in cursor.fetchall()}


def test_a_refund_gives_back_what_was_paid_and_books_the_difference_once(refund_later, olg, run_reactions):
    add_rates([rate_on(TODAY - timedelta(days=10), "0.90"), rate_on(TODAY, "0.95")], by=olg, at=NOW)

    refund = refund_later()
    while run_reactions(NOW + timedelta(minutes=1)):
        pass

    assert (refund.state, refund.amount) == ("paid", Money(2_000, "USD"))
    assert Payment.objects.get().refunded_minor == 2_000
    assert posted("cash")["USD"] == 0
    # 20.00 USD came as 18.00 EUR and leave as 19.00
    assert posted("fx_loss") == {"EUR": 100}
    assert posted("fx") == {"EUR": -100}


def test_where_a_rate_is_missing_the_difference_waits_for_it(refund_later, olg, run_reactions):
    add_rates([rate_on(TODAY, "0.95")], by=olg, at=NOW)
    refund_later()
    while run_reactions(NOW + timedelta(minutes=1)):
        pass

    waiting = Reaction.objects.get(handler__endswith="book_exchange_difference", done_at=None)
    assert "no exchange rate from USD to EUR" in waiting.last_error
    assert posted("fx_loss") == {}

    add_rates([rate_on(TODAY - timedelta(days=10), "0.90")], by=olg, at=NOW)
    while run_reactions(NOW + timedelta(hours=2)):
        pass
    assert posted("fx_loss") == {"EUR": 100}


def test_a_currency_without_any_rates_has_no_difference_to_book(refund_later, run_reactions):
    refund_later()
    while run_reactions(NOW + timedelta(minutes=1)):
        pass

    assert not Reaction.objects.filter(handler__endswith="book_exchange_difference", done_at=None).exists()
    assert posted("fx_loss") == {}
