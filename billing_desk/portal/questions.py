"""What a customer wrote in the portal, handed to intake like a message of any other channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from billing_desk.portal.session import SignedIn
from ledger.errors import NotFound
from ledger.invoices.models import InvoiceLine
from ledger.invoices.queries import get_invoice
from tickets.channels.portal import from_portal
from tickets.conversations.models import Ticket
from tickets.intake.operations import receive_message


class NoSuchSubject(NotFound):
    """What the question is about does not exist, or is somebody else's."""


@dataclass(frozen=True)
class Question:
    """A customer's words and files; `ticket`: the conversation it continues, `about`: the bill it was asked from."""

    subject: str
    text: str
    files: Sequence[UploadedFile[Any]]
    ticket: Ticket | None = None
    about: str = ""


def describe(about: str, who: SignedIn) -> str:
    """Return in words what a question is about (`invoice:7`, `invoiceline:33`), empty when it is about nothing.

    :raises NotFound: if it is not this customer's, or this contact may not see it
    """
    if not about:
        return ""
    line, invoice_id = _parse(about, who)
    invoice = get_invoice(invoice_id, customer_id=who.customer.pk)
    return f"“{line.description}” on bill {invoice.number}" if line else f"bill {invoice.number}"


def _parse(about: str, who: SignedIn) -> tuple[InvoiceLine | None, int]:
    kind, _, number = about.partition(":")
    if not number.isdecimal() or len(number) > 18 or not who.may_see_money:
        raise NoSuchSubject("There is no such bill.")
    if kind == "invoice":
        return None, int(number)
    line = InvoiceLine.objects.filter(pk=int(number), invoice__customer_id=who.customer.pk).first()
    if kind != "invoiceline" or line is None:
        raise NoSuchSubject("There is no such line.")
    return line, line.invoice_id


def send(question: Question, who: SignedIn, *, key: UUID, at: datetime) -> Ticket:
    """Hand the message to intake and return the conversation it landed in.

    A repeated key is the same message: the conversation it landed in first is returned.

    :raises DomainError: if intake refuses it
    """
    files = [(file.name or "file", file.content_type or "", file.read()) for file in question.files]
    inbound = from_portal(
        who.customer, who.contact, question.subject, question.text, files, ticket=question.ticket, form_id=str(key)
    )
    return receive_message(
        inbound,
        customer_id=who.customer.pk,
        ticket_id=question.ticket.pk if question.ticket else None,
        subject_of_question=_invoice_of(question.about, who),
        at=at,
    )


def _invoice_of(about: str, who: SignedIn) -> str:
    return f"invoice:{_parse(about, who)[1]}" if about else ""
