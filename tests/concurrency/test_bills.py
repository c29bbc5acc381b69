"""Bills at the same moment, on real connections: one number each, none skipped, credit spent once."""

from __future__ import annotations

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.charges.operations import add_charge
from ledger.events.models import Event
from ledger.invoices.drafts import draft_invoice, issue_draft
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.invoices.voiding import void_invoice
from ledger.refunds.operations import request_refund
from tests.concurrency.test_refunds import MIA, at_once, kinds
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db(transaction=True)


def charged(customer, minor):
    return add_charge(customer.pk, amount=eur(minor), description="Plus", by=SYSTEM, at=NOW)


def test_a_draft_issued_and_a_bill_voided_four_times_at_once_is_issued_and_voided_once():
    ana = open_ana()
    charged(ana, 1000)
    draft = draft_invoice(ana.pk, by=SYSTEM, at=NOW)

    issued = at_once([lambda: issue_draft(draft.pk, by=SYSTEM, at=NOW)] * 4)
    voided = at_once([lambda: void_invoice(draft.pk, reason="Wrong", by=SYSTEM, at=NOW)] * 4)

    assert kinds(issued) == kinds(voided) == {"Invoice": 1, "InvoiceNotInState": 3}
    assert bill(ana, 100).number == "INV-2026-000002"
    assert Event.objects.filter(kind="invoice.voided").count() == 1
    assert first_break() is None


def test_two_bills_and_a_refund_at_once_spend_the_same_credit_once():
    ana = open_ana()
    payment = pay(ana, 10000)
    charges = [charged(ana, 8000) for _ in range(2)]

    def ask() -> object:
        return request_refund(payment.pk, amount=eur(6000), reason="Overpaid", proof=prove(ana), by=MIA, at=NOW)

    at_once([*[lambda c=c: issue_invoice(ana.pk, charge_ids=[c.pk], by=SYSTEM, at=NOW) for c in charges], ask])

    paid = sum(invoice.paid_minor for invoice in Invoice.objects.all())
    held = [balance(code, "EUR", customer_id=ana.pk).minor for code in ("customer_credit", "credit_promised")]
    assert paid + sum(held) == 10000
    assert min(held) >= 0
    assert first_break() is None
