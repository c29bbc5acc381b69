"""S2-10: a statement adds up, and three sentences say it on the phone."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.explanations.phone import bill_script, statement_scripts
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.operations import NoSuchInvoice, issue_invoice
from ledger.invoices.statements import statements_of
from ledger.money import Money
from tests.conftest import NOW, berlin
from tests.ledger.explanations.worlds import ana_upgrades
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def ana() -> Customer:
    """25.00 of February open; in March two bills, a payment and a credit note."""
    ana = open_ana(at=berlin(2026, 2, 1))
    bill(ana, 2500, at=berlin(2026, 2, 2))
    first, _ = bill(ana, 1000, at=NOW), bill(ana, 4000, at=berlin(2026, 3, 5))
    issue_credit_note(first.lines.get().pk, amount=eur(500), reason="Outage", by=SYSTEM, at=berlin(2026, 3, 6))
    pay(ana, 3000, at=berlin(2026, 3, 7))
    return ana


def said(explanation) -> list[str]:
    explanation.check(explanation.text)
    return [sentence.text.replace("\u00a0", " ") for sentence in explanation.sentences]


def test_a_statement_is_said_in_three_sentences(ana):
    (script,) = statement_scripts(ana.pk, FIRST, LAST, "en")

    assert said(script) == [
        "At the start of 1 March 2026 you owed us €25.00.",
        "Up to 31 March 2026 there came 2 bills of €50.00 together, a credit note of €5.00 and a payment of €30.00.",
        "So at the end of 31 March 2026 you owe us €40.00.",  # 25.00 + 50.00 - 5.00 - 30.00
    ]
    assert len(said(statement_scripts(ana.pk, FIRST, LAST, "de-DE")[0])) == 3


def test_opening_and_movements_make_closing_for_all_customers(ana):
    open_ana(email="quiet@example.com")
    ana_upgrades()

    for customer in Customer.objects.all():
        for found in statements_of(customer.pk, FIRST, LAST):
            moved = sum(movement.amount.minor for movement in found.movements)
            assert found.opening.minor + moved == found.closing.minor


def test_an_account_where_nothing_happened_says_so():
    (script,) = statement_scripts(open_ana().pk, FIRST, LAST, "en")

    assert said(script) == [
        "At the start of 1 March 2026 nothing was owed on either side.",
        "Up to 31 March 2026 nothing happened.",
        "So at the end of 31 March 2026 nothing is owed on either side.",
    ]


def test_after_a_change_of_currency_each_currency_has_its_own_script(ana):
    Customer.objects.filter(pk=ana.pk).update(currency="USD")
    charge = add_charge(ana.pk, amount=Money(700, "USD"), description="Plus 9", by=SYSTEM, at=berlin(2026, 3, 9))
    issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=berlin(2026, 3, 9))

    dollars, euros = (said(script) for script in statement_scripts(ana.pk, FIRST, LAST, "en"))

    assert "you owe us $7.00" in dollars[2]
    assert "you owe us €40.00" in euros[2]


def test_a_bill_is_said_in_three_sentences():
    *_, changed = ana_upgrades()

    assert said(bill_script(changed.pk, "en")) == [
        f"Your bill {changed.number} of 16 March 2026 comes to €12.90, for Plus.",
        "Your bill rose by €7.74: €12.90 Plus for 16 days, less €5.16 Basic unused.",
        "Of it €12.90 is open and due on 30 March 2026.",
    ]


def test_the_script_of_somebody_elses_bill_is_not_there(ana):
    *_, theirs = ana_upgrades()

    with pytest.raises(NoSuchInvoice):
        bill_script(theirs.pk, "en", customer_id=ana.pk)
