"""Documents with the billing line of their reader: what follows when a bill is issued, and what screens hand out.

The ledger makes documents and knows no telephone lines; the lines stand above it. Here the two meet.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.documents.contact import ContactBlock
from ledger.documents.glyphs import MissingGlyph
from ledger.documents.letters import Letter
from ledger.documents.models import Document
from ledger.documents.operations import NothingOverdue, document_for, store_letter
from ledger.documents.queries import find_document
from ledger.documents.reading import NoSuchSubject
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.events.outbox import in_one_order
from ledger.invoices.models import CreditNote, Invoice
from ledger.printing.operations import queue_letter
from ledger.printing.queries import gets_paper
from notifications.preferences.queries import find_preference, language_of
from notifications.reactions import tell_customer
from tickets.channels.lines import billing_contact

BY = Actor.system("documents")


@in_one_order
def deliver_bill(event: Event, at: datetime) -> None:
    """For invoice.issued: the bill is typeset and stored, and the customer is told with it attached; both or neither.

    Who wants bills on paper gets a letter instead: it waits in line to be printed.

    A bill that cannot be typeset is told without it, and somebody gets a case about it. A bill from before the setting
    DOCUMENTS_FROM is typeset when somebody first opens it.
    """
    document = _made(event, at) if at.date().isoformat() >= settings.DOCUMENTS_FROM else None
    document_id = document.pk if document else None
    if gets_paper(int(event.customer_id or 0)):
        queue_letter(Invoice.objects.get(pk=event.subject.partition(":")[2]), document_id, by=BY, at=at)
        return
    tell_customer(event, at, document_id=document_id)


@in_one_order
def deliver_reminder(event: Event, at: datetime) -> None:
    """For dunning.reminded: the reminder is typeset and sent attached; who has paid since is not reminded any more."""
    customer = get_customer(int(event.customer_id or 0))
    subject = f"reminder:{customer.pk}:{customer.local_day(at).isoformat()}"
    document_id = None
    try:
        document_id = _first_or_made(subject, customer, by=BY, at=at).pk
    except NothingOverdue:
        return
    except MissingGlyph as refusal:
        why = str(refusal)
        record_event(kinds.DOCUMENT_REFUSED, subject=event.subject, customer_id=customer.pk, by=BY, at=at, why=why)
    tell_customer(event, at, document_id=document_id)


def keep_document(event: Event, at: datetime) -> None:
    """For credit_note.issued: the document is typeset and stored as it is today, to be read in the account."""
    if at.date().isoformat() >= settings.DOCUMENTS_FROM:
        _made(event, at)


def _made(event: Event, at: datetime) -> Document | None:
    """Return the document of an event's subject; None when a letter of it cannot be drawn, which is recorded."""
    customer = get_customer(int(event.customer_id or 0))
    try:
        return _first_or_made(event.subject, customer, by=BY, at=at)
    except MissingGlyph as refusal:
        record_event(
            kinds.DOCUMENT_REFUSED, subject=event.subject, customer_id=customer.pk, by=BY, at=at, why=str(refusal)
        )
        return None


def _first_or_made(subject: str, customer: Customer, *, by: Actor, at: datetime) -> Document:
    """Return the document as it was first issued, else make it in the language the customer reads."""
    stored = find_document(subject)
    if stored is not None:
        return stored
    language = language_read_by(customer)
    return document_for(subject, contact=contact_of(customer, language), language=language, by=by, at=at)


def contact_of(customer: Customer, language: str | None = None) -> ContactBlock:
    """Return whom a customer may call, as it would be printed today."""
    return billing_contact(customer.country, language or language_read_by(customer))


def language_read_by(customer: Customer) -> str:
    """Return the language a customer chose; with the account's region where it is the account's language."""
    chosen = language_of(customer, find_preference(customer.pk))
    return customer.language if chosen.lower() == customer.first_language else chosen


def open_document(subject: str, *, customer_id: int, language: str | None = None, by: Actor, at: datetime) -> Document:
    """Return a customer's document to hand out: `invoice:17`, `creditnote:3`, `statement:…`, `reminder:…`; made if new.

    :raises NoSuchSubject: if there is nothing of that name, or it is another customer's
    :raises MissingGlyph, NotIssuedYet, NothingOverdue: as `document_for` would
    """
    _check_owner(subject, customer_id)
    customer = get_customer(customer_id)
    if language is None:
        return _first_or_made(subject, customer, by=by, at=at)
    return document_for(subject, contact=contact_of(customer, language), language=language, by=by, at=at)


def keep_letter(letter: Letter, *, subject: str, customer_id: int, by: Actor, at: datetime) -> Document:
    """Return the stored agreement or notice, made now with today's billing line if it is new."""
    stored = find_document(subject, kind=letter.kind)
    if stored is not None:
        return stored
    customer = get_customer(customer_id)
    language = language_read_by(customer)
    contact = contact_of(customer, language)
    return store_letter(
        letter, subject=subject, customer_id=customer_id, contact=contact, language=language, by=by, at=at
    )


def _check_owner(subject: str, customer_id: int) -> None:
    kind, _, rest = subject.partition(":")
    pk = rest.partition(":")[0]
    if not pk.isdecimal() or len(pk) > 18:
        raise NoSuchSubject("There is no such document.")
    if kind in ("statement", "reminder"):
        is_theirs = int(pk) == customer_id
    else:
        model = {"invoice": Invoice, "creditnote": CreditNote}.get(kind)
        is_theirs = model is not None and model._default_manager.filter(pk=int(pk), customer_id=customer_id).exists()
    if not is_theirs:
        raise NoSuchSubject("There is no such document.")
