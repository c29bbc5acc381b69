"""Drafts: in no account and without a number until they are issued; changed, issued once, or discarded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.charges.operations import ChargeAlreadyBilled, add_charge, reverse_charge
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.drafts import change_draft, discard_draft, draft_invoice, issue_draft
from ledger.invoices.models import Invoice
from ledger.invoices.operations import InvoiceNotInState, NothingToBill, PeriodAlreadyBilled, issue_invoice
from ledger.invoices.queries import account_summary, find_by_number, invoices_of, open_invoices
from ledger.periods import Period
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


@pytest.fixture
def ana():
    return open_ana()


def charge(customer, minor, **more):
    return add_charge(
        customer.pk, amount=eur(minor), description="Plus", tax_rate=Decimal(19), by=SYSTEM, at=NOW, **more
    )


def draft(customer, **more):
    return draft_invoice(customer.pk, by=SYSTEM, at=NOW, **more)


def test_a_draft_is_owed_by_nobody_shown_to_nobody_and_takes_no_number(ana):
    charge(ana, 10000)

    made = draft(ana)

    assert (made.state, made.total, made.due_amount) == ("draft", eur(11900), eur(0))
    assert balance("unbilled", "EUR", customer_id=ana.pk) == eur(10000)
    assert account_summary(ana.pk, today=NOW.date()).due == eur(0)
    assert (invoices_of(ana.pk), list(open_invoices(ana.pk)), find_by_number(made.number)) == ([], [], None)
    assert invoices_of(ana.pk, drafts=True) == [made]
    assert bill(open_ana(email="other@example.com"), 100).number == "INV-2026-000001"
    assert first_break() is None


def test_money_that_comes_in_never_pays_a_draft(ana):
    charge(ana, 10000)
    made = draft(ana)

    pay(ana, 5000)

    assert Invoice.objects.get(pk=made.pk).paid_minor == 0
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(5000)


def test_credit_given_while_it_is_a_draft_counts_once_it_is_issued(ana):  # case C13
    charge(ana, 10000, external_id="one")
    made = draft(ana)
    pay(ana, 2000)

    issued = issue_draft(made.pk, by=SYSTEM, at=NOW)

    assert issued.due_amount == eur(9900)  # 119.00 − 20.00
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(0)


def test_an_issued_draft_has_the_next_number_its_own_day_and_the_same_term(ana):
    charge(ana, 10000)
    made = draft(ana, due_on=date(2026, 4, 1))  # 30 days after 2 March

    issued = issue_draft(made.pk, by=SYSTEM, at=berlin(2026, 3, 10, 9))

    assert (issued.number, issued.state) == ("INV-2026-000001", "open")
    assert (issued.issued_on, issued.due_on) == (date(2026, 3, 10), date(2026, 4, 9))
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(11900)
    assert first_break() is None


def test_a_draft_is_issued_once_and_no_number_is_skipped(ana):
    charge(ana, 100)
    made = draft(ana)
    issue_draft(made.pk, by=SYSTEM, at=NOW)

    with pytest.raises(InvoiceNotInState, match="no draft any more"):
        issue_draft(made.pk, by=SYSTEM, at=NOW)
    assert bill(ana, 100).number == "INV-2026-000002"
    assert Event.objects.filter(kind="invoice.issued").count() == 2


def test_charges_are_put_on_a_draft_and_taken_off_again(ana):
    wrong, right = charge(ana, 100), charge(ana, 200)
    made = draft(ana)
    late = charge(ana, 300)

    changed = change_draft(made.pk, add=[late.pk], remove=[wrong.pk], by=SYSTEM, at=NOW)

    assert changed.net_minor == 500
    assert [line.charge_id for line in changed.lines.order_by("position")] == [right.pk, late.pk]
    assert issue_invoice(ana.pk, by=SYSTEM, at=NOW).net_minor == 100  # the wrong one waits again
    with pytest.raises(InvalidInput, match="not on it"):
        change_draft(made.pk, remove=[wrong.pk], by=SYSTEM, at=NOW)
    with pytest.raises(InvalidInput, match="discard"):
        change_draft(made.pk, remove=[right.pk, late.pk], by=SYSTEM, at=NOW)


def test_what_is_on_a_draft_waits_for_no_other_bill_and_is_not_taken_back_beside_it(ana):
    one = charge(ana, 100)
    draft(ana)

    with pytest.raises(NothingToBill):
        issue_invoice(ana.pk, by=SYSTEM, at=NOW)
    with pytest.raises(ChargeAlreadyBilled):
        reverse_charge(one.pk, reason="x", by=SYSTEM, at=NOW)


def test_a_discarded_draft_frees_its_charges_and_its_period(ana):
    charge(ana, 100)
    made = draft(ana, source="subscription:9", period=MARCH)
    with pytest.raises(PeriodAlreadyBilled):
        draft(ana, source="subscription:9", period=MARCH)

    discard_draft(made.pk, reason="Wrong plan", by=SYSTEM, at=NOW)

    assert Invoice.objects.get(pk=made.pk).state == "void"
    assert issue_invoice(ana.pk, source="subscription:9", period=MARCH, by=SYSTEM, at=NOW).net_minor == 100
    assert first_break() is None


def test_a_draft_is_not_credited(ana):
    charge(ana, 100)
    line = draft(ana).lines.get()

    with pytest.raises(InvoiceNotInState, match="nothing to credit"):
        issue_credit_note(line.pk, amount=eur(1), reason="x", by=SYSTEM, at=NOW)


def test_not_even_the_owner_changes_what_an_issued_bill_asked_for(ana, owner, transactional_db):
    bill(ana, 5000)

    for write in (
        "UPDATE ledger_invoice SET number = 'INV-2026-009999'",
        "UPDATE ledger_invoice SET net_minor = net_minor - 1, total_minor = total_minor - 1",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="number, sums and day"):
            owner.execute(write)
    for write in ("UPDATE ledger_invoiceline SET net_minor = net_minor - 1", "DELETE FROM ledger_invoiceline"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
            owner.execute(write)
    charge(ana, 100)
    with pytest.raises(psycopg.errors.CheckViolation, match="invoice_asked_for_has_a_number"):
        owner.execute("UPDATE ledger_invoice SET state = 'open' WHERE id = %s", [draft(ana).pk])
