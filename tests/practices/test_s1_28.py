"""S1-28: common situations recognise themselves from the data of an account, and say what they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.charges.operations import add_charge
from ledger.customers.queries import NoSuchCustomer
from ledger.disputes.operations import open_dispute
from ledger.explanations.scenarios.recognising import DETECTORS, recognise
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice, issue_invoice
from ledger.invoices.voiding import void_invoice
from ledger.invoices.writing_off import give_up_invoice
from ledger.payments.models import Payment
from ledger.payments.operations import record_failure, record_payment
from ledger.periods import Period
from ledger.refunds.operations import request_refund
from ledger.subscriptions.terms import What
from tests.conftest import NOW, berlin
from tests.ledger.explanations.worlds import EARLY, ana_upgrades, bills_of, change, sell, subscribed
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture
def ana():
    return open_ana(at=EARLY)


def found(customer, *, today: date = TODAY, **about: int) -> list[str]:
    return [one.scenario for one in recognise(customer.pk, today=today, **about)]


def test_there_are_at_least_twenty_five():
    assert len(DETECTORS) >= 25


def test_the_same_charge_twice_and_once_it_is_credited_no_more(ana):
    first = bill(ana, 2500)
    second = bill(ana, 2500)

    (finding,) = recognise(ana.pk, today=TODAY)
    assert finding.scenario == "double_charge"
    assert {f"invoice:{first.pk}", f"invoice:{second.pk}"} < set(finding.refs)
    assert "€25.00 stands on two bills for the same days" in finding.for_customer("en")

    issue_credit_note(second.lines.get().pk, amount=eur(2500), reason="Twice", by=SYSTEM, at=NOW)
    assert "double_charge" not in found(ana)


def test_a_plan_that_another_system_charged_again_is_a_double_charge(ana):
    sell("plus", 2500)
    subscribed(ana, "plus", date(2026, 3, 1))
    (invoice,) = bills_of(ana, at=berlin(2026, 3, 1, 6))
    billed = invoice.lines.get().charge

    again = add_charge(
        ana.pk,
        amount=billed.amount,
        description=billed.description,
        tax_rate=billed.invoice_line.tax_rate,
        period=Period(billed.period_start, billed.period_end),
        by=SYSTEM,
        at=NOW,
    )
    issue_invoice(ana.pk, charge_ids=[again.pk], by=SYSTEM, at=NOW)

    assert found(ana)[0] == "double_charge"


def test_a_change_in_the_middle_of_a_month():
    subscription, _, invoice = ana_upgrades()

    findings = recognise(subscription.customer_id, today=date(2026, 3, 17), invoice_id=invoice.pk)

    (said,) = [one for one in findings if one.scenario == "proration_after_change"]
    assert said.for_customer("en") == (
        "You changed your plan on 16 March 2026, so Plus was billed for 16 of 31 days: €12.90. "
        "For the days of the old plan that you did not use, €5.16 came back."
    )


def test_a_hold_that_drops_by_itself_until_it_has_dropped(ana):
    Payment.objects.create(
        number="P-1", customer=ana, amount_minor=2500, currency="EUR", received_on=date(2026, 2, 27), created_at=NOW
    )

    (finding,) = recognise(ana.pk, today=TODAY)
    assert finding.title("en") == "Authorisation hold"
    assert "the hold drops by 6 March 2026" in finding.for_customer("en")
    assert found(ana, today=date(2026, 3, 7)) == []


def test_a_card_that_failed_and_then_worked(ana):
    bill(ana, 2500)
    record_failure(ana.pk, amount=eur(2500), code="insufficient_funds", by=SYSTEM, at=NOW)
    assert found(ana) == ["payment_failed"]

    pay(ana, 2500, at=berlin(2026, 3, 2, 12))
    assert found(ana) == ["failed_then_paid"]


def test_paid_in_part_too_much_and_twice(ana):
    bill(ana, 2500)
    pay(ana, 1000)
    assert found(ana) == ["partial_payment"]

    pay(ana, 2500)
    assert found(ana) == ["overpayment"]

    bill(ana, 4000)
    pay(ana, 3000)
    pay(ana, 3000)
    assert "duplicate_payment" in found(ana)


def test_credit_that_pays_and_is_used_up(ana):
    pay(ana, 1000)
    bill(ana, 700, at=berlin(2026, 3, 2, 11))
    assert "credit_applied" in found(ana)


def test_money_on_its_way_back(ana, mia):
    payment = pay(ana, 2500)
    request_refund(payment.pk, amount=eur(900), reason="Paid too much", proof=prove(ana), by=mia, at=NOW)

    assert "refund_under_way" in found(ana)


def test_a_dispute_holds_its_amount(ana, mia):
    line = bill(ana, 2500).lines.get()
    open_dispute(line.pk, amount=eur(2500), reason="duplicate", proof=prove(ana), by=mia, at=NOW)

    assert "dispute_hold" in found(ana)


def test_a_bill_that_was_withdrawn_and_made_again(ana):
    sell("plus", 2500)
    subscribed(ana, "plus", date(2026, 3, 1))
    (first,) = bills_of(ana, at=berlin(2026, 3, 1, 6))
    void_invoice(first.pk, reason="Wrong address", bill_again=True, by=SYSTEM, at=NOW)
    issue_invoice(ana.pk, by=SYSTEM, at=NOW)

    assert "voided_and_reissued" in found(ana)


def test_a_price_that_rose_a_trial_that_ended_and_a_plan_that_ended(ana):
    sell("plus", 2500)
    subscription = subscribed(ana, "plus", date(2026, 1, 15), trial_days=17)
    bills_of(ana, at=berlin(2026, 2, 1, 6))
    assert found(ana, today=date(2026, 2, 2)) == ["trial_ended"]

    sell("plus", 2700, valid_from=date(2026, 3, 1))
    bills_of(ana, at=berlin(2026, 3, 1, 6))
    assert found(ana) == ["price_rise"]

    change(subscription, What.CANCEL, at=NOW)
    assert set(found(ana)) == {"price_rise", "final_bill"}


def test_a_bill_that_was_given_up(ana, olg):
    invoice = bill(ana, 500)
    give_up_invoice(invoice.pk, reason="Too small to collect", by=olg, at=NOW)

    assert Invoice.objects.get(pk=invoice.pk).state == "uncollectible"
    assert found(ana) == ["written_off"]


def test_two_situations_at_once_are_both_listed_best_fit_first(ana):
    bill(ana, 2500)
    bill(ana, 2500)
    record_failure(ana.pk, amount=eur(5000), code="expired_card", by=SYSTEM, at=NOW)

    assert found(ana) == ["double_charge", "payment_failed"]


def test_an_account_with_nothing_special_is_quiet(ana):
    bill(ana, 2500)
    record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=NOW)

    assert found(ana) == []


def test_a_large_account_takes_no_more_queries_than_a_small_one(ana):
    small = open_ana(email="small@example.com")
    bill(small, 2500)
    pay(small, 1000)
    for day in range(1, 13):
        add_charge(ana.pk, amount=eur(100 * day), description=f"Item {day}", by=SYSTEM, at=NOW)
        issue_invoice(ana.pk, by=SYSTEM, at=NOW)
        pay(ana, 90 * day)

    def queries(customer) -> int:
        with CaptureQueriesContext(connection) as counted:
            recognise(customer.pk, today=TODAY)
        return len(counted)

    assert queries(ana) == queries(small) <= 16


def test_nobody_is_told_about_somebody_elses_account(ana):
    theirs = bill(open_ana(email="bo@example.com"), 2500)

    with pytest.raises(NoSuchInvoice):
        recognise(ana.pk, today=TODAY, invoice_id=theirs.pk)
    with pytest.raises(NoSuchCustomer):
        recognise(10**9, today=TODAY)
