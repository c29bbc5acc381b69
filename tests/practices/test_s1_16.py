"""S1-16: a bill line by line: what, period, quantity and price, discount, tax, why; nothing is "misc"."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.catalogue.models import Price, Product
from ledger.charges.operations import InvalidCharge, add_charge
from ledger.explanations.making import explain_bill
from ledger.invoices.explain import explain_invoice
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import NOW, berlin
from tests.ledger.explanations.worlds import bills_of, sell, subscribed
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db

TIERS = [
    {"up_to": "1000", "unit_minor": "0", "flat_minor": 0},
    {"up_to": "10000", "unit_minor": "1.23", "flat_minor": 0},
    {"up_to": None, "unit_minor": "0.85", "flat_minor": 0},
]


def test_every_line_of_a_bill_of_plan_add_on_and_use_is_told():
    sell("plus", 2500, tax="19")
    sell("storage", 500, tax="19", kind="add_on")
    meter = Product.objects.create(code="meter", name="Meter", kind="add_on", meter="calls", unit="call")
    Price.objects.create(
        product=meter, currency="EUR", model="graduated", tiers=TIERS, tax_rate=Decimal(0), valid_from=date(2025, 1, 1)
    )
    ana = open_ana(at=berlin(2026, 1, 5))
    subscription = subscribed(ana, "plus", date(2026, 2, 1), add_ons=[("storage", 1), ("meter", 1)])
    bills_of(ana, at=berlin(2026, 2, 1, 6))
    report_usage(
        [UsageReport(ana.number, "calls", Decimal(12500), berlin(2026, 2, 10), "k1", subscription.pk)],
        by=SYSTEM,
        at=berlin(2026, 2, 11),
    )
    march = bills_of(ana, at=berlin(2026, 3, 1, 6))[-1]

    text = explain_bill(march.pk, "en").text

    assert {line.basis.kind for line in explain_invoice(march.pk, "en").lines} == {"plan", "add_on", "usage"}
    assert "Plus is your plan, from 1 to 31 March 2026: 31 days." in text
    assert "Storage is an add-on to your plan, from 1 to 31 March 2026: 31 days." in text
    assert "Meter is billed by what you used, from 1 to 28 February 2026: 28 days." in text
    assert "9,000 at €0.0123 each are €110.70 and 2,500 at €0.0085 each are €21.25; together €131.95." in text
    assert "Billing periods count from 1 February 2026, by the calendar days of Europe/Berlin." in text
    assert "misc" not in text.lower()


@pytest.mark.parametrize("words", ["", "misc", "Other"])
def test_a_manual_line_without_a_reason_cannot_be_posted(words):
    ana = open_ana()

    with pytest.raises(InvalidCharge):
        add_charge(ana.pk, amount=eur(500), description=words, by=SYSTEM, at=NOW)
