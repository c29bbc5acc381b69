"""A document is made once and kept: same bytes for ever, its number on it, nobody changes it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import facturx
import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from ledger.charges.operations import add_charge
from ledger.customers.address_book import change_address
from ledger.customers.models import Customer
from ledger.documents.contact import ContactBlock
from ledger.documents.letters import Letter
from ledger.documents.models import Document
from ledger.documents.operations import NotALetter, NothingOverdue, document_for, store_letter
from ledger.documents.queries import documents_of, get_document
from ledger.documents.reading import NoSuchSubject
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from tests.conftest import NOW
from tests.ledger.documents.pages import page_texts, plain
from tests.ledger.documents.worlds import LINE
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

NEW_LINE = ContactBlock("+4930901999", "+49 30 901999", "Mo–Fr 08:00–20:00", "Deutsch")


def document(subject: str, contact: ContactBlock = LINE, **more: object) -> Document:
    return document_for(subject, contact=contact, by=SYSTEM, at=more.pop("at", NOW), **more)


def words(made: Document) -> str:
    """Return the words of the stored file, as one line."""
    return plain(" ".join(page_texts(bytes(made.content))))


@pytest.fixture
def ana(db) -> Customer:
    customer = open_ana()
    change_address(customer.pk, street="Sonnenallee 7", postal_code="12047", city="Berlin", by=SYSTEM, at=NOW)
    return Customer.objects.get(pk=customer.pk)


@pytest.fixture
def invoice(ana) -> Invoice:
    """Two charges, 25.00 and 5.00, at 19 %: 35.70."""
    return bill(ana, 2500, 500, tax=19)


def test_an_invoice_is_stored_as_it_was_made(invoice) -> None:
    made = document(f"invoice:{invoice.pk}")

    stored = Document.objects.get()
    assert (stored.kind, stored.number, stored.language) == ("invoice", invoice.number, "de-DE")
    assert stored.sha256 == hashlib.sha256(bytes(stored.content)).hexdigest()
    assert stored.contact_number == "+4930901820"
    assert stored.file_name == f"invoice-{invoice.number}.pdf"
    assert "Sonnenallee 7 12047 Berlin" in words(made)
    assert "Gesamtbetrag 35,70 €" in words(made)
    event = Event.objects.get(kind="document.issued")
    assert (event.customer_id, event.data["sha256"]) == (invoice.customer_id, stored.sha256)


def test_asking_again_gives_the_same_bytes_and_the_number_it_was_issued_with(invoice) -> None:
    first = document(f"invoice:{invoice.pk}")
    later = document(f"invoice:{invoice.pk}", NEW_LINE, at=NOW + timedelta(days=400))

    assert later.pk == first.pk
    assert bytes(later.content) == bytes(first.content)
    assert "+49 30 901820" in words(later)
    assert "901999" not in words(later)
    assert Event.objects.filter(kind="document.issued").count() == 1


def test_what_happened_since_does_not_change_what_was_issued(invoice, ana) -> None:
    pay(ana, 1000)
    made = document(f"invoice:{invoice.pk}")

    assert "Zu zahlen 35,70 €" in words(made)


def test_credit_used_in_the_moment_of_issue_is_taken_off(ana) -> None:
    pay(ana, 400)
    made = document(f"invoice:{bill(ana, 2500, tax=19).pk}")

    # 29.75 less the credit of 4.00
    assert "Aus Ihrem Guthaben bezahlt -4,00 €" in words(made)
    assert "Zu zahlen 25,75 €" in words(made)


def test_a_second_language_is_a_document_of_its_own_and_the_first_stays_the_first(invoice) -> None:
    german = document(f"invoice:{invoice.pk}")
    english = document(f"invoice:{invoice.pk}", language="en")

    assert english.pk != german.pk
    assert "Total €35.70" in words(english)
    assert document(f"invoice:{invoice.pk}").pk == german.pk
    assert [each.pk for each in documents_of(invoice.customer_id)] == [english.pk, german.pk]


def test_a_credit_note_names_the_invoice_and_carries_its_own_xml(invoice) -> None:
    note = issue_credit_note(invoice.lines.first().pk, amount=eur(1190), reason="Eine Woche Ausfall", by=SYSTEM, at=NOW)
    made = document(f"creditnote:{note.pk}")

    # 11.90 with 19 %: 10.00 and 1.90
    assert f"Rechnungskorrektur {note.number}" in words(made)
    assert f"Korrigiert Rechnung {invoice.number}" in words(made)
    assert "Gutschrift für Sie 11,90 €" in words(made)
    assert "Netto 10,00 €" in words(made)
    xml = facturx.get_xml_from_pdf(bytes(made.content), check_xsd=True)[1].decode()
    assert "<ram:TypeCode>381</ram:TypeCode>" in xml
    assert f"<ram:IssuerAssignedID>{invoice.number}</ram:IssuerAssignedID>" in xml


def test_a_statement_adds_up_from_opening_to_closing(invoice, ana) -> None:
    pay(ana, 1000)
    made = document(f"statement:{ana.pk}:2026-03-01:2026-03-03", at=NOW + timedelta(days=3))

    assert "Kontoauszug 1.–2. März 2026" in words(made)
    assert "Anfangssaldo 0,00 €" in words(made)
    assert f"Rechnung {invoice.number} 35,70 € 35,70 €" in words(made)
    assert "-10,00 € 25,70 €" in words(made)
    assert "Endsaldo 25,70 €" in words(made)


def test_a_statement_is_about_days_that_are_over(ana) -> None:
    with pytest.raises(InvalidInput, match="days that are over"):
        document(f"statement:{ana.pk}:2026-03-01:2026-04-01")


def test_a_reminder_says_what_is_overdue_since_when_and_what_to_do(invoice, ana) -> None:
    late = NOW + timedelta(days=30)
    made = document(f"reminder:{ana.pk}:{late.date()}", at=late)

    # Due 16 March, two weeks after the 2nd; 1 April is 16 days later.
    assert f"{invoice.number} 16.03.2026 16 Tage 35,70 €" in words(made)
    assert "Überfällig 35,70 €" in words(made)
    assert "Raten" in words(made)


def test_nobody_is_reminded_of_nothing(invoice, ana) -> None:
    with pytest.raises(NothingOverdue):
        document(f"reminder:{ana.pk}:{NOW.date()}")


def test_an_agreement_is_kept_in_the_words_it_was_made_in(ana) -> None:
    letter = Letter(
        "plan_agreement", "A-000003", date(2026, 3, 2), ("Wir haben vereinbart:",),
        terms=(("Tarif", "Plus, monatlich"), ("Mindestlaufzeit", "12 Monate")),
        amount_label="Monatlich", amount=eur(2500), schedule=(("Rate 1", date(2026, 4, 1), eur(3334)),),
    )  # fmt: skip
    made = store_letter(letter, subject="agreement:3", customer_id=ana.pk, contact=LINE, by=SYSTEM, at=NOW)
    again = store_letter(
        replace(letter, terms=()), subject="agreement:3", customer_id=ana.pk, contact=NEW_LINE, by=SYSTEM, at=NOW
    )

    assert again.pk == made.pk
    for said in ("Vereinbarung A-000003", "Mindestlaufzeit 12 Monate", "25,00 €", "1. April 2026 33,34 €"):
        assert said in words(made)
    with pytest.raises(NotALetter):
        store_letter(
            replace(letter, kind="invoice"), subject="invoice:3", customer_id=ana.pk, contact=LINE, by=SYSTEM, at=NOW
        )


@pytest.mark.parametrize(
    "subject",
    ["invoice:999999", "invoice:", "invoice:x", "invoice:1:2026-01-01", "refund:1", "statement:1", "", "reminder:1:x",
     "statement:1:2026-03-02:2026-03-01", "invoice:" + "1" * 30, "invoice:" + "1" * 90],
)  # fmt: skip
def test_what_is_no_document_is_refused(ana, subject) -> None:
    with pytest.raises(NoSuchSubject):
        document(subject)


def test_another_customers_document_is_not_found(invoice) -> None:
    made = document(f"invoice:{invoice.pk}")
    ben = open_ana(email="ben@example.com")

    with pytest.raises(Exception, match="no such document"):
        get_document(made.pk, customer_id=ben.pk)


def test_the_application_cannot_change_or_delete_a_document(invoice) -> None:
    document(f"invoice:{invoice.pk}")
    for write in ("UPDATE ledger_document SET number = 'x'", "DELETE FROM ledger_document"):
        refused = pytest.raises(ProgrammingError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(write)


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_can_and_what_its_hash_does_not_say_is_refused(owner) -> None:
    made = document(f"invoice:{bill(open_ana(), 2500).pk}")

    for write in ("UPDATE ledger_document SET contact_number = '+491'", "DELETE FROM ledger_document"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
            owner.execute(write)
    with pytest.raises(psycopg.errors.CheckViolation, match="document_is_what_its_hash_says"):
        owner.execute(
            "INSERT INTO ledger_document (kind, subject, customer_id, language, number, sha256, size, content, "
            "is_electronic, contact_number, template_version, issued_at) "
            "SELECT kind, 'invoice:2', customer_id, language, number, sha256, size, content || 'x', is_electronic, "
            "contact_number, template_version, issued_at FROM ledger_document WHERE id = %s",
            [made.pk],
        )


def test_a_bill_with_a_name_we_cannot_draw_leaves_nothing_behind(db) -> None:
    customer = open_ana()
    Customer.objects.filter(pk=customer.pk).update(name="Ana 😀")
    add_charge(customer.pk, amount=eur(100), description="x", tax_rate=Decimal(0), by=SYSTEM, at=NOW)
    subject = f"invoice:{issue_invoice(customer.pk, by=SYSTEM, at=NOW).pk}"

    with pytest.raises(Exception, match="cannot draw"):
        document(subject)

    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_need_it_at_once_get_one_document() -> None:
    subject = f"invoice:{bill(open_ana(), 2500).pk}"

    def make() -> int:
        try:
            return document(subject).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = [each.result() for each in [pool.submit(make) for _ in range(4)]]

    assert len(set(made)) == 1
    assert (Document.objects.count(), Event.objects.filter(kind="document.issued").count()) == (1, 1)
