"""issue_credit_note: off what is due first, the rest as credit; tax in proportion; never more than the line."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.disputes.operations import open_dispute
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.crediting import CreditTooLarge, issue_credit_note
from ledger.invoices.models import CreditNote, Invoice
from ledger.money import CurrencyMismatch, Money
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def credit(invoice, minor, *, line=1, reason="Too much"):
    return issue_credit_note(invoice.lines.get(position=line).pk, amount=eur(minor), reason=reason, by=SYSTEM, at=NOW)


def test_a_credit_gives_back_its_share_of_the_tax(ana):
    note = credit(bill(ana, 10000, tax=19), 5950)

    assert (note.net_minor, note.tax_minor) == (5000, 950)
    assert balance("tax_payable", "EUR") == eur(950)
    assert (note.number, note.issued_on) == ("CN-2026-000001", date(2026, 3, 2))


def test_six_small_credits_and_a_last_one_take_exactly_the_lines_tax(ana):
    invoice = bill(ana, 17, tax=19)  # 0.17 + 0.03; shares of 0.03 in 0.20 are less than half a cent
    notes = [credit(invoice, 3) for _ in range(6)] + [credit(invoice, 2)]

    assert sum(note.tax_minor for note in notes) == 3
    assert sum(note.net_minor for note in notes) == 17
    assert all(note.net_minor >= 0 for note in notes)
    assert balance("tax_payable", "EUR") == eur(0)
    assert first_break() is None


def test_a_half_paid_bill_is_owed_less_first_and_the_rest_is_credit(ana):
    invoice = bill(ana, 10000)
    pay(ana, 9000)

    credit(invoice, 2500)

    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1500)
    assert Invoice.objects.get().state == "paid"
    assert first_break() is None


def test_the_whole_line_can_be_credited_and_not_a_cent_more(ana):
    invoice = bill(ana, 1000, tax=19)

    with pytest.raises(CreditTooLarge, match=r"11\.90 EUR"):
        credit(invoice, 1191)
    credit(invoice, 1190)
    with pytest.raises(CreditTooLarge, match=r"0\.00 EUR"):
        credit(invoice, 1)


def test_what_is_in_an_open_dispute_is_not_credited_beside_it(ana, mia):
    invoice = bill(ana, 1000)
    open_dispute(invoice.lines.get().pk, amount=eur(600), reason="duplicate", proof=prove(ana), by=mia, at=NOW)

    with pytest.raises(CreditTooLarge, match=r"4\.00 EUR"):
        credit(invoice, 401)


@pytest.mark.parametrize(("minor", "reason"), [(0, "x"), (-1, "x"), (100, " "), (100, "x" * 301)])
def test_a_credit_of_nothing_or_without_a_reason_is_refused(ana, minor, reason):
    with pytest.raises(InvalidInput, match="says why"):
        credit(bill(ana, 1000), minor, reason=reason)


def test_another_currency_is_refused(ana):
    with pytest.raises(CurrencyMismatch):
        issue_credit_note(bill(ana, 1000).lines.get().pk, amount=Money(100, "USD"), reason="x", by=SYSTEM, at=NOW)


def test_a_credit_that_settles_the_bill_says_so_once(ana):
    invoice = bill(ana, 1000)

    credit(invoice, 1000)

    assert Invoice.objects.get().state == "paid"
    assert Event.objects.filter(kind="invoice.paid").count() == 1
    assert CreditNote.objects.get().total == eur(1000)
