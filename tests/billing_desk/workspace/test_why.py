"""Why a bill is what it is, in the ticket and on the bill: causes that add up, situations, words for the reply."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from tests.billing_desk.workspace.conftest import NOW, SYSTEM


@pytest.fixture
def mia(sign_in):
    """Mia's browser."""
    return sign_in("mia")


@pytest.fixture
def march(ana):
    """The bill after the one of 80.00 EUR in February: 40.00 EUR for the plan and 12.00 EUR for a set-up."""
    charges = [
        add_charge(
            ana.pk,
            amount=Money(minor, "EUR"),
            description=words,
            tax_rate=Decimal(0),
            charged_on=date(2026, 3, 2),
            by=SYSTEM,
            at=NOW,
        )
        for minor, words in ((4000, "Plus monthly"), (1200, "Set-up"))
    ]
    return issue_invoice(ana.pk, charge_ids=[charge.pk for charge in charges], by=SYSTEM, at=NOW)


def test_the_account_pane_says_by_itself_what_it_looks_like_and_leads_to_the_bill(mia, case, march):
    page = mia.get(f"/desk/tickets/{case.pk}/").content.decode()
    lines = mia.get(f"/desk/tickets/{case.pk}/headline", headers={"HX-Request": "true"}).content.decode()
    line = march.lines.first()

    assert f'hx-get="/desk/tickets/{case.pk}/headline"' in page
    assert "Charged twice" in lines
    assert "Put into the reply" in lines
    assert mia.get(f"/desk/entries/invoiceline:{line.pk}").url == f"/desk/invoices/{march.pk}/#line-{line.pk}"
    assert mia.get("/desk/entries/invoiceline:999999").status_code == 404


def test_the_panel_shows_causes_that_add_up_and_what_it_looks_like(mia, case, march):
    page = mia.get(f"/desk/tickets/{case.pk}/why", headers={"HX-Request": "true"}).content.decode()

    assert march.number in page
    assert "+€12.00" in page
    assert "−€40.00" in page
    assert "−€28.00" in page
    assert "charged twice" in page.lower() or "double" in page.lower()
    assert page.count("<li>") >= 3


def test_the_causes_are_put_into_the_reply_below_what_was_typed(mia, case, march):
    answer = mia.post(
        f"/desk/tickets/{case.pk}/explain",
        {"what": "difference", "text": "Dear Ana,", "key": "k1"},
        headers={"HX-Request": "true"},
    ).content.decode()

    typed = answer[answer.index("<textarea") : answer.index("</textarea>")]
    assert typed.index("Dear Ana,") < typed.index("28.00")


def test_a_line_of_a_bill_is_explained_where_it_stands(mia, march):
    page = mia.get(f"/desk/invoices/{march.pk}/").content.decode()

    assert "Journal entries of this line" in page
    assert "Why this bill" in page


def test_a_case_of_nobody_has_no_bill_to_explain(mia, case):
    type(case).objects.filter(pk=case.pk).update(customer=None)

    assert mia.get(f"/desk/tickets/{case.pk}/why").status_code == 404


def test_who_may_only_read_sees_the_causes_and_no_button(sign_in, case, march):
    page = sign_in("qui").get(f"/desk/tickets/{case.pk}/why")

    assert page.status_code in (200, 403)
    assert b"Put into the reply" not in page.content
