"""Bills on the desk: credited line by line, voided, given up, drafted, handed out as they were issued."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.events.models import Event
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from tests.billing_desk.workspace.conftest import NOW, SYSTEM


@pytest.fixture
def mia(sign_in):
    """Mia's browser: an agent, who gives at most 25.00 EUR alone."""
    return sign_in("mia")


def charge(ana, minor: int, words: str) -> int:
    """Charge something that waits for a bill."""
    made = add_charge(
        ana.pk, amount=Money(minor, "EUR"), description=words, tax_rate=Decimal(0), charged_on=date(2026, 3, 2),
        by=SYSTEM, at=NOW,
    )  # fmt: skip
    return made.pk


@pytest.fixture
def bill(ana) -> Invoice:
    """A bill of 18.00 EUR in two lines that nobody has paid."""
    ids = [charge(ana, 1000, "Extra"), charge(ana, 800, "Set-up")]
    return issue_invoice(ana.pk, charge_ids=ids, by=SYSTEM, at=NOW)


def state(bill: Invoice) -> str:
    """Return its state as it is now."""
    return Invoice.objects.get(pk=bill.pk).state


def test_two_lines_are_credited_in_one_note_as_it_was_shown_and_only_once(mia, bill):
    extra, set_up = (line.pk for line in bill.lines.order_by("position"))
    address, typed = f"/desk/invoices/{bill.pk}/credit", {"reason": "Promised", f"line_{set_up}": "0,50"}

    page = mia.post(address, {**typed, f"line_{extra}": "4.00"}).content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert CreditNote.objects.count() == 0
    mia.post(address, sent)
    mia.post(address, sent)

    assert "€4.50" in page
    note = CreditNote.objects.get()
    assert note.total == Money(450, "EUR")
    assert sorted(CreditNoteLine.objects.values_list("net_minor", flat=True)) == [50, 400]


def test_more_than_ones_own_limit_is_refused_in_words_even_in_small_parts(mia, ana):
    line = ana.invoices.get().lines.first()
    address = f"/desk/invoices/{line.invoice_id}/credit"
    wanted = {"reason": "Goodwill", "confirmed": 1, f"line_{line.pk}": "20.00"}
    mia.post(address, {**wanted, "key": "a"})

    answer = mia.post(address, {**wanted, f"line_{line.pk}": "10.00", "key": "b"})

    assert answer.status_code == 422
    assert "With 20.00 EUR given within 24 hours it is above your limit of 25.00 EUR" in answer.content.decode()
    assert CreditNote.objects.count() == 1


def test_an_amount_that_is_more_than_the_line_has_left_is_refused_beside_it(mia, bill):
    line = bill.lines.first()

    page = mia.post(f"/desk/invoices/{bill.pk}/credit", {"reason": "x", f"line_{line.pk}": "10.01"}).content.decode()

    assert "Only 10.00 EUR is left of it." in page


def test_a_bill_nobody_paid_is_voided_and_its_charges_go_on_the_next_one(mia, ana, bill):
    mia.post(f"/desk/invoices/{bill.pk}/void", {"reason": "Wrong month", "bill_again": "on"})
    page = mia.get(f"/desk/customers/{ana.pk}/?view=bills").content.decode()

    assert state(bill) == "void"
    assert "Waits for the next bill" in page
    assert "Wrong month" in mia.get(f"/desk/invoices/{bill.pk}/").content.decode()


def test_a_paid_bill_greys_void_and_says_to_write_a_credit_note(mia, ana):
    page = mia.get(f"/desk/invoices/{ana.invoices.get().pk}/").content.decode()

    assert "Something was paid, credited or disputed on it; write a credit note." in page
    assert "/void" not in page


def test_giving_up_waits_for_a_colleague_who_did_not_ask_for_it(mia, sign_in, bill):
    mia.post(f"/desk/invoices/{bill.pk}/give-up", {"reason": "Moved abroad"})
    waiting = mia.get(f"/desk/invoices/{bill.pk}/").content.decode()
    mia.post(f"/desk/invoices/{bill.pk}/write-off/approve")
    assert state(bill) == "open"

    sign_in("pia").post(f"/desk/invoices/{bill.pk}/write-off/approve")

    assert "Asked to give it up" in waiting
    assert "Moved abroad" in waiting
    assert state(bill) == "uncollectible"


def test_a_draft_of_what_waits_is_issued_or_discarded(mia, ana):
    charge(ana, 1000, "Extra")
    first = Invoice.objects.get(pk=_number(mia.post(f"/desk/customers/{ana.pk}/draft").url))
    mia.post(f"/desk/invoices/{first.pk}/draft/discard", {"reason": "Not yet"})
    second = Invoice.objects.get(pk=_number(mia.post(f"/desk/customers/{ana.pk}/draft").url))
    mia.post(f"/desk/invoices/{second.pk}/draft/issue")

    assert (state(first), state(second)) == ("void", "open")
    assert Invoice.objects.get(pk=second.pk).number == "INV-2026-000002"


def _number(address: str) -> int:
    return int(re.findall(r"\d+", address)[0])


def test_a_line_opens_with_its_reasons_and_the_entries_behind_them(mia, bill):
    page = mia.get(f"/desk/invoices/{bill.pk}/").content.decode()

    assert page.count("Invoice issued</span>") == 2  # one entry, behind each of the two lines
    assert "debit" in page
    assert "receivable" in page


def test_the_bill_and_the_statement_are_handed_out_as_pdf_and_the_look_is_on_record(mia, ana, bill):
    paper = mia.get(f"/desk/invoices/{bill.pk}/pdf")
    statement = mia.get(f"/desk/customers/{ana.pk}/statement.pdf")

    assert paper.content.startswith(b"%PDF")
    assert statement.content.startswith(b"%PDF")
    assert bill.number in paper.headers["Content-Disposition"]
    looks = Event.objects.filter(kind="account.viewed", data__what__startswith="document:")
    assert looks.count() == 2


def test_a_trainee_reads_the_bill_and_changes_nothing(sign_in, bill):
    qui = sign_in("qui")

    assert "is not part of your role" in qui.get(f"/desk/invoices/{bill.pk}/").content.decode()
    for act in ("void", "credit", "give-up"):
        assert qui.post(f"/desk/invoices/{bill.pk}/{act}", {"reason": "x"}).status_code == 403


def test_the_balance_shows_what_is_not_due_yet_and_how_old_the_rest_is(sign_in, case, bill, clock):
    assert "Not yet due" in sign_in("mia").get(f"/desk/tickets/{case.pk}/").content.decode()
    clock.move_to(NOW + timedelta(days=50))

    page = sign_in("mia").get(f"/desk/tickets/{case.pk}/").content.decode()

    assert re.search(r"31–60</dt><dd>.*€18\.00", page)
