"""S0-21: why this bill differs from the last and from the expected one, exactly, in plain words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.events.actor import Actor
from ledger.explanations.bills import compared_with_last
from ledger.explanations.differences import Against, explain_difference
from ledger.fx.operations import add_rates
from ledger.fx.rates import Rate
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.difference import BillFacts
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice, issue_invoice
from ledger.money import Money
from ledger.subscriptions.terms import What, When
from tests.conftest import berlin
from tests.ledger.explanations.worlds import ana_upgrades, bills_of, change, sell, subscribed
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana

OLG = Actor.agent(4, name="Olg", roles=frozenset({"finance"}))
pytestmark = pytest.mark.django_db


def causes(found) -> list[tuple[str, str, int]]:
    return [(cause.kind, cause.subject, cause.minor) for cause in found.difference.causes]


def test_the_bill_rose_by_plus_for_sixteen_days_less_basic_unused():
    *_, bill = ana_upgrades()

    found = explain_difference(bill.pk, "en")

    # 25.00 x 16/31 = 12.90; 10.00 x 16/31 = 5.16 back
    assert found.headline == "Your bill rose by €7.74: €12.90 Plus for 16 days, less €5.16 Basic unused."
    german = explain_difference(bill.pk, "de-DE").headline.replace("\u00a0", " ")
    assert german == (
        "Ihre Rechnung ist um 7,74 € gestiegen: 12,90 € Plus für 16 Tage, abzüglich 5,16 € Basic nicht genutzt."
    )


def test_the_next_bill_is_compared_with_all_of_the_period_before():
    subscription, _, _ = ana_upgrades()
    april = bills_of(subscription.customer, at=berlin(2026, 4, 1, 6))[-1]

    found = explain_difference(april.pk, "en")

    assert (found.old, found.new) == (eur(1774), eur(2500))  # 10.00 + 12.90 - 5.16
    assert causes(found) == [
        ("part", "Plus", 1210),  # 25.00 for the whole month instead of 12.90
        ("removed", "Basic", -1000),
        ("unused", "Basic", 516),
    ]
    assert found.explanation.sentences[2].text == (
        "€12.10 more: Plus is billed for the whole period instead of 16 of 31 days."
    )


def test_every_sentence_leads_to_the_entries_of_the_lines_it_compares():
    *_, bill = ana_upgrades()

    found = explain_difference(bill.pk, "en")

    assert all(sentence.entries and sentence.lines for sentence in found.explanation.sentences)


def test_the_first_bill_ever_is_explained_as_new():
    sell("basic", 1000)
    ana = open_ana()
    subscribed(ana, "basic", date(2026, 3, 1))
    (bill,) = bills_of(ana, at=berlin(2026, 3, 1, 6))

    found = explain_difference(bill.pk, "en")

    assert found.old is None
    assert found.headline == "This is your first bill of this kind; it comes to €10.00: €10.00 Basic."


def test_a_credit_note_on_the_last_bill_is_a_cause_of_its_own():
    sell("basic", 1000)
    ana = open_ana()
    subscribed(ana, "basic", date(2026, 2, 1))
    (february,) = bills_of(ana, at=berlin(2026, 2, 1, 6))
    line = february.lines.get()
    issue_credit_note(line.pk, amount=eur(200), reason="Outage on 3 February", by=SYSTEM, at=berlin(2026, 2, 5))
    march = bills_of(ana, at=berlin(2026, 3, 1, 6))[-1]

    found = explain_difference(march.pk, "en")

    assert causes(found) == [("credit", "Basic", 200)]
    assert "Outage on 3 February" in found.explanation.text


def test_a_line_that_is_gone_is_named_with_the_reason_and_zero_shows_both_sides():
    sell("basic", 1000)
    sell("storage", 500, kind="add_on")
    sell("support", 500, kind="add_on")
    ana = open_ana()
    subscription = subscribed(ana, "basic", date(2026, 2, 1), add_ons=[("storage", 1)])
    bills_of(ana, at=berlin(2026, 2, 1, 6))
    change(subscription, What.DROP_ADD_ON, add_on="storage", at=berlin(2026, 2, 20))
    change(subscription, What.TAKE_ADD_ON, add_on="support", when=When.PERIOD_END, at=berlin(2026, 2, 20))
    march = bills_of(ana, at=berlin(2026, 3, 1, 6))[-1]

    found = explain_difference(march.pk, "en")

    assert not found.difference.total
    assert sorted(causes(found)) == [("added", "Support", 500), ("removed", "Storage", -500)]
    assert found.headline == (
        "Your bill is as high as before, though its parts changed: €5.00 Support, less €5.00 Storage no longer billed."
    )
    assert "Storage was dropped" in found.explanation.text


def test_a_bill_is_compared_with_what_was_expected():
    sell("basic", 1000)
    ana = open_ana()
    subscribed(ana, "basic", date(2026, 2, 1))
    bills_of(ana, at=berlin(2026, 2, 1, 6))
    expected = expected_as_before(ana)
    sell("basic", 1200, valid_from=date(2026, 3, 1))
    march = bills_of(ana, at=berlin(2026, 3, 1, 6))[-1]

    found = explain_difference(march.pk, "en", against=Against.EXPECTED, expected=expected)

    assert found.headline == "Your bill is €2.00 higher than expected: €2.00 the price of Basic."
    assert "since 1 March 2026: €12.00 instead of €10.00" in found.explanation.text


def expected_as_before(customer: Customer) -> BillFacts:
    """Return the next bill as the last one was: what a forecast without a price rise says."""
    return compared_with_last(Invoice.objects.get(customer=customer).pk).new


def test_another_currency_is_compared_at_the_rates_of_the_two_days():
    ana = open_ana()
    bill(ana, 10000, at=berlin(2026, 2, 2))
    Customer.objects.filter(pk=ana.pk).update(currency="USD")
    rates = [("1.10", date(2026, 2, 2)), ("1.05", date(2026, 3, 2))]
    quoted = [Rate(Decimal(rate), "a bank", on, "EUR", "USD") for rate, on in rates]
    add_rates(quoted, by=OLG, at=berlin(2026, 3, 2))
    charge = add_charge(ana.pk, amount=Money(12000, "USD"), description="Plus 1", by=SYSTEM, at=berlin(2026, 3, 2))
    march = issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=berlin(2026, 3, 2))

    found = explain_difference(march.pk, "en")

    # 100.00 EUR was 110.00 USD on its day, and would be 105.00 USD on the day of the new bill.
    assert (found.old, found.new) == (Money(11000, "USD"), Money(12000, "USD"))
    assert causes(found) == [("price", "Plus 1", 1250), ("fx", "EUR", -250)]
    assert "The bill before was in EUR" in found.explanation.text


def test_someone_elses_bill_is_not_explained():
    *_, theirs = ana_upgrades()
    bo = open_ana(email="bo@example.com")

    with pytest.raises(NoSuchInvoice):
        explain_difference(theirs.pk, "en", customer_id=bo.pk)
