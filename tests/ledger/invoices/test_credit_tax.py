"""Tax alone is credited where a line was taxed at a wrong rate: its net stays, the rest bears the right rate."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.documents.einvoice import invoice_xml
from ledger.documents.operations import render_bill
from ledger.documents.reading import read_credit_note
from ledger.invoices.crediting import CreditSourceReused, CreditTooLarge, RightTax, credit_tax, issue_credit_note
from ledger.invoices.models import CreditNoteLine, Invoice
from tests.conftest import NOW
from tests.ledger.documents.test_einvoice import broken_rules, check_arithmetic
from tests.ledger.documents.worlds import LINE
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

__all__ = ["broken_rules"]

SEVEN = RightTax(Decimal(7), "reduced")


def credited(line, minor: int, *, right: RightTax = SEVEN, source: str = ""):
    return credit_tax(line.pk, tax=eur(minor), right=right, reason="7 % was right", source=source, by=SYSTEM, at=NOW)


@pytest.fixture
def invoice(db) -> Invoice:
    """100.00 and 50.00, both taxed at 19 %: 178.50."""
    return bill(open_ana(), 10000, 5000, tax=19)


def test_the_tax_is_credited_and_the_revenue_stays(invoice):
    line = invoice.lines.get(position=1)

    note = credited(line, 1200)

    assert (note.net_minor, note.tax_minor) == (0, 1200)
    assert balance("revenue", "EUR") == eur(15000)
    assert balance("credit_notes", "EUR") == eur(0)
    assert balance("tax_payable", "EUR") == eur(2850 - 1200)
    assert balance("receivable", "EUR", customer_id=invoice.customer_id) == eur(17850 - 1200)
    assert first_break() is None


def test_tax_that_was_paid_becomes_credit(invoice):
    pay(invoice.customer, 17850)

    credited(invoice.lines.get(position=1), 1200)

    assert balance("customer_credit", "EUR", customer_id=invoice.customer_id) == eur(1200)


def test_what_is_left_of_the_line_is_credited_with_the_right_tax_to_the_cent(invoice):
    line = invoice.lines.get(position=1)
    credited(line, 1200)

    half = issue_credit_note(line.pk, amount=eur(5350), reason="Half", by=SYSTEM, at=NOW)
    rest = issue_credit_note(line.pk, amount=eur(5000), without_tax=True, reason="Rest", by=SYSTEM, at=NOW)

    assert [(note.net_minor, note.tax_minor) for note in (half, rest)] == [(5000, 350), (5000, 350)]
    with pytest.raises(CreditTooLarge):
        credited(line, 1)


def test_more_tax_than_the_line_has_is_refused_and_a_repeated_source_credits_once(invoice):
    line = invoice.lines.get(position=1)
    with pytest.raises(CreditTooLarge, match=r"Only 19\.00 EUR of this line.s tax"):
        credited(line, 1901)
    note = credited(line, 1200, source="correctionitem:1")

    assert credited(line, 1200, source="correctionitem:1") == note
    with pytest.raises(CreditSourceReused):
        credited(line, 1200, right=RightTax(Decimal(5)), source="correctionitem:1")
    assert CreditNoteLine.objects.count() == 1


def test_the_database_keeps_the_sums_too(invoice):
    line = invoice.lines.get(position=1)
    note = credited(line, 1200)

    with pytest.raises(IntegrityError, match="take more than line"), transaction.atomic():
        CreditNoteLine.objects.create(note=note, line=invoice.lines.get(position=2), net_minor=0, tax_minor=951,
                                      currency="EUR")  # fmt: skip
    with pytest.raises(IntegrityError, match="takes_tax_alone"), transaction.atomic():
        CreditNoteLine.objects.create(note=note, line=invoice.lines.get(position=2), net_minor=1, tax_minor=1,
                                      right_tax_rate=7, currency="EUR")  # fmt: skip


@pytest.mark.parametrize(
    ("right", "minor", "lines", "groups"),
    [
        (SEVEN, 1200, [(100, 19, 19), (-100, -7, 7)], [(19, 100, 19), (7, -100, -7)]),
        (RightTax(Decimal(0), "reverse_charge"), 1900, [(100, 19, 19), (-100, 0, 0)], [(19, 100, 19), (0, -100, 0)]),
    ],
    ids=["a reduced rate", "the customer accounts for it"],
)
def test_on_paper_and_in_the_electronic_note_the_line_is_taken_back_and_charged_at_the_right_rate(
    invoice, broken_rules, right, minor, lines, groups
):
    if right.treatment == "reverse_charge":
        type(invoice.customer).objects.filter(pk=invoice.customer_id).update(country="NL", vat_id="NL004495445B01")
    note = credited(invoice.lines.get(position=1), minor, right=right)

    printed, _ = read_credit_note(note.pk)
    xml = invoice_xml(printed, LINE)

    assert [(line.net.decimal(), line.tax.decimal(), line.rate) for line in printed.lines] == lines
    assert [(group.rate, group.net.decimal(), group.tax.decimal()) for group in printed.groups] == groups
    assert (printed.net, printed.total) == (eur(0), eur(minor))
    assert broken_rules(xml) == []
    check_arithmetic(ET.fromstring(xml))
    assert render_bill(printed, LINE)[1]


def test_a_later_note_on_the_same_line_shows_the_right_rate(invoice, broken_rules):
    line = invoice.lines.get(position=1)
    credited(line, 1200)
    later = issue_credit_note(line.pk, amount=eur(5350), reason="Half", by=SYSTEM, at=NOW)

    printed, _ = read_credit_note(later.pk)

    assert [(one.net, one.tax, one.rate) for one in printed.lines] == [(eur(5000), eur(350), Decimal(7))]
    assert broken_rules(invoice_xml(printed, LINE)) == []
