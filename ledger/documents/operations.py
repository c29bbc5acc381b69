"""document_for, store_letter: a document is made once, on first need, and kept; later calls give the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.documents.bills import bill_sheet, ways_to_pay
from ledger.documents.contact import ContactBlock
from ledger.documents.einvoice import can_be_electronic, invoice_xml
from ledger.documents.facts import Bill
from ledger.documents.letters import Letter, Reader, Reminder, letter_sheet, reminder_sheet, statement_sheet
from ledger.documents.models import Document
from ledger.documents.queries import find_document
from ledger.documents.reading import NoSuchSubject, read_buyer, read_credit_note, read_invoice, read_seller
from ledger.documents.sheet import Sheet
from ledger.documents.statements import read_overdue, read_statement
from ledger.documents.typesetting import TEMPLATE_VERSION, embed_invoice, typeset
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.periods import Period

Kind = Document.Kind
#: What kind of document a subject is made into.
KIND_OF = {
    "invoice": Kind.INVOICE,
    "creditnote": Kind.CREDIT_NOTE,
    "statement": Kind.STATEMENT,
    "reminder": Kind.REMINDER,
}


class NothingOverdue(DomainError):
    """There is nothing to remind the customer of."""


class NotALetter(InvalidInput):
    """A letter is an agreement or a notice; bills and statements are made from the books."""


@dataclass(frozen=True, slots=True)
class Made:
    """A document before it is stored."""

    kind: str
    subject: str
    customer: Customer
    language: str
    number: str
    content: bytes
    is_electronic: bool = False


def document_for(
    subject: str, *, contact: ContactBlock, language: str | None = None, by: Actor, at: datetime
) -> Document:
    """Return the document of a subject, made now if it is not there yet; without a language the first one issued.

    Subjects: `invoice:17`, `creditnote:3`, `statement:5:2026-02-01:2026-03-01` (customer 5, up to the last day, not
    including it), `reminder:5:2026-03-20`. A document that is stored keeps the number it was printed with.

    :raises NoSuchSubject: if there is nothing of that name; NotIssuedYet: if it is a draft
    :raises NothingOverdue: if a reminder would remind of nothing
    :raises MissingGlyph: if it holds a letter our fonts cannot draw
    """
    kind = _kind_of(subject)
    stored = find_document(subject, kind=kind, language=language)
    if stored is not None:
        return stored
    return _store(_make(subject, kind, contact, language, at=at), contact, by=by, at=at)


def store_letter(
    letter: Letter, *, subject: str, customer_id: int, contact: ContactBlock, language: str | None = None,
    by: Actor, at: datetime,
) -> Document:  # fmt: skip
    """Return the agreement or notice about a subject (`agreement:9`), made now from the words given, or as stored.

    :raises NotALetter: if its kind is made from the books instead
    :raises MissingGlyph: if it holds a letter our fonts cannot draw
    """
    if letter.kind not in (Kind.PLAN_AGREEMENT, Kind.PRICE_NOTICE):
        raise NotALetter("Only agreements and notices are made from words.")
    stored = find_document(subject, kind=letter.kind, language=language)
    if stored is not None:
        return stored
    customer = get_customer(customer_id)
    tag = language or customer.language
    sheet = letter_sheet(letter, Reader(read_seller(), read_buyer(customer), tag, contact))
    made = Made(letter.kind, subject, customer, tag, letter.number, typeset(sheet, at=at))
    return _store(made, contact, by=by, at=at)


def _kind_of(subject: str) -> str:
    kind = KIND_OF.get(subject.partition(":")[0])
    if kind is None or len(subject) > 60:
        raise NoSuchSubject(f"{subject[:60]!r} is nothing a document is made of.")
    return kind


def _make(subject: str, kind: str, contact: ContactBlock, language: str | None, *, at: datetime) -> Made:
    number, days = _parts_of(subject)
    if kind in (Kind.INVOICE, Kind.CREDIT_NOTE) and not days:
        return _make_bill(subject, kind, number, contact, language)
    if kind == Kind.STATEMENT and len(days) == 2 and days[0] < days[1]:
        return _make_statement(subject, number, Period(*days), contact, language, at=at)
    if kind == Kind.REMINDER and len(days) == 1:
        return _make_reminder(subject, number, days[0], contact, language, at=at)
    raise NoSuchSubject(f"{subject!r} is nothing a document is made of.")


def _parts_of(subject: str) -> tuple[int, list[date]]:
    """Return the number and the days a subject names."""
    number, *days = subject.partition(":")[2].split(":")
    try:
        return int(number), [date.fromisoformat(day) for day in days]
    except ValueError:
        raise NoSuchSubject(f"{subject!r} is nothing a document is made of.") from None


def _make_bill(subject: str, kind: str, pk: int, contact: ContactBlock, language: str | None) -> Made:
    bill, customer = read_invoice(pk) if kind == Kind.INVOICE else read_credit_note(pk)
    bill = replace(bill, language=language or bill.language)
    content, is_electronic = render_bill(bill, contact)
    return Made(kind, subject, customer, bill.language, bill.number, content, is_electronic)


def render_bill(bill: Bill, contact: ContactBlock) -> tuple[bytes, bool]:
    """Return the PDF of a bill, and whether the electronic invoice is inside; dated when it was issued.

    :raises MissingGlyph: if it holds a letter our fonts cannot draw
    """
    sheet = bill_sheet(bill, contact)
    page = typeset(sheet, at=bill.issued_at)
    if not can_be_electronic(bill):
        return page, False
    return embed_invoice(page, invoice_xml(bill, contact), sheet=sheet, at=bill.issued_at), True


def _make_statement(
    subject: str, customer_id: int, period: Period, contact: ContactBlock, language: str | None, *, at: datetime
) -> Made:
    customer, reader = _reader(customer_id, contact, language)
    if period.end > customer.local_day(at):
        raise InvalidInput("A statement is about days that are over.")
    statement = read_statement(customer, period)
    return _made(Kind.STATEMENT, subject, customer, reader, statement.number, statement_sheet(statement, reader), at=at)


def _make_reminder(
    subject: str, customer_id: int, on: date, contact: ContactBlock, language: str | None, *, at: datetime
) -> Made:
    customer, reader = _reader(customer_id, contact, language)
    if on != customer.local_day(at):
        raise InvalidInput("A reminder says what is overdue on the day it is made.")
    late = read_overdue(customer, on, at=at)
    if not late:
        raise NothingOverdue("Nothing is overdue on that day.")
    reminder = Reminder(f"{customer.number}-{on:%Y%m%d}", on, late)
    seller = reader.seller
    ways = ways_to_pay(seller.party.name, seller.iban, seller.account_url, late[0].number, reader.language)
    sheet = reminder_sheet(reminder, reader, ways_to_pay=ways)
    return _made(Kind.REMINDER, subject, customer, reader, reminder.number, sheet, at=at)


def _reader(customer_id: int, contact: ContactBlock, language: str | None) -> tuple[Customer, Reader]:
    customer = get_customer(customer_id)
    return customer, Reader(read_seller(), read_buyer(customer), language or customer.language, contact)


def _made(
    kind: str, subject: str, customer: Customer, reader: Reader, number: str, sheet: Sheet, *, at: datetime
) -> Made:
    return Made(kind, subject, customer, reader.language, number, typeset(sheet, at=at))


@transaction.atomic
def _store(made: Made, contact: ContactBlock, *, by: Actor, at: datetime) -> Document:
    """Insert under the unique subject; whoever comes second gets the document of whoever came first."""
    document = Document(
        kind=made.kind,
        subject=made.subject,
        customer=made.customer,
        language=made.language,
        number=made.number,
        sha256=hashlib.sha256(made.content).hexdigest(),
        size=len(made.content),
        content=made.content,
        is_electronic=made.is_electronic,
        contact_number=contact.number,
        template_version=TEMPLATE_VERSION,
        issued_at=at,
    )
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError:
        first = Document.objects.filter(subject=made.subject, kind=made.kind, language=made.language).first()
        if first is None:
            raise
        return first
    record_event(
        kinds.DOCUMENT_ISSUED,
        subject=document,
        customer_id=made.customer.pk,
        by=by,
        at=at,
        document=document.kind,
        number=document.number,
        about=document.subject,
        sha256=document.sha256,
        contact_number=document.contact_number,
    )
    return document
