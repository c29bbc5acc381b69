"""bill_of: net, tax and total of a bill, with several rates, prices that include tax, and rules where none is said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import Basis
from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.invoices.operations import issue_invoice
from ledger.invoices.taxing import BillPart, bill_of
from ledger.jurisdictions.tax import NoTaxRule
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def priced(minor: int, *, includes_tax: bool = False, currency: str = "EUR") -> Basis:
    return Basis("plan", "plus", "Plus", Tariff(Model.FLAT, currency, flat_minor=minor), includes_tax=includes_tax)


def test_each_rate_of_a_bill_is_taxed_on_its_sum_and_a_price_with_tax_keeps_its_total():
    parts = [
        BillPart(amount=eur(99), tax_rate=Decimal(19)),
        BillPart(amount=eur(99), tax_rate=Decimal(19)),
        BillPart(amount=eur(1010), tax_rate=Decimal(7)),
        BillPart(basis=priced(1190, includes_tax=True), tax_rate=Decimal(19)),
    ]

    bill = bill_of(Customer(currency="EUR"), parts, TODAY)

    # 1.98 × 0.19 = 0.3762; 10.10 × 0.07 = 0.707; 11.90 holds 1.90
    assert [line.tax.minor for line in bill.lines] == [19, 19, 71, 190]
    assert (bill.net, bill.tax, bill.total) == (eur(99 + 99 + 1010 + 1000), eur(299), eur(2507))


def test_prices_that_include_tax_add_up_to_what_was_said_whatever_the_rounding():
    parts = [BillPart(basis=priced(999, includes_tax=True), tax_rate=Decimal(19)) for _ in range(3)]

    assert bill_of(Customer(currency="EUR"), parts, TODAY).total == eur(2997)


@pytest.mark.parametrize(("rate", "net", "tax"), [("25", 800, 200), ("11.1111", 900, 100)])
def test_tax_is_taken_out_of_an_inclusive_price(rate, net, tax):  # case X01
    bill = bill_of(
        Customer(currency="USD"),
        [BillPart(basis=priced(1000, includes_tax=True, currency="USD"), tax_rate=Decimal(rate))],
        TODAY,
    )

    assert (bill.net, bill.tax) == (Money(net, "USD"), Money(tax, "USD"))


def test_tax_is_added_to_an_exclusive_price():  # case X02
    bill = bill_of(Customer(currency="USD"), [BillPart(amount=Money(1000, "USD"), tax_rate=Decimal(20))], TODAY)

    assert bill.total == Money(1200, "USD")


def test_a_free_line_bears_no_tax():
    bill = bill_of(Customer(currency="EUR"), [BillPart(amount=eur(0), tax_rate=Decimal(19))], TODAY)

    assert bill.total == eur(0)


def test_where_no_rate_is_said_the_rules_of_the_customers_country_decide_and_the_bill_keeps_why():
    ana = open_ana()
    add_charge(ana.pk, amount=eur(10000), description="Plus", tax_rate=None, by=SYSTEM, at=NOW)

    invoice = issue_invoice(ana.pk, by=SYSTEM, at=NOW)

    assert (invoice.tax_minor, invoice.lines.get().tax_treatment) == (1900, "standard")  # Germany: 19 %
    said = invoice.tax_evidence["decisions"]["standard"]
    assert (Decimal(said["rate"]), said["evidence"]["country"]) == (Decimal(19), "DE")
    assert said["rule_ids"]


def test_a_price_with_tax_inside_is_earned_net_and_billed_as_it_was_said():
    ana = open_ana()
    made = add_charge(
        ana.pk, amount=eur(2500), basis=priced(2500, includes_tax=True), kind="plan", description="Plus",
        tax_rate=None, by=SYSTEM, at=NOW,
    )  # fmt: skip

    invoice = issue_invoice(ana.pk, by=SYSTEM, at=NOW)

    assert (made.amount, made.included_tax_minor) == (eur(2101), 399)  # 25.00 × 19/119 = 3.9916
    assert invoice.total == eur(2500)
    assert invoice.tax_evidence["decisions"]["standard"]["treatment"] == "standard"
    assert balance("revenue", "EUR") == eur(2101)
    assert first_break() is None


def test_a_country_without_a_rule_blocks_the_bill():
    someone = open_customer(name="Nia", country="AQ", currency="EUR", by=SYSTEM, at=NOW)
    add_charge(someone.pk, amount=eur(100), description="Plus", tax_rate=None, by=SYSTEM, at=NOW)

    with pytest.raises(NoTaxRule):
        issue_invoice(someone.pk, by=SYSTEM, at=NOW)
    assert balance("receivable", "EUR", customer_id=someone.pk) == eur(0)


def test_a_bill_in_the_book_currency_is_worth_itself_and_one_without_any_rates_says_so():
    ana = open_ana()
    chi = open_customer(name="Chi", country="JP", currency="JPY", by=SYSTEM, at=NOW)
    add_charge(ana.pk, amount=eur(100), description="Plus", by=SYSTEM, at=NOW)
    add_charge(chi.pk, amount=Money(500, "JPY"), description="Plus", by=SYSTEM, at=NOW)

    home, abroad = issue_invoice(ana.pk, by=SYSTEM, at=NOW), issue_invoice(chi.pk, by=SYSTEM, at=NOW)

    assert (home.book_rate, home.book_rate_source) == (Decimal(1), "book currency")
    assert (abroad.book_rate, abroad.book_rate_source) == (None, "rate missing")
