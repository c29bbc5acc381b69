"""S2-23: the same block on every kind of document, in every language; where no line is, the international one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing_desk.documents import keep_letter, open_document
from ledger.customers.models import Customer
from ledger.documents.letters import Letter
from ledger.documents.models import Document
from ledger.invoices.crediting import issue_credit_note
from tests.conftest import NOW
from tests.ledger.documents.pages import placed
from tests.ledger.worlds import SYSTEM, bill, eur
from tickets.models import BusinessHours, PhoneLine

LATER = NOW + timedelta(days=30)
KINDS = ["invoice", "credit_note", "statement", "reminder", "plan_agreement", "price_notice"]
LOCALES = {"de-DE": "Mo–Fr 09:00–17:30", "en-US": "Mon–Fri 09:00–17:30", "fr-FR": "lun–ven 09:00–17:30",
           "ja-JP": "月–金 09:00–17:30"}  # fmt: skip


@pytest.fixture
def lines(desk) -> None:
    hours = BusinessHours.objects.get()
    PhoneLine.objects.create(number="+4930901820", name="Billing", hours=hours, languages=["de", "en"])
    PhoneLine.objects.create(number="+33142685300", name="Facturation", hours=hours, country="FR", languages=["fr"])


def issued(kind: str, customer: Customer) -> Document:
    """Issue a document of a kind to a customer who owes 35.70 since a while."""
    invoice = bill(customer, 2500, 500, tax=19)
    if kind in ("plan_agreement", "price_notice"):
        letter = Letter(kind, "N-1", date(2026, 4, 1), ("From 1 May your plan costs 27.00 EUR a month.",))
        return keep_letter(letter, subject=f"{kind}:1", customer_id=customer.pk, by=SYSTEM, at=LATER)
    if kind == "credit_note":
        line = invoice.lines.first()
        note = issue_credit_note(line.pk, amount=eur(119), reason="Outage", by=SYSTEM, at=NOW)
    subject = {
        "invoice": f"invoice:{invoice.pk}",
        "credit_note": f"creditnote:{note.pk}" if kind == "credit_note" else "",
        "statement": f"statement:{customer.pk}:2026-03-01:2026-04-01",
        "reminder": f"reminder:{customer.pk}:{LATER.date()}",
    }[kind]
    return open_document(subject, customer_id=customer.pk, by=SYSTEM, at=LATER)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_language_carries_number_and_hours(ana, lines, kind, language) -> None:
    Customer.objects.filter(pk=ana.pk).update(language=language)
    made = issued(kind, Customer.objects.get(pk=ana.pk))

    assert (made.kind, made.language, made.contact_number) == (kind, language, "+4930901820")
    for words in ("+49 30 901820", LOCALES[language]):
        share, points = placed(bytes(made.content), words)
        assert share <= 1 / 3
        assert points >= 10.99


@pytest.mark.parametrize(
    ("country", "number"), [("FR", "+33 1 42 68 53 00"), ("JP", "+49 30 901820"), ("US", "+49 30 901820")]
)
def test_a_country_without_a_line_of_its_own_gets_the_international_number(ana, lines, country, number) -> None:
    Customer.objects.filter(pk=ana.pk).update(country=country)
    made = issued("invoice", Customer.objects.get(pk=ana.pk))

    assert placed(bytes(made.content), number)[0] <= 1 / 3
