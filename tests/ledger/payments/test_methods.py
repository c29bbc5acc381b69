"""Ways to pay by country, currency and amount, and when a gateway is asked again; no database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.money import Money
from ledger.payments.methods import eligible_ways, takes_kind
from ledger.payments.timing import ask_again_after


@pytest.mark.parametrize(
    ("country", "amount", "offered"),
    [
        ("DE", Money(30_00, "EUR"), ["card", "sepa_debit", "transfer", "link"]),
        ("US", Money(30_00, "USD"), ["card", "us_bank_debit", "link"]),
        ("US", Money(30_00, "EUR"), ["card", "link"]),  # euro, but no bank that SEPA reaches
        ("DE", Money(30_00, "USD"), ["card", "link"]),  # a SEPA country, but not in euro
        ("NL", Money(30_00, "EUR"), ["card", "sepa_debit", "ideal", "transfer", "link"]),
        ("GB", Money(30_00, "GBP"), ["card", "bacs_debit", "link"]),
        ("JP", Money(3000, "JPY"), ["card", "link"]),
        ("DE", Money(49, "EUR"), ["sepa_debit", "transfer"]),  # a card takes 0.50 at least
        ("DE", Money(10_000_00, "EUR"), ["card", "sepa_debit", "transfer", "link"]),
        ("DE", Money(10_000_01, "EUR"), ["card", "transfer", "link"]),  # a debit takes 10,000.00 at most
    ],
)
def test_each_way_is_offered_where_it_can_pay(country, amount, offered):
    assert [way.code for way in eligible_ways(country, amount)] == offered


def test_an_account_on_file_pays_its_own_currency_only():
    assert takes_kind("direct_debit", "DE", Money(30_00, "EUR"))
    assert not takes_kind("direct_debit", "DE", Money(30_00, "USD"))


def test_an_unknown_answer_is_asked_for_after_five_minutes_an_hour_and_five_days_then_by_a_person():
    waits = [ask_again_after(asked, pending=False) for asked in range(8)]

    assert waits == [timedelta(minutes=5), timedelta(hours=1), *[timedelta(days=1)] * 5, None]
    assert ask_again_after(14, pending=True) == timedelta(days=1)  # a direct debit takes its time
