"""void_invoice: only what nobody paid; the opposite entry, the number stays, the period can be billed again."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance, entries_of
from ledger.charges.models import Charge
from ledger.charges.operations import add_charge
from ledger.customers.operations import OwnAccount
from ledger.disputes.operations import NotAskedFor, open_dispute
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import InvoiceNotInState, NotOwed, PeriodAlreadyBilled, apply_credit, issue_invoice
from ledger.invoices.voiding import InvoiceNotVoidable, void_invoice
from ledger.periods import Period
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


@pytest.fixture
def ana():
    return open_ana()


def period_bill(customer, minor=24995):
    add_charge(
        customer.pk, amount=eur(minor), description="Plus", period=MARCH, source="subscription:9",
        external_id="subscription:9:2026-03-01", by=SYSTEM, at=NOW,
    )  # fmt: skip
    return issue_invoice(customer.pk, source="subscription:9", period=MARCH, by=SYSTEM, at=NOW)


def void(invoice, **more):
    return void_invoice(invoice.pk, **{"reason": "Wrong customer", "by": SYSTEM, "at": NOW, **more})


def test_a_voided_bill_leaves_nothing_owed_and_keeps_its_number_and_lines(ana):
    invoice = bill(ana, 10000, tax=19)

    voided = void(invoice)

    assert (voided.state, voided.open_amount, voided.closing_note) == ("void", eur(0), "Wrong customer")
    for account in ("receivable", "unbilled"):
        assert balance(account, "EUR", customer_id=ana.pk) == eur(0)
    assert (balance("revenue", "EUR"), balance("tax_payable", "EUR")) == (eur(0), eur(0))
    assert [entry.kind for entry in entries_of(f"invoice:{invoice.pk}")] == ["invoice_issued", "reversal"]
    assert (voided.lines.count(), bill(ana, 100).number) == (1, "INV-2026-000002")
    assert first_break() is None


def test_a_voided_period_is_billed_again_with_the_next_one(ana):  # case C14: 2 × 249.95
    first = period_bill(ana)
    with pytest.raises(PeriodAlreadyBilled):
        period_bill(ana)

    void(first, bill_again=True)
    add_charge(ana.pk, amount=eur(24995), description="Plus, April", by=SYSTEM, at=NOW)
    again = issue_invoice(ana.pk, source="subscription:9", period=MARCH, by=SYSTEM, at=NOW)

    assert again.total == eur(49990)
    assert Charge.objects.get(external_id="subscription:9:2026-03-01").invoice_line.invoice_id == again.pk
    assert first_break() is None


def test_a_charge_that_was_taken_back_with_its_bill_can_be_charged_anew_under_its_external_id(ana):
    void(period_bill(ana))

    assert period_bill(ana, minor=20000).total == eur(20000)
    assert first_break() is None


def test_what_was_paid_credited_or_disputed_is_not_voided(ana, mia):  # cases C14 and C16
    part_paid, credited, disputed = bill(ana, 1000), bill(ana, 2000), bill(ana, 3000)
    issue_credit_note(credited.lines.get().pk, amount=eur(1), reason="x", by=SYSTEM, at=NOW)
    open_dispute(disputed.lines.get().pk, amount=eur(1), reason="duplicate", proof=prove(ana), by=mia, at=NOW)
    pay(ana, 1)

    for invoice in (part_paid, credited, disputed):
        with pytest.raises(InvoiceNotVoidable, match="credit note"):
            void(invoice)
    pay(ana, 999)
    with pytest.raises(InvoiceNotInState, match="is paid"):
        void(part_paid)


def test_a_bill_is_voided_once(ana):
    invoice = bill(ana, 1000)
    void(invoice)

    with pytest.raises(InvoiceNotInState, match="is void"):
        void(invoice)
    assert Event.objects.filter(kind="invoice.voided").count() == 1


def test_a_voided_bill_is_never_paid_credited_or_disputed(ana, mia):
    invoice = bill(ana, 1000)
    line = invoice.lines.get()
    void(invoice)
    pay(ana, 1000)

    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)
    with pytest.raises(NotOwed):
        apply_credit(invoice.pk, amount=eur(1), by=SYSTEM, at=NOW)
    with pytest.raises(InvoiceNotInState):
        issue_credit_note(line.pk, amount=eur(1), reason="x", by=SYSTEM, at=NOW)
    with pytest.raises(NotAskedFor):
        open_dispute(line.pk, amount=eur(1), reason="duplicate", proof=prove(ana), by=mia, at=NOW)
    assert Invoice.objects.get(pk=invoice.pk).paid_minor == 0


def test_a_reason_is_needed_and_nobody_voids_their_own_bill(ana):
    invoice = bill(ana, 1000)

    with pytest.raises(InvalidInput, match="why"):
        void(invoice, reason=" ")
    with pytest.raises(OwnAccount):
        void(invoice, by=Actor.agent(7, name="Ana", customer_id=ana.pk))
