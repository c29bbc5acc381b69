"""Credit promised to a refund that waits: no bill spends it; approved it is owed, declined or called off it is free."""

from __future__ import annotations

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.invoices.models import Invoice
from ledger.invoices.queries import account_summary
from ledger.refunds.operations import (
    RefundNotInState,
    RefundTooLarge,
    approve_refund,
    cancel_refund,
    decline_refund,
    request_refund,
)
from tests.conftest import NOW
from tests.ledger.worlds import bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


@pytest.fixture
def waiting(ana, mia):
    """A refund of 60.00 out of 100.00 of credit that waits for approval."""
    return ask(ana, pay(ana, 10000), 6000, mia)


def ask(customer, payment, minor, by):
    return request_refund(payment.pk, amount=eur(minor), reason="Overpaid", proof=prove(customer), by=by, at=NOW)


def held(customer):
    return [balance(code, "EUR", customer_id=customer.pk).minor for code in ("customer_credit", "credit_promised")]


def test_a_bill_uses_the_free_credit_and_leaves_what_is_promised(ana, waiting, noe):
    invoice = bill(ana, 7000)

    assert invoice.due_amount == eur(3000)  # 70.00 − the 40.00 that are free
    assert held(ana) == [0, 6000]
    summary = account_summary(ana.pk, today=NOW.date())
    assert (summary.credit, summary.promised) == (eur(0), eur(6000))
    assert first_break() is None

    approve_refund(waiting.pk, by=noe, at=NOW)

    assert held(ana) == [0, 0]
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(6000)
    assert first_break() is None


@pytest.mark.parametrize("end", ["decline", "cancel"])
def test_what_comes_to_nothing_is_free_again_and_pays_the_next_bill(ana, waiting, mia, noe, end):
    if end == "decline":
        decline_refund(waiting.pk, reason="No.", by=noe, at=NOW)
    else:
        cancel_refund(waiting.pk, by=mia, at=NOW)

    assert held(ana) == [10000, 0]
    bill(ana, 10000)
    assert Invoice.objects.get().state == "paid"
    assert first_break() is None


def test_a_second_promise_of_the_same_credit_is_refused(ana, waiting, mia):  # case G01: 100 less 60, then 50
    payment = pay(ana, 1)

    with pytest.raises(RefundTooLarge, match=r"40\.00 EUR"):
        ask(ana, waiting.payment, 4002, mia)
    assert held(ana) == [4001, 6000]
    assert payment.refundable == eur(1)


def test_a_promise_is_kept_once_and_never_freed_after_that(ana, waiting, mia, noe):  # case G02
    approve_refund(waiting.pk, by=noe, at=NOW)

    with pytest.raises(RefundNotInState):
        approve_refund(waiting.pk, by=noe, at=NOW)
    with pytest.raises(RefundNotInState):
        decline_refund(waiting.pk, reason="No.", by=noe, at=NOW)
    cancel_refund(waiting.pk, by=mia, at=NOW)
    assert held(ana) == [10000, 0]
    assert first_break() is None


def test_a_gift_promises_no_credit(ana, mia):
    payment = pay(ana, 10000)
    request_refund(payment.pk, amount=eur(5000), reason="Sorry", proof=prove(ana), is_goodwill=True, by=mia, at=NOW)

    assert held(ana) == [10000, 0]
