"""What a customer wrote in the portal, handed to intake like a message of any other channel.

A question asked from a line, a bill, a payment or a credit note keeps what it is about, and the case begins with the
explanation that the customer was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from billing_desk.portal.session import SignedIn
from billing_desk.reading import reader
from ledger.errors import NotFound
from ledger.events.actor import Actor
from ledger.explanations.making import explain_bill, explain_charge
from ledger.explanations.operations import give_explanation
from ledger.explanations.telling import ClaimWithoutSource, Explanation
from ledger.invoices.explain import get_line
from ledger.invoices.models import CreditNote
from ledger.invoices.queries import get_invoice
from ledger.payments.models import Payment
from tickets.channels.portal import from_portal
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_event_line
from tickets.intake.operations import receive_message

BY = Actor.system("portal")


class NoSuchSubject(NotFound):
    """What the question is about does not exist, or is somebody else's."""


@dataclass(frozen=True)
class Question:
    """A customer's words and files; `ticket`: the conversation it continues, `about`: what it was asked from."""

    subject: str
    text: str
    files: Sequence[UploadedFile[Any]]
    ticket: Ticket | None = None
    about: str = ""


@dataclass(frozen=True)
class About:
    """What a question is about: its reference, its words, and what there is to say about it."""

    subject: str
    words: str
    explanation: Explanation | None = None


def look_up(about: str, who: SignedIn) -> About | None:
    """Return what a question is about (`invoice:7`, `invoiceline:33`), None when it is about nothing.

    :raises NotFound: if it is not this customer's, or this contact may not see it
    """
    if not about:
        return None
    kind, _, number = about.partition(":")
    if kind not in FINDERS or not number.isdecimal() or len(number) > 18 or not who.may_see_money:
        raise NoSuchSubject("There is no such thing in this account.")
    return FINDERS[kind](int(number), who.customer.pk)


def _line(pk: int, customer_id: int) -> About:
    line = get_line(pk, customer_id=customer_id)
    get_invoice(line.invoice_id, customer_id=customer_id)
    words = _("“{line}” on bill {number}").format(line=line.description, number=line.invoice.number)
    return About(f"invoiceline:{pk}", words, explain_charge(pk, reader(), customer_id=customer_id))


def _bill(pk: int, customer_id: int) -> About:
    invoice = get_invoice(pk, customer_id=customer_id)
    explanation = explain_bill(pk, reader(), customer_id=customer_id)
    return About(f"invoice:{pk}", _("bill {number}").format(number=invoice.number), explanation)


def _payment(pk: int, customer_id: int) -> About:
    payment = Payment.objects.filter(pk=pk, customer_id=customer_id).first()
    if payment is None:
        raise NoSuchSubject("There is no such payment.")
    return About(f"payment:{pk}", _("payment {number}").format(number=payment.number))


def _credit_note(pk: int, customer_id: int) -> About:
    note = CreditNote.objects.filter(pk=pk, customer_id=customer_id).first()
    if note is None:
        raise NoSuchSubject("There is no such credit note.")
    return About(f"creditnote:{pk}", _("credit note {number}").format(number=note.number))


FINDERS: dict[str, Callable[[int, int], About]] = {
    "invoiceline": _line,
    "invoice": _bill,
    "payment": _payment,
    "creditnote": _credit_note,
}


@transaction.atomic
def send(question: Question, who: SignedIn, *, key: UUID, at: datetime) -> Ticket:
    """Hand the message to intake and return the conversation it landed in.

    A repeated key is the same message: the conversation it landed in first is returned.

    :raises DomainError: if intake refuses it
    """
    about = look_up(question.about, who)
    files = [(file.name or "file", file.content_type or "", file.read()) for file in question.files]
    inbound = from_portal(
        who.customer, who.contact, question.subject, question.text, files, ticket=question.ticket, form_id=str(key)
    )
    ticket = receive_message(
        inbound,
        customer_id=who.customer.pk,
        ticket_id=question.ticket.pk if question.ticket else None,
        subject_of_question=about.subject if about else "",
        at=at,
    )
    if about is not None and about.explanation is not None:
        _attach(ticket, about.subject, about.explanation, at=at)
    return ticket


def _attach(ticket: Ticket, subject: str, explanation: Explanation, *, at: datetime) -> None:
    """Put the explanation the customer was shown into the case, and keep it as given; repeating is harmless."""
    add_event_line(
        ticket.pk,
        key=f"explained:{ticket.pk}:{subject}",
        text=f"The customer was shown: {explanation.text}",
        about=subject,
        at=at,
    )
    try:
        give_explanation(explanation, by=BY, at=at)
    except ClaimWithoutSource:
        # A name typed by hand may hold an amount; the question must not be lost for it, so the case alone keeps it.
        return
