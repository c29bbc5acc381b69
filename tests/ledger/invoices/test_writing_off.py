"""give_up_invoice and recovery: with authority or a colleague's word; what comes in after all is no loss any more."""

from __future__ import annotations

import pytest

from ledger.authority.models import Approval, AuthorityLimit
from ledger.authority.operations import ApprovalLimitExceeded, ApproverIsRequester
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.disputes.operations import open_dispute
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import InvoiceNotInState
from ledger.invoices.queries import account_summary
from ledger.invoices.writing_off import (
    MoreOpenThanApproved,
    NoWriteOffAsked,
    StillDisputed,
    WriteOffWaits,
    approve_write_off,
    decline_write_off,
    give_up_invoice,
    recover_invoice,
)
from ledger.payments.operations import record_payment
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    for role, minor in (("supervisor", 10000), ("finance", 100000)):
        AuthorityLimit.objects.update_or_create(
            role=role, act="write_off", currency="EUR", defaults={"amount_minor": minor}
        )
    return open_ana()


def give_up(invoice, by):
    return give_up_invoice(invoice.pk, reason="Insolvent", by=by, at=NOW)


def pay_bill(customer, invoice, minor):
    return record_payment(customer.pk, amount=eur(minor), invoice_id=invoice.pk, by=SYSTEM, at=NOW)


def test_finance_gives_up_what_is_open_and_it_is_a_loss_and_owed_no_more(ana, olg):
    invoice = bill(ana, 10000)
    pay(ana, 4000)

    given_up = give_up(invoice, olg)

    assert (given_up.state, given_up.written_off, given_up.open_amount) == ("uncollectible", eur(6000), eur(0))
    assert (balance("bad_debt", "EUR"), balance("receivable", "EUR", customer_id=ana.pk)) == (eur(6000), eur(0))
    assert account_summary(ana.pk, today=NOW.date()).owed == eur(0)
    assert first_break() is None


@pytest.mark.parametrize(("minor", "state"), [(10000, "uncollectible"), (10001, "open")])
def test_a_supervisor_gives_up_a_hundred_alone_and_a_cent_more_waits(ana, pia, minor, state):
    assert give_up(bill(ana, minor), pia).state == state
    assert Approval.objects.get().state == ("approved" if state == "uncollectible" else "waiting")


def test_two_bills_of_one_customer_are_added_up(ana, pia):
    assert give_up(bill(ana, 6000), pia).state == "uncollectible"
    assert give_up(bill(ana, 6000), pia).state == "open"


def test_an_agent_asks_and_somebody_else_with_the_limit_decides(ana, mia, pia, olg):
    invoice = bill(ana, 20000)
    give_up(invoice, mia)

    with pytest.raises(WriteOffWaits):
        give_up(invoice, olg)
    with pytest.raises(ApproverIsRequester):
        approve_write_off(invoice.pk, by=mia, at=NOW)
    with pytest.raises(ApprovalLimitExceeded):
        approve_write_off(invoice.pk, by=pia, at=NOW)
    assert approve_write_off(invoice.pk, by=olg, at=NOW).state == "uncollectible"
    assert balance("bad_debt", "EUR") == eur(20000)
    with pytest.raises(NoWriteOffAsked):
        approve_write_off(invoice.pk, by=olg, at=NOW)


def test_a_request_is_declined_or_falls_away_when_the_bill_is_paid(ana, mia, olg):
    declined, paid = bill(ana, 1000), bill(ana, 2000)
    give_up(declined, mia)
    give_up(paid, mia)

    decline_write_off(declined.pk, reason="They pay on Friday", by=olg, at=NOW)
    pay_bill(ana, paid, 2000)

    assert set(Approval.objects.values_list("state", flat=True)) == {"declined", "cancelled"}
    with pytest.raises(NoWriteOffAsked):
        approve_write_off(paid.pk, by=olg, at=NOW)


def test_more_than_was_approved_is_never_given_up(ana, mia, olg):
    invoice = bill(ana, 1000)
    pay(ana, 400)
    give_up(invoice, mia)
    Invoice.objects.filter(pk=invoice.pk).update(paid_minor=300)

    with pytest.raises(MoreOpenThanApproved, match=r"7\.00 EUR"):
        approve_write_off(invoice.pk, by=olg, at=NOW)


def test_a_disputed_bill_and_one_that_is_not_open_are_not_given_up(ana, mia, olg):
    disputed, paid = bill(ana, 1000), bill(ana, 2000)
    open_dispute(disputed.lines.get().pk, amount=eur(1), reason="duplicate", proof=prove(ana), by=mia, at=NOW)
    pay_bill(ana, paid, 2000)

    with pytest.raises(StillDisputed):
        give_up(disputed, olg)
    with pytest.raises(InvoiceNotInState):
        give_up(paid, olg)


def test_a_payment_that_names_no_bill_pays_none_that_was_given_up(ana, olg):
    give_up(bill(ana, 1000), olg)

    pay(ana, 1000)

    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)


def test_money_for_a_bill_given_up_takes_the_loss_back_and_the_last_of_it_settles_the_bill(ana, olg):
    invoice = give_up(bill(ana, 1000), olg)

    pay_bill(ana, invoice, 300)

    part = Invoice.objects.get(pk=invoice.pk)
    assert (part.state, part.paid_minor, part.written_off) == ("uncollectible", 300, eur(700))
    assert balance("bad_debt", "EUR") == eur(700)
    pay_bill(ana, invoice, 800)
    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert (balance("bad_debt", "EUR"), balance("customer_credit", "EUR", customer_id=ana.pk)) == (eur(0), eur(100))
    assert first_break() is None


def test_a_bill_given_up_too_early_is_expected_again_and_can_be_given_up_again(ana, olg):
    invoice = give_up(bill(ana, 1000), olg)

    assert recover_invoice(invoice.pk, reason="Agreed to pay", by=olg, at=NOW).due_amount == eur(1000)
    assert balance("bad_debt", "EUR") == eur(0)
    give_up(invoice, olg)
    assert balance("bad_debt", "EUR") == eur(1000)
    assert first_break() is None
    with pytest.raises(InvoiceNotInState):
        recover_invoice(bill(ana, 1).pk, reason="x", by=olg, at=NOW)


def test_crediting_a_bill_given_up_lessens_the_loss_and_gives_nobody_credit_for_what_they_never_paid(ana, olg):
    invoice = bill(ana, 1000)
    pay(ana, 300)
    give_up(invoice, olg)

    issue_credit_note(invoice.lines.get().pk, amount=eur(800), reason="Too much", by=SYSTEM, at=NOW)

    assert balance("bad_debt", "EUR") == eur(0)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(100)  # 8.00 − the 7.00 never paid
    assert Invoice.objects.get().state == "paid"
    assert first_break() is None
