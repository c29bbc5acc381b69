"""A bill paid from abroad in the workspace: its four lines, words for the reply, and whose a fee is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.fx.models import ExchangeRate
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from tests.billing_desk.workspace.conftest import NOW, SYSTEM

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(sign_in):
    """Mia's browser."""
    return sign_in("mia")


@pytest.fixture
def swiss_bill(ana: Customer) -> Invoice:
    """20.00 EUR with 8.1 % tax for Ana, who lives in Zürich; a euro was 0.94 francs."""
    Customer.objects.filter(pk=ana.pk).update(country="CH", language="de-CH")
    ExchangeRate.objects.create(base="EUR", quote="CHF", rate=Decimal("0.94"), on=date(2026, 3, 2), source="ECB",
                                recorded_at=NOW, recorded_by="system:test")  # fmt: skip
    charge = add_charge(ana.pk, amount=Money(2000, "EUR"), description="Plus", tax_rate=Decimal("8.1"),
                        charged_on=date(2026, 3, 2), by=SYSTEM, at=NOW)  # fmt: skip
    return issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=NOW)


def test_the_bill_and_the_pane_show_four_lines_only_for_somebody_abroad(mia, case, ana, swiss_bill):
    page = mia.get(f"/desk/invoices/{swiss_bill.pk}/").content.decode()
    pane = mia.get(f"/desk/tickets/{case.pk}/headline", headers=HTMX).content.decode()

    for shown in (page, pane):
        assert "Paid from abroad" in shown
        assert "Tax (8.1 %)" in shown
        assert "Your bank exchanges at its own rate; on Mar 2, 2026 1 EUR was 0.94 CHF (ECB)" in shown
        assert "that fee is not ours" in shown
    assert "Put into the reply" in pane

    Customer.objects.filter(pk=ana.pk).update(country="DE")
    assert "Paid from abroad" not in mia.get(f"/desk/invoices/{swiss_bill.pk}/").content.decode()


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"what": "abroad"}, "Ihre Bank rechnet zu ihrem Kurs um; am 02.03.2026 war 1 EUR 0.94 CHF (ECB)"),
        ({"what": "fee", "fee": "0.32"}, "ist nicht von uns"),
        ({"what": "fee", "fee": "1,62"}, "ist ein Teil unserer Abbuchung"),
        ({"what": "fee", "fee": "a lot"}, "a lot"),
    ],
)
def test_the_words_for_the_customer_go_into_the_reply_in_their_language(mia, case, swiss_bill, what, expected):
    answer = mia.post(f"/desk/tickets/{case.pk}/explain", {**what, "text": "Guten Tag,", "key": "k1"}, headers=HTMX)

    assert expected in answer.content.decode()
    assert "Guten Tag," in answer.content.decode()
