"""Tax inside prices: the parts are the prices, whatever the amounts, and near the tax inside their sum."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import Basis
from ledger.customers.models import Customer
from ledger.invoices.taxing import BillPart, bill_of
from tests.conftest import NOW

PRICES = st.lists(st.integers(0, 10**7), min_size=1, max_size=12)
RATES = st.sampled_from([Decimal(rate) for rate in ("5.5", "7", "8.1", "19", "25.5", "27")])


@settings(max_examples=60)
@given(prices=PRICES, rate=RATES)
def test_net_and_tax_of_each_line_are_its_price_and_the_tax_is_within_half_a_cent_a_line_of_that_of_the_sum(
    prices, rate
):
    parts = [
        BillPart(basis=Basis("plan", "plus", "Plus", Tariff(Model.FLAT, "EUR", flat_minor=price), includes_tax=True),
                 tax_rate=rate)
        for price in prices
    ]  # fmt: skip

    bill = bill_of(Customer(currency="EUR"), parts, NOW.date())

    assert [(line.net + line.tax).minor for line in bill.lines] == prices
    assert (bill.net + bill.tax).minor == sum(prices)
    exact = Fraction(sum(prices)) * Fraction(rate) / (100 + Fraction(rate))
    assert abs(bill.tax.minor - exact) <= Fraction(len(prices), 2)
