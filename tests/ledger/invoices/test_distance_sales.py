"""Sales to consumers in other member states: the seller's own rate up to the threshold, then the customer's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import Basis
from ledger.charges.distance import sold_by_year
from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.customers.tax_ids import confirm_vat_id
from ledger.events import kinds
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.invoices.taxing import BillPart, bill_of
from ledger.invoices.voiding import void_invoice
from ledger.jurisdictions.operations import RuleSpec, approve_rule, propose_rule
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
BEGINS = date(2026, 1, 1)


@pytest.fixture
def counted(pia, olg) -> None:
    """The waiver of the shipped rule is taken back by two people."""
    params = {"threshold_minor": 1_000_000, "currency": "EUR", "is_waived": False}
    spec = RuleSpec("distance_threshold", params, BEGINS, "Directive 2006/112/EC, Article 59c", "Finance", country="EU")
    approve_rule(propose_rule(spec, by=pia, at=NOW).pk, by=olg, at=NOW)


def someone(country: str = "FR", **more):
    return open_customer(name="Zoé", country=country, currency=more.pop("currency", "EUR"), by=SYSTEM, at=NOW, **more)


def billed(customer, minor: int, *, on: date = date(2026, 3, 2), currency: str = "EUR") -> Invoice:
    charge = add_charge(customer.pk, amount=Money(minor, currency), description="Course", tax_rate=None,
                        charged_on=on, by=SYSTEM, at=NOW)  # fmt: skip
    return issue_invoice(customer.pk, charge_ids=[charge.pk], issued_on=on, by=SYSTEM, at=NOW)


def rate(invoice: Invoice) -> Decimal:
    return invoice.lines.get().tax_rate


def said(invoice: Invoice) -> dict:
    return invoice.tax_evidence["decisions"]["standard"]["evidence"]["threshold"]


def test_a_seller_that_waived_the_threshold_charges_the_customers_rate_from_the_first_cent():
    assert rate(billed(someone(), 100)) == 20


def test_up_to_ten_thousand_euros_the_sellers_rate_and_from_the_bill_that_crosses_it_the_customers(counted):
    zoe, piet = someone("FR"), someone("NL")

    below, exactly = billed(zoe, 600_000), billed(piet, 400_000)
    above, after = billed(piet, 1), billed(zoe, 100)

    assert [rate(bill) for bill in (below, exactly, above, after)] == [19, 19, 21, 20]
    assert said(exactly) == {"limit_minor": 1_000_000, "currency": "EUR", "sold_minor": 1_000_000, "is_within": True}
    crossed = Event.objects.get(kind=kinds.DISTANCE_THRESHOLD_CROSSED)
    assert (crossed.subject, crossed.data["invoice"]) == ("distance_threshold:2026", above.number)
    assert sold_by_year("EUR", date(2026, 3, 2))[2026] == eur(1_000_101)


def test_once_crossed_it_holds_for_that_year_and_the_next(counted):
    zoe = someone()
    big = billed(zoe, 1_000_001, on=date(2026, 12, 30))
    void_invoice(big.pk, reason="Wrong customer", bill_again=False, by=SYSTEM, at=NOW)

    assert rate(billed(zoe, 100, on=date(2027, 12, 31))) == 20
    assert rate(billed(zoe, 100, on=date(2028, 1, 1))) == 19


def test_sales_at_home_to_businesses_with_an_id_and_abroad_are_not_counted(counted, olg):
    delta = someone("NL", kind="business", vat_id="NL004495445B01")
    confirm_vat_id(delta.pk, source="VIES", by=olg, at=NOW)
    for customer in (delta, someone("DE"), someone("US")):
        billed(customer, 5_000_000)

    assert rate(billed(someone(), 1_000_000)) == 19


def test_what_was_sold_before_the_count_began_counts_though_no_rule_asked(pia, olg, db):
    billed(someone(), 1_500_000, on=date(2026, 2, 1))
    params = {"threshold_minor": 1_000_000, "currency": "EUR", "is_waived": False}
    spec = RuleSpec("distance_threshold", params, BEGINS, "Article 59c", "Finance", country="EU")
    approve_rule(propose_rule(spec, by=pia, at=NOW).pk, by=olg, at=NOW)

    assert rate(billed(someone(), 100)) == 20


def test_a_price_with_its_tax_inside_keeps_its_price_and_counts_without_tax(counted):
    zoe = someone()
    tariff = Tariff(Model.FLAT, "EUR", flat_minor=1_190_000)
    basis = Basis("one_off", "pass", "Pass", tariff, includes_tax=True)

    within = bill_of(zoe, [BillPart(basis=basis)], date(2026, 3, 2))
    charge = add_charge(zoe.pk, amount=eur(1_190_000), basis=basis, kind="one_off", description="Pass", tax_rate=None,
                        by=SYSTEM, at=NOW)  # fmt: skip
    billed(zoe, 1)
    above = bill_of(zoe, [BillPart(basis=basis)], date(2026, 3, 2))

    assert (within.net, within.tax) == (eur(1_000_000), eur(190_000))  # 11,900.00 holds 1,900.00 at 19 %
    assert (charge.amount_minor, charge.tax_rate) == (1_000_000, 19)
    assert (above.net, above.tax) == (eur(991_667), eur(198_333))  # and 1,983.33 at 20 %
    assert not Event.objects.filter(kind=kinds.DISTANCE_THRESHOLD_CROSSED).exists()  # looked at, not billed
