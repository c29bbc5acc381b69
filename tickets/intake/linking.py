"""Links what a message names (bills, payments, refunds) to the customer's account, and to nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction

from ledger.customers.operations import refuse_own_account
from ledger.errors import InvalidInput, NotFound
from ledger.events.actor import Actor
from ledger.events.operations import subject_of
from ledger.invoices.models import CreditNote
from ledger.invoices.queries import find_by_number as find_invoice
from ledger.money import InvalidAmount, Money, exponent
from ledger.payments.queries import find_by_number as find_payment
from ledger.payments.queries import find_payments
from ledger.refunds.models import Refund
from tickets import events
from tickets.conversations.models import Message, Reference, Ticket
from tickets.conversations.recording import record
from tickets.intake.references import PaymentHint, References, find_references

NOT_THEIRS = "There is no such number on this customer's account."
NOTHING_FITS = "No payment on this account fits this."
#: Words a message may name at most; the rest is read by people.
MOST_REFERENCES = 20
BY = Actor.system("intake")


class NoSuchReference(NotFound):
    """There is no such reference."""


class NotAChoice(InvalidInput):
    """The chosen object is not one of those the words may mean."""


@dataclass(frozen=True)
class _Found:
    words: str
    subject: str = ""
    candidates: tuple[str, ...] = ()
    refused_because: str = ""
    is_foreign: bool = False


def link_references(ticket: Ticket, message: Message, *, at: datetime) -> list[Reference]:
    """This will keep what a message names: linked when certain, a choice when several fit, refused when not theirs.

    Without a customer nothing is looked up; it is done when the case is linked to one.
    """
    if ticket.customer_id is None or message.found_references.exists():
        return []
    text = f"{ticket.subject}\n{message.new_text or message.text}"
    named = find_references(text, today=at.date())
    customer = ticket.customer
    assert customer is not None
    found = [*_by_number(named, ticket.customer_id), *_by_hint(named, ticket.customer_id, customer.currency)]
    for each in found:
        if each.is_foreign:
            record(events.REFERENCE_REFUSED, ticket, by=BY, at=at, words=each.words, why=each.refused_because)
    return Reference.objects.bulk_create(
        Reference(
            ticket=ticket,
            message=message,
            words=each.words[:200],
            subject=each.subject,
            candidates=list(each.candidates),
            refused_because=each.refused_because,
        )
        for each in found[:MOST_REFERENCES]
    )


def _find_credit_note(number: str) -> CreditNote | None:
    return CreditNote.objects.filter(number=number).first()


def _find_refund(number: str) -> Refund | None:
    return Refund.objects.filter(number=number).first()


def _by_number(named: References, customer_id: int) -> Iterator[_Found]:
    finders: tuple[tuple[tuple[str, ...], Callable[[str], models.Model | None]], ...] = (
        (named.invoices, find_invoice),
        (named.credit_notes, _find_credit_note),
        (named.refunds, _find_refund),
        (named.payments, find_payment),
    )
    for numbers, find in finders:
        for number in numbers:
            thing = find(number)
            if thing is not None and getattr(thing, "customer_id", None) == customer_id:
                yield _Found(number, subject_of(thing))
            else:
                yield _Found(number, refused_because=NOT_THEIRS, is_foreign=thing is not None)


def _by_hint(named: References, customer_id: int, currency: str) -> Iterator[_Found]:
    for hint in named.payment_hints:
        amount = _money(hint, currency)
        if amount is None and not (hint.dates and hint.last4):
            continue
        fitting = find_payments(customer_id, amount=amount, on=hint.dates, last4=hint.last4)
        subjects = tuple(subject_of(payment) for payment in fitting[:10])
        words = " ".join(part for part in (hint.amount_text, f"card {hint.last4}" if hint.last4 else "") if part)
        if len(subjects) == 1:
            yield _Found(words, subjects[0])
        else:
            yield _Found(words, candidates=subjects, refused_because="" if subjects else NOTHING_FITS)


def _money(hint: PaymentHint, currency: str) -> Money | None:
    """Return the amount in the account's currency; None when it was written in another or does not fit."""
    if hint.amount is None or (hint.currency and hint.currency != currency):
        return None
    minor = hint.amount.scaleb(exponent(currency))
    try:
        return Money(int(minor), currency) if minor == minor.to_integral_value() else None
    except InvalidAmount:
        return None


@transaction.atomic
def choose_reference(reference_id: int, *, subject: str, by: Actor, at: datetime) -> Reference:
    """This will say which of several objects the customer meant.

    :raises NoSuchReference: if there is none
    :raises NotAChoice: if the object is not one of the candidates
    """
    found = Reference.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=reference_id).first()
    if found is None:
        raise NoSuchReference("There is no such reference.")
    refuse_own_account(by, found.ticket.customer_id)
    if subject not in found.candidates:
        raise NotAChoice("Please choose one of the payments offered.")
    found.subject, found.chosen_by = subject, str(by)
    found.save(update_fields=["subject", "chosen_by"])
    record(events.REFERENCE_CHOSEN, found.ticket, by=by, at=at, words=found.words, chosen=subject)
    return found
