"""Every row C, R, N and G of the worked cases has a test that proves it, or a stated reason why it is not followed."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import statement
from ledger.disputes.chargebacks import Report, report_chargeback
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.voiding import InvoiceNotInState, InvoiceNotVoidable, void_invoice
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

ROOT = Path(__file__).parents[2]
TABLE = json.loads((ROOT / "tests/cases/money_back.json").read_text(encoding="utf-8"))["cases"]
#: The rows of the four sections, as their source numbers them.
ROWS = (
    "C01 C03 C04 C07 C08 C10 C11 C12 C13 C14 C15 C16 C17 R01 R02 R04 R06 R07 R08 R10 R11 "
    "N01 N03 N05 N06 N07 N09 N10 N11 N12 N13 G01 G02 G04 G05 G07 G08 G09"
).split()


def test_every_row_has_a_test_that_exists_or_a_reason_in_the_guide():
    guide = (ROOT / "docs/accounting.md").read_text(encoding="utf-8")
    missing = []
    for row in ROWS:
        for named in TABLE.get(row, ["nothing"]):
            path, _, name = named.partition("::")
            if path == "docs/accounting.md":
                missing += [] if re.search(rf"^\| [^|]*\b{row}\b", guide, re.M) else [named]
            elif not (ROOT / path).is_file() or name not in _tests_in(ROOT / path):
                missing.append(f"{row}: {named}")

    assert missing == []
    assert set(TABLE) == set(ROWS)


def _tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["received", "lost", "won"])
def test_c16_a_bill_whose_payment_the_bank_took_back_is_not_voided(state):
    invoice = bill(open_ana(), 10_000)
    payment = pay(invoice.customer, 10_000)
    report_chargeback(payment.pk, report=Report("cb-1", eur(10_000), "fraud", state=state), by=SYSTEM, at=NOW)

    with pytest.raises((InvoiceNotVoidable, InvoiceNotInState)):
        void_invoice(invoice.pk, reason="Wrong", by=SYSTEM, at=NOW)

    assert Invoice.objects.get(pk=invoice.pk).state != "void"
    assert first_break() is None


@pytest.mark.django_db
def test_c16_a_bill_with_any_payment_or_any_credit_note_is_not_voided():
    ana = open_ana()
    credited, part_paid = bill(ana, 10_000), bill(ana, 10_000)
    issue_credit_note(credited.lines.get().pk, amount=eur(1), reason="x", by=SYSTEM, at=NOW)
    pay(ana, 1)  # it pays the older bill first, so both are touched

    pay(ana, 9_999)
    for invoice in (credited, part_paid):
        with pytest.raises((InvoiceNotVoidable, InvoiceNotInState)):
            void_invoice(invoice.pk, reason="Wrong", by=SYSTEM, at=NOW)


@pytest.mark.django_db
def test_g05_two_amounts_into_one_account_leave_12_34_and_then_69_12():
    ana = open_ana()
    pay(ana, 1234)
    pay(ana, 5678)

    lines = statement(ana.pk, "EUR", account="customer_credit")
    assert [(line.amount, line.balance) for line in lines] == [(eur(5678), eur(6912)), (eur(1234), eur(1234))]


@pytest.mark.django_db
def test_r11_what_is_left_is_the_whole_less_its_parts_and_nothing_of_another_customer():
    ana, ben = open_ana(), open_ana(email="ben@example.com")
    hundred, thousand, other = bill(ana, 10_000), bill(ana, 100_000), bill(ben, 10_000)
    for invoice, minor in [(hundred, 1_000), (hundred, 2_000), (thousand, 56_000), (other, 9_000)]:
        issue_credit_note(invoice.lines.get().pk, amount=eur(minor), reason="x", by=SYSTEM, at=NOW)

    assert Invoice.objects.get(pk=hundred.pk).due_amount == eur(7_000)
    assert Invoice.objects.get(pk=thousand.pk).due_amount == eur(44_000)
