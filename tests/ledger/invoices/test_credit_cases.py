"""Credit notes as other systems publish them, on real bills; and notes over several lines, net, and of late fees."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.charges.operations import add_charge
from ledger.errors import InvalidInput
from ledger.invoices.crediting import (
    Correction,
    CreditSourceReused,
    CreditTooLarge,
    credit_lines,
    issue_credit_note,
    still_creditable,
)
from ledger.invoices.models import CreditNote, Invoice
from ledger.invoices.operations import NoSuchInvoice, issue_invoice
from ledger.invoices.voiding import InvoiceNotVoidable, void_invoice
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def billed(customer, *lines, kind="other"):
    """Bill (net, rate) lines together."""
    for number, (minor, rate) in enumerate(lines, start=1):
        add_charge(
            customer.pk, amount=eur(minor), description=f"Line {number}", kind=kind, tax_rate=Decimal(rate),
            by=SYSTEM, at=NOW,
        )  # fmt: skip
    return issue_invoice(customer.pk, by=SYSTEM, at=NOW)


def credit(invoice, minor, *, line=1, net=False):
    pk = invoice.lines.get(position=line).pk
    return issue_credit_note(pk, amount=eur(minor), without_tax=net, reason="Too much", by=SYSTEM, at=NOW)


def parts(note):
    return note.net_minor, note.tax_minor, note.total.minor


@pytest.mark.parametrize(
    ("lines", "line", "net", "note", "left"),
    [
        ([(20000, "25")], 1, 19333, (19333, 4833, 24166), 834),  # C01
        ([(2999, "23.33")], 1, 2571, (2571, 600, 3171), 528),  # C03: 29.99 + 7.00 of tax
        ([(17900, "10"), (14900, "20")], 2, 9806, (9806, 1961, 11767), 25803),  # C04: 375.70 less 117.67
        ([(1930, "20"), (6596, "20"), (19339, "20")], 1, 1930, (1930, 386, 2316), 31122),  # C08: not 31122.2534…
    ],
    ids=["C01", "C03", "C04", "C08"],
)
def test_a_net_credit_takes_its_share_of_the_tax_on_top(ana, lines, line, net, note, left):
    invoice = billed(ana, *lines)

    assert parts(credit(invoice, net, line=line, net=True)) == note
    assert still_creditable(invoice) == eur(left)
    assert first_break() is None


def test_after_any_notes_the_rest_is_the_total_less_the_notes_and_can_all_be_credited(ana):  # case C07
    invoice = billed(ana, (17900, "10"), (14900, "20"))
    given = [credit(invoice, minor, line=line).total.minor for line, minor in ((1, 1333), (2, 777), (1, 6667))]

    assert still_creditable(invoice) == eur(37570 - sum(given))
    for line in invoice.lines.all():
        credit(invoice, line.total.minor - line.credited_minor, line=line.position)
    assert still_creditable(invoice) == eur(0)
    assert sum(note.tax_minor for note in CreditNote.objects.all()) == 4770
    assert balance("tax_payable", "EUR") == eur(0)
    with pytest.raises(CreditTooLarge):
        credit(invoice, 1)


@pytest.mark.parametrize(("paid", "due", "kept"), [(0, 9000, 0), (10000, 0, 1000)], ids=["C10 unpaid", "C11 paid"])
def test_ten_off_a_hundred_is_owed_less_or_becomes_credit(ana, paid, due, kept):
    invoice = billed(ana, (10000, "0"))
    if paid:
        pay(ana, paid)

    credit(invoice, 1000)

    assert Invoice.objects.get().due_amount == eur(due)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(kept)


def test_a_refund_with_a_credit_note_leaves_nothing_owed_either_way(ana, noe):  # case C12
    invoice = billed(ana, (10000, "0"))
    payment = pay(ana, 10000)
    credit(invoice, 1000)

    refund = request_refund(payment.pk, amount=eur(1000), reason="Too much", proof=prove(ana), by=noe, at=NOW)
    pay_refund(refund.pk, at=NOW)

    for account in ("receivable", "customer_credit", "credit_promised", "refunds_payable"):
        assert balance(account, "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def test_credit_given_before_a_bill_is_spent_on_it(ana):  # case C13: 20 of credit, then 100 billed
    pay(ana, 2000)

    assert billed(ana, (10000, "0")).due_amount == eur(8000)


def test_half_credited_and_part_paid_is_not_voided_and_the_other_half_becomes_due_less_and_credit(ana):  # case C15
    invoice = billed(ana, (120000, "0"))
    pay(ana, 30000)
    credit(invoice, 60000)

    with pytest.raises(InvoiceNotVoidable):
        void_invoice(invoice.pk, reason="x", by=SYSTEM, at=NOW)
    credit(invoice, 60000)
    assert (Invoice.objects.get().state, still_creditable(invoice)) == ("paid", eur(0))
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(30000)  # what was paid


def test_no_more_is_credited_than_was_billed(ana):  # case C17: 120 on a bill of 100
    with pytest.raises(CreditTooLarge, match=r"100\.00 EUR"):
        credit(billed(ana, (10000, "0")), 12000)


def test_the_last_net_credit_takes_the_rest_of_the_tax_and_one_beyond_the_net_is_refused(ana):
    invoice = billed(ana, (17, "19"))  # 0.17 + 0.03

    assert [parts(credit(invoice, net, net=True)) for net in (6, 6, 5)] == [(6, 1, 7), (6, 1, 7), (5, 1, 6)]
    with pytest.raises(CreditTooLarge):
        credit(invoice, 1, net=True)


def test_one_note_corrects_several_lines_and_the_books_know_each(ana):
    invoice = billed(ana, (10000, "19"), (5000, "7"), (100, "0"))
    first, second, _ = invoice.lines.order_by("position")

    note = credit_lines(
        [Correction(first.pk, eur(1000), without_tax=True), Correction(second.pk, eur(1070))],
        reason="Two mistakes", by=SYSTEM, at=NOW,
    )  # fmt: skip

    assert [parts(part) for part in note.lines.order_by("line__position")] == [(1000, 190, 1190), (1000, 70, 1070)]
    assert (parts(note), note.line, note.number) == ((2000, 260, 2260), None, "CN-2026-000001")
    assert Invoice.objects.get().due_amount == eur(11900 + 5350 + 100 - 2260)
    assert first_break() is None


def test_a_note_names_lines_of_one_bill_once_each(ana):
    one, other = billed(ana, (100, "0")).lines.get(), billed(ana, (100, "0")).lines.get()

    def correct(*lines):
        credit_lines([Correction(pk, eur(1)) for pk in lines], reason="x", by=SYSTEM, at=NOW)

    for lines in ([one.pk, other.pk], [one.pk, one.pk], []):
        with pytest.raises(InvalidInput):
            correct(*lines)
    with pytest.raises(NoSuchInvoice):
        correct(999999)
    with pytest.raises(NoSuchInvoice):
        correct(one.pk, 999999)


def test_a_late_fee_is_no_revenue_and_crediting_it_is_none_either(ana):
    invoice = billed(ana, (500, "0"), kind="late_fee")
    assert (balance("late_fees", "EUR"), balance("revenue", "EUR")) == (eur(500), eur(0))

    credit(invoice, 500)

    assert (balance("late_fees", "EUR"), balance("credit_notes", "EUR")) == (eur(0), eur(0))
    assert first_break() is None


def test_the_same_source_credits_once(ana):
    invoice = billed(ana, (10000, "0"))
    line, again = invoice.lines.get(), {"reason": "Outage", "source": "outage:7", "by": SYSTEM, "at": NOW}

    first = issue_credit_note(line.pk, amount=eur(500), **again)

    assert issue_credit_note(line.pk, amount=eur(500), **again) == first
    with pytest.raises(CreditSourceReused):
        issue_credit_note(line.pk, amount=eur(501), **again)
    assert Invoice.objects.get().due_amount == eur(9500)


def test_not_even_the_owner_changes_a_credit_note(ana, owner, transactional_db):
    credit(bill(ana, 1000), 100)

    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        owner.execute("UPDATE ledger_creditnote SET net_minor = 1")
    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        owner.execute("DELETE FROM ledger_creditnoteline")
