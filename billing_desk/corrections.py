"""Bills corrected by hand: credit notes and voided bills, within what the doer may give alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.authority.policy import Limit
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.invoices.crediting import Correction, credit_lines
from ledger.invoices.models import CreditNote, Invoice
from ledger.invoices.operations import NoSuchInvoice
from ledger.invoices.voiding import void_invoice
from ledger.money import Money

ACT = AuthorityLimit.Act.CREDIT


class AboveOwnLimit(DomainError):
    """More than the doer may give alone: a colleague with a higher limit does it."""


@transaction.atomic
def credit_bill(
    invoice_id: int, corrections: Sequence[Correction], *, reason: str, key: str = "", by: Actor, at: datetime
) -> CreditNote:
    """This will credit lines of a bill in one note, within the doer's own limit for credits.

    `key` names one filled-in form, so that sending it twice credits once.

    :raises AboveOwnLimit: if it is more than they may give alone, with what they gave lately
    :raises DomainError: as `credit_lines` would
    """
    customer = _lock(invoice_id, by=by)
    source = f"desk:{key}" if key else ""
    known = source and CreditNote.objects.filter(source=source).first()
    if known:
        return known
    note = credit_lines(corrections, reason=reason, source=source, by=by, at=at)
    limit, why = _within_limit(note.total, customer, by=by, at=at)
    subject = f"creditnote:{note.pk}"
    about = {"customer_id": customer.pk, "amount": note.total, "limit": limit, "why": why}
    authority.record_alone(subject, act=ACT, by=by, at=at, **about)
    return note


@transaction.atomic
def preview_credit(
    invoice_id: int, corrections: Sequence[Correction], *, reason: str, by: Actor, at: datetime
) -> CreditNote:
    """Return the credit note that `credit_bill` would write now; it is written, looked at and rolled back."""
    with transaction.atomic():
        note = credit_bill(invoice_id, corrections, reason=reason, by=by, at=at)
        transaction.set_rollback(True)
    return note


@transaction.atomic
def void_bill(invoice_id: int, *, reason: str, bill_again: bool, by: Actor, at: datetime) -> Invoice:
    """This will void a bill. What is not billed again is given up, so it is within the doer's limit for credits.

    :raises AboveOwnLimit: if it is more than they may give alone, with what they gave lately
    :raises DomainError: as `void_invoice` would
    """
    customer = _lock(invoice_id, by=by)
    invoice = void_invoice(invoice_id, reason=reason, bill_again=bill_again, by=by, at=at)
    if not bill_again and invoice.total.minor > 0:
        limit, why = _within_limit(invoice.total, customer, by=by, at=at)
        about = {"customer_id": customer.pk, "amount": invoice.total, "limit": limit, "why": why}
        authority.record_alone(f"voided:{invoice.pk}", act=ACT, by=by, at=at, **about)
    return invoice


def _lock(invoice_id: int, *, by: Actor) -> Customer:
    """Lock the customer first: gifts to one customer are decided one after the other, so split ones are seen."""
    customer_id = Invoice.objects.filter(pk=invoice_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchInvoice("There is no such invoice.")
    refuse_own_account(by, customer_id)
    return Customer.objects.select_for_update(no_key=True).get(pk=customer_id)


def _within_limit(amount: Money, customer: Customer, *, by: Actor, at: datetime) -> tuple[Limit, str]:
    given = authority.given_lately(ACT, customer.pk, amount.currency, by=by, at=at)
    decision = authority.decide(ACT, amount, given=given, by=by)
    if not decision.alone or decision.limit is None:
        raise AboveOwnLimit(f"{decision.why} It comes to {amount}; a colleague with a higher limit can do it.")
    return decision.limit, decision.why
