"""issue_invoice, apply_credit, numbers, and what a customer owes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import transaction

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.charges.operations import add_charge, reverse_charge
from ledger.customers.queries import NoSuchCustomer
from ledger.disputes.operations import open_dispute, reject_dispute
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import (
    NoCredit,
    NoSuchInvoice,
    NothingToBill,
    NotOwed,
    apply_credit,
    issue_invoice,
    lock_invoice,
    settle_part,
)
from ledger.invoices.queries import account_summary, find_by_number, get_invoice, invoices_of, open_invoices
from ledger.money import Money
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def charge(customer, minor, *, tax="0", **more):
    return add_charge(
        customer.pk, amount=eur(minor), description="Plus", tax_rate=Decimal(tax), by=SYSTEM, at=NOW, **more
    )


def issue(customer, *charges, **more):
    return issue_invoice(customer.pk, charge_ids=[one.pk for one in charges] or None, by=SYSTEM, at=NOW, **more)


def test_a_bill_asks_for_net_and_tax_and_nothing_waits_any_more(ana):
    invoice = issue(ana, charge(ana, 10000, tax="19"))

    assert (invoice.net_minor, invoice.tax_minor, invoice.total) == (10000, 1900, eur(11900))
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(11900)
    assert balance("unbilled", "EUR", customer_id=ana.pk) == eur(0)
    assert balance("tax_payable", "EUR") == eur(1900)
    assert first_break() is None


def test_three_lines_of_ninety_nine_cents_share_the_tax_on_their_sum(ana):
    invoice = issue(ana, *[charge(ana, 99, tax="19") for _ in range(3)])

    assert invoice.tax_minor == 56  # 2.97 × 0.19 = 0.5643
    assert [line.tax_minor for line in invoice.lines.order_by("position")] == [19, 19, 18]


def test_each_rate_is_rounded_on_its_own(ana):
    invoice = issue(ana, charge(ana, 1010, tax="19"), charge(ana, 1010, tax="7"), charge(ana, 500))

    assert invoice.tax_minor == 192 + 71  # 10.10 × 0.19 = 1.919; 10.10 × 0.07 = 0.707
    assert [line.tax_minor for line in invoice.lines.order_by("position")] == [192, 71, 0]


def test_a_bill_is_due_fourteen_days_after_its_day_where_the_customer_lives(ana):
    late = berlin(2026, 3, 3, 0, 30)
    charge(ana, 100)

    invoice = issue_invoice(ana.pk, by=SYSTEM, at=late)

    assert (invoice.issued_on, invoice.due_on) == (date(2026, 3, 3), date(2026, 3, 17))


def test_numbers_have_no_gap_even_when_a_bill_comes_to_nothing(ana):
    first = issue(ana, charge(ana, 100))
    with transaction.atomic():
        issue(ana, charge(ana, 100))
        transaction.set_rollback(True)

    second = issue(ana, charge(ana, 100))

    assert [first.number, second.number] == ["INV-2026-000001", "INV-2026-000002"]


def test_a_new_year_begins_a_new_series(ana):
    issue(ana, charge(ana, 100), issued_on=date(2026, 12, 31))

    assert issue(ana, charge(ana, 100), issued_on=date(2027, 1, 1)).number == "INV-2027-000001"


def test_a_charge_is_billed_once(ana):
    one = charge(ana, 100)
    issue(ana, one)

    with pytest.raises(NothingToBill):
        issue(ana, one)


def test_a_charge_taken_back_is_not_billed(ana):
    one, other = charge(ana, 100), charge(ana, 200)
    reverse_charge(one.pk, reason="x", by=SYSTEM, at=NOW)

    with pytest.raises(NothingToBill):
        issue(ana, one, other)
    assert issue(ana).total == eur(200)


def test_another_customers_charge_is_not_billed(ana):
    other = open_ana(email="other@example.com")

    with pytest.raises(NothingToBill):
        issue(ana, charge(other, 100))


def test_nothing_waiting_is_no_bill_and_nobody_unknown_gets_one(ana):
    with pytest.raises(NothingToBill):
        issue(ana)
    with pytest.raises(NoSuchCustomer):
        issue_invoice(999, by=SYSTEM, at=NOW)


def test_a_payment_that_was_too_much_pays_the_next_bill(ana):
    bill(ana, 10000)
    pay(ana, 12000)

    second = bill(ana, 5000)

    assert second.due_amount == eur(3000)  # 50.00 − 20.00 of credit
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def test_a_bill_covered_by_credit_is_paid_at_once_and_the_rest_stays_credit(ana):
    pay(ana, 12000)

    invoice = bill(ana, 5000)

    assert invoice.state == "paid"
    assert Event.objects.filter(kind="invoice.paid").count() == 1
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(7000)


def test_credit_pays_the_oldest_debt_before_the_new_bill(ana, mia):
    old = bill(ana, 1000)
    opened = open_dispute(old.lines.get().pk, amount=eur(1000), reason="duplicate", proof=prove(ana), by=mia, at=NOW)
    pay(ana, 1500)  # nothing is due while it is disputed: all of it is credit
    reject_dispute(opened.pk, explanation="It is right.", by=mia, at=NOW)

    new = bill(ana, 2000)

    assert Invoice.objects.get(pk=old.pk).state == "paid"
    assert new.due_amount == eur(1500)  # 20.00 − the 5.00 that were left
    assert first_break() is None


def test_credit_that_is_not_there_pays_nothing(ana):
    pay(ana, 100)
    invoice = bill(ana, 5000)

    with pytest.raises(NoCredit, match=r"0\.00 EUR"):
        apply_credit(invoice.pk, amount=eur(1), by=SYSTEM, at=NOW)


def test_a_part_is_settled_up_to_what_is_due_and_not_a_cent_more(ana):
    invoice = lock_invoice(bill(ana, 5000).pk)

    with pytest.raises(NotOwed, match=r"50\.00 EUR is due"):
        settle_part(invoice, eur(5001), by=SYSTEM, at=NOW)
    with pytest.raises(InvalidInput):
        settle_part(invoice, eur(0), by=SYSTEM, at=NOW)
    with pytest.raises(InvalidInput):
        settle_part(invoice, Money(100, "USD"), by=SYSTEM, at=NOW)


def test_the_database_refuses_an_invoice_settled_twice_and_a_paid_one_with_something_open(ana, owner, transactional_db):
    invoice = bill(ana, 5000)

    with pytest.raises(psycopg.errors.CheckViolation, match="invoice_never_settled_twice"):
        owner.execute("UPDATE ledger_invoice SET paid_minor = 5001 WHERE id = %s", [invoice.pk])
    with pytest.raises(psycopg.errors.CheckViolation, match="invoice_paid_means_nothing_left"):
        owner.execute("UPDATE ledger_invoice SET state = 'paid' WHERE id = %s", [invoice.pk])


def test_the_summary_tells_due_overdue_disputed_and_credit_apart(ana, mia):
    old, new = bill(ana, 3000), bill(ana, 2000, 1000)
    Invoice.objects.filter(pk=old.pk).update(due_on=date(2026, 2, 27))
    open_dispute(new.lines.get(position=2).pk, amount=eur(1000), reason="duplicate", proof=prove(ana), by=mia, at=NOW)

    summary = account_summary(ana.pk, today=date(2026, 3, 2))

    assert (summary.owed, summary.due, summary.overdue) == (eur(6000), eur(5000), eur(3000))
    assert (summary.disputed, summary.credit, summary.next_due_on) == (eur(1000), eur(0), new.due_on)


@pytest.mark.parametrize(("today", "overdue"), [(date(2026, 3, 16), 0), (date(2026, 3, 17), 3000)])
def test_a_bill_is_overdue_the_day_after_it_is_due_and_not_before(ana, today, overdue):
    bill(ana, 3000)  # issued on 2 March, due on the 16th

    assert account_summary(ana.pk, today=today).overdue == eur(overdue)


def test_a_bill_is_found_by_its_number_and_never_for_somebody_else(ana):
    invoice, other = bill(ana, 100), open_ana(email="other@example.com")

    assert find_by_number(f" {invoice.number.lower()} ").pk == invoice.pk
    assert get_invoice(invoice.pk, customer_id=ana.pk).pk == invoice.pk
    with pytest.raises(NoSuchInvoice):
        get_invoice(invoice.pk, customer_id=other.pk)
    with pytest.raises(NoSuchInvoice):
        lock_invoice(999)


def test_bills_are_read_newest_first_with_a_fixed_number_of_queries(ana, django_assert_num_queries):
    made = [bill(ana, 100, 200).pk for _ in range(4)]

    with django_assert_num_queries(3):
        found = invoices_of(ana.pk, limit=3)
        assert [len(invoice.lines.all()) for invoice in found] == [2, 2, 2]

    assert [invoice.pk for invoice in found] == made[:0:-1]
    assert [invoice.pk for invoice in invoices_of(ana.pk, before=made[1])] == made[:1]
    assert [invoice.pk for invoice in open_invoices(ana.pk)] == made


def test_an_adjustment_of_an_unpaid_line_is_owed_less(ana):
    invoice = bill(ana, 10000)

    issue_credit_note(invoice.lines.get().pk, amount=eur(1000), reason="Too much", by=SYSTEM, at=NOW)

    assert Invoice.objects.get().due_amount == eur(9000)  # 100.00 − 10.00, nothing as credit
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(0)


def test_an_adjustment_of_a_paid_line_becomes_credit(ana):
    invoice = bill(ana, 10000)
    pay(ana, 10000)

    issue_credit_note(invoice.lines.get().pk, amount=eur(1000), reason="Too much", by=SYSTEM, at=NOW)

    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None
