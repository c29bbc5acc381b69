"""Bills of the billing run, with seats, use, discounts and tax by rule: explained to the cent, nothing unexplained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.catalogue.models import Price, Product
from ledger.discounts.operations import grant_discount
from ledger.discounts.terms import DiscountTerms
from ledger.explanations.differences import Against, explain_difference
from ledger.explanations.expecting import expected_bill
from ledger.explanations.making import explain_bill
from ledger.explanations.scenarios.recognising import recognise
from ledger.invoices.models import Invoice
from ledger.subscriptions.terms import What
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import berlin
from tests.ledger.explanations.worlds import EARLY, bills_of, change, sell, subscribed
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
TIERS = [
    {"up_to": "1000", "unit_minor": "0", "flat_minor": 0},
    {"up_to": None, "unit_minor": "1.23", "flat_minor": 0},
]


@pytest.fixture
def bills(pia) -> list[Invoice]:
    """Seats with a discount on the first bill; in March use above what is free; in April two seats more."""
    sell("seats", 0, tax=None, model="per_unit", unit_minor=Decimal(1000))
    meter = Product.objects.create(code="calls", name="Calls", kind="add_on", meter="calls", unit="call")
    Price.objects.create(product=meter, currency="EUR", model="graduated", tiers=TIERS, valid_from=date(2025, 1, 1))
    ana = open_ana(at=EARLY)
    save = DiscountTerms("SAVE-20", percent=Decimal(20), expected_bill=eur(10000))
    grant_discount(ana.pk, terms=save, reason="Welcome", by=pia, at=EARLY)
    subscription = subscribed(ana, "seats", date(2026, 2, 1), quantity=10, add_ons=[("calls", 1)])
    bills_of(ana, at=berlin(2026, 2, 1, 6))
    report_usage(
        [UsageReport(ana.number, "calls", Decimal(3000), berlin(2026, 2, 10), "k1", subscription.pk)],
        by=SYSTEM,
        at=berlin(2026, 2, 11),
    )
    bills_of(ana, at=berlin(2026, 3, 1, 6))
    change(subscription, What.QUANTITY, quantity=12, at=berlin(2026, 3, 16, 11))
    return bills_of(ana, at=berlin(2026, 4, 1, 6))


def causes(found) -> list[tuple[str, str, int]]:
    return [(cause.kind, cause.subject, cause.minor) for cause in found.difference.causes]


def test_each_bill_against_the_one_before(bills):
    february, march, more_seats, april = bills

    # 100.00 - 20.00 and 19 %: 95.20. March: 100.00 + 2,000 x 0.0123 = 124.60 and 19 %: 148.27.
    assert [bill.total for bill in bills] == [eur(9520), eur(14827), eur(7371), eur(14280)]
    assert causes(explain_difference(march.pk, "en")) == [("added", "Calls", 2927), ("discount", "SAVE-20", 2380)]
    # 12 seats for 16 of 31 days, 61.94, less 10 seats for the same days, 51.61; with tax 73.71 and 61.42.
    assert causes(explain_difference(more_seats.pk, "en")) == [("added", "Seats", 7371), ("unused", "Seats", -6142)]
    assert february.total.minor + 2927 + 2380 == march.total.minor
    found = explain_difference(april.pk, "en")
    assert found.old == eur(14827 + 7371 - 6142)
    assert found.difference.total == eur(14280 - 16056)
    assert sum(cause.minor for cause in found.difference.causes) == -1776


def test_every_amount_of_the_texts_has_a_source_and_no_line_is_left_to_its_amount(bills):
    for bill in bills:
        for language in ("en", "de-DE"):
            for explanation in (explain_bill(bill.pk, language), explain_difference(bill.pk, language).explanation):
                explanation.check(explanation.text)
        kinds = {cause.kind for cause in explain_difference(bill.pk, "en").difference.details}
        assert not kinds & {"amount", "rounding", "other"}


def test_the_situations_of_the_account_are_recognised(bills):
    ana = bills[0].customer_id

    march = {found.scenario for found in recognise(ana, today=date(2026, 3, 2), invoice_id=bills[1].pk)}
    changed = {found.scenario for found in recognise(ana, today=date(2026, 3, 17), invoice_id=bills[2].pk)}

    assert march == {"expired_discount", "usage_above_free"}
    assert "proration_after_change" in changed


def test_the_expected_bill_is_the_one_that_comes_until_something_changes():
    sell("plus", 2500, tax=None)
    ana = open_ana(at=EARLY)
    subscription = subscribed(ana, "plus", date(2026, 2, 1))
    bills_of(ana, at=berlin(2026, 2, 1, 6))
    expected = expected_bill(subscription.pk, at=berlin(2026, 2, 2))
    march = bills_of(ana, at=berlin(2026, 3, 1, 6))[-1]

    as_expected = explain_difference(march.pk, "en", against=Against.EXPECTED, expected=expected)
    assert as_expected.headline == "Your bill is as expected."

    expected = expected_bill(subscription.pk, at=berlin(2026, 3, 2))
    sell("plus", 2600, tax=None, valid_from=date(2026, 4, 1))
    april = bills_of(ana, at=berlin(2026, 4, 1, 6))[-1]
    found = explain_difference(april.pk, "en", against=Against.EXPECTED, expected=expected)
    assert causes(found) == [("price", "Plus", 119)]  # 1.00 and 19 %


def test_explaining_a_difference_asks_the_database_a_fixed_number_of_times(bills):
    def queries(invoice: Invoice) -> int:
        with CaptureQueriesContext(connection) as counted:
            explain_difference(invoice.pk, "en")
        return len(counted)

    assert queries(bills[3]) == queries(bills[1]) <= 11
