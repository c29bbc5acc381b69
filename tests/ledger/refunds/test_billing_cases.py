"""Rows R and C of the billing cases that are about refunds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.charges.operations import add_charge
from ledger.errors import DomainError
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.payments.models import Payment
from ledger.payments.operations import record_processor_fee
from ledger.refunds.operations import RefundTooLarge, request_refund
from ledger.refunds.paying import pay_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def give_back(payment, minor, by, *, goodwill):
    refund = request_refund(
        payment.pk, amount=eur(minor), reason="x", proof=prove(payment.customer), is_goodwill=goodwill, by=by, at=NOW
    )
    return pay_refund(refund.pk, at=NOW)


def test_r02_three_partial_refunds_add_up_and_a_gift_makes_no_debt(ana, pia):
    invoice = bill(ana, 24995)
    payment, line = pay(ana, 24995), invoice.lines.get()

    given = []
    for minor, with_credit in ((1000, False), (100, True), (1000, True)):
        if with_credit:
            issue_credit_note(line.pk, amount=eur(minor), reason="Too much", by=SYSTEM, at=NOW)
        give_back(payment, minor, pia, goodwill=not with_credit)
        given.append(Payment.objects.get().refunded_minor)

    assert given == [1000, 1100, 2100]
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)  # a gift is our cost, not a new debt
    assert balance("goodwill", "EUR") == eur(1000)
    assert first_break() is None


@pytest.mark.parametrize(("paid", "asked"), [(1000, 0), (100, 1000), (1000, 1001)])
def test_r04_and_r10_nothing_and_more_than_there_is_are_refused(ana, pia, paid, asked):
    payment = pay(ana, paid)

    with pytest.raises(RefundTooLarge):
        give_back(payment, asked, pia, goodwill=True)


def test_r10_what_is_refunded_in_full_gives_nothing_more(ana, pia):
    payment = pay(ana, 3000)
    give_back(payment, 3000, pia, goodwill=False)

    with pytest.raises(RefundTooLarge, match=r"Only 0\.00 EUR"):
        give_back(payment, 1, pia, goodwill=True)


def test_r08_the_processors_fee_stays_our_cost_when_the_payment_is_refunded(ana, pia):
    bill(ana, 3000)
    payment = pay(ana, 3000)
    record_processor_fee(payment.pk, amount=eur(160), reference="fee-1", by=SYSTEM, at=NOW)

    give_back(payment, 3000, pia, goodwill=True)

    assert balance("processor_fees", "EUR") == eur(160)
    assert balance("cash", "EUR") == eur(-160)
    assert first_break() is None


def test_c10_an_unpaid_line_credited_by_ten_is_owed_by_ninety(ana):
    line = bill(ana, 10000).lines.get()

    issue_credit_note(line.pk, amount=eur(1000), reason="x", by=SYSTEM, at=NOW)

    assert Invoice.objects.get().due_amount == eur(9000)
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(9000)


def test_c11_a_paid_line_credited_by_ten_leaves_ten_of_credit(ana):
    line = bill(ana, 10000).lines.get()
    pay(ana, 10000)

    issue_credit_note(line.pk, amount=eur(1000), reason="x", by=SYSTEM, at=NOW)

    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)


def test_c12_a_refund_of_a_credited_line_leaves_nothing_owed_and_no_credit(ana, pia):
    line = bill(ana, 10000).lines.get()
    payment = pay(ana, 10000)
    issue_credit_note(line.pk, amount=eur(1000), reason="x", by=SYSTEM, at=NOW)

    give_back(payment, 1000, pia, goodwill=False)

    assert [balance(code, "EUR", customer_id=ana.pk).minor for code in ("customer_credit", "receivable")] == [0, 0]


def test_c13_credit_pays_the_next_bill_when_it_is_issued_and_not_before(ana):
    pay(ana, 2000)  # nothing is owed: it is credit
    charge = add_charge(ana.pk, amount=eur(10000), description="Plus", tax_rate=Decimal(0), by=SYSTEM, at=NOW)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(2000)

    invoice = issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=NOW)

    assert invoice.due_amount == eur(8000)


def test_a_refusal_is_a_sentence_for_the_customer(ana, pia):
    payment = pay(ana, 100)

    with pytest.raises(DomainError) as refusal:
        give_back(payment, 101, pia, goodwill=True)
    assert str(refusal.value) == "Only 1.00 EUR of this payment can still be refunded."
