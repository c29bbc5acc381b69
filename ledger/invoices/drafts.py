"""Drafts: bills put together before they are asked for. They have no number yet and stand in no account."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices import building
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.invoices.operations import InvoiceNotInState, NoSuchInvoice, lock_invoice, use_credit
from ledger.periods import Period


@transaction.atomic
def draft_invoice(
    customer_id: int,
    *,
    charge_ids: Sequence[int] | None = None,
    issued_on: date | None = None,
    due_on: date | None = None,
    source: str = "",
    period: Period | None = None,
    by: Actor,
    at: datetime,
) -> Invoice:
    """This will put charges together for a bill that is not asked for yet; they wait for no other bill meanwhile.

    :raises NothingToBill: if no charge waits, or a named one does not
    :raises PeriodAlreadyBilled: if the source has an invoice or a draft for the period
    """
    customer = building.lock_customer(customer_id)
    terms = building.terms_of(customer, issued_on, due_on, source, period, at=at)
    charges = building.lock_charges(customer_id, charge_ids)
    number = f"DRAFT-{uuid.uuid4().hex}"
    invoice = building.new_invoice(customer, number, terms, state=Invoice.State.DRAFT, at=at)
    _fill(invoice, customer, charges)
    building.record_invoice(kinds.INVOICE_DRAFTED, invoice, by=by, at=at)
    return invoice


def _fill(invoice: Invoice, customer: Customer, charges: Sequence[Charge]) -> None:
    """Write the sums and lines of a draft anew, at the tax of its day."""
    bill = building.bill_charges(customer, charges, invoice.issued_on)
    building.set_sums(invoice, bill)
    invoice.save()
    InvoiceLine.objects.filter(invoice=invoice).delete()
    building.write_lines(invoice, charges, bill)


@transaction.atomic
def change_draft(
    invoice_id: int,
    *,
    add: Sequence[int] = (),
    remove: Sequence[int] = (),
    due_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Invoice:
    """This will put charges on a draft, or take them off again so that they wait for another bill.

    :raises InvoiceNotInState: if it is no draft any more
    :raises NothingToBill: if a charge to add does not wait
    :raises InvalidInput: if a charge to take off is not on it, or none would be left
    """
    customer, invoice = _lock_draft(invoice_id)
    on_it = _charges_of(invoice)
    missing = set(remove) - {charge.pk for charge in on_it}
    if missing:
        raise InvalidInput("A charge that is to come off the draft is not on it.")
    charges = [charge for charge in on_it if charge.pk not in set(remove)]
    charges += building.lock_charges(customer.pk, add) if add else []
    if not charges:
        raise InvalidInput("Nothing would be left on the draft; discard it instead.")
    if due_on is not None:
        if due_on < invoice.issued_on:
            raise InvalidInput("A bill is not due before it is issued.")
        invoice.due_on = due_on
    _fill(invoice, customer, charges)
    building.record_invoice(kinds.INVOICE_DRAFT_CHANGED, invoice, by=by, at=at, lines=len(charges))
    return invoice


@transaction.atomic
def issue_draft(
    invoice_id: int, *, issued_on: date | None = None, due_on: date | None = None, by: Actor, at: datetime
) -> Invoice:
    """This will ask for a draft: it gets its gapless number, today's tax and rate, and the customer's credit pays it.

    Whoever comes second finds it issued: the state is read again under the lock, before a number is taken.

    :raises InvoiceNotInState: if it is no draft any more
    """
    customer, invoice = _lock_draft(invoice_id)
    term = invoice.due_on - invoice.issued_on
    invoice.issued_on = issued_on or customer.local_day(at)
    invoice.due_on = due_on or invoice.issued_on + max(term, timedelta(0))
    if invoice.due_on < invoice.issued_on:
        raise InvalidInput("A bill is not due before it is issued.")
    _fill(invoice, customer, _charges_of(invoice))
    invoice.issue(number=next_number("INV", invoice.issued_on.year), at=at)
    invoice.save()
    building.post_and_record(invoice, by=by, at=at)
    return use_credit(invoice, by=by, at=at)


@transaction.atomic
def discard_draft(invoice_id: int, *, reason: str, by: Actor, at: datetime) -> Invoice:
    """This will drop a draft; its charges wait for a bill again. No number was used up.

    :raises InvoiceNotInState: if it is no draft any more
    :raises InvalidInput: if no reason is given
    """
    _, invoice = _lock_draft(invoice_id)
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say why the draft is discarded, in at most 300 characters.")
    InvoiceLine.objects.filter(invoice=invoice).delete()
    invoice.discard(why=reason.strip())
    invoice.save()
    building.record_invoice(kinds.INVOICE_DRAFT_DISCARDED, invoice, by=by, at=at, reason=reason.strip())
    return invoice


def _lock_draft(invoice_id: int) -> tuple[Customer, Invoice]:
    """Lock the customer, then the draft, and look at its state only then."""
    customer_id = Invoice.objects.filter(pk=invoice_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchInvoice("There is no such invoice.")
    customer = building.lock_customer(customer_id)
    invoice = lock_invoice(invoice_id)
    if invoice.state != Invoice.State.DRAFT:
        raise InvoiceNotInState(f"{invoice.number} is {invoice.state}, no draft any more.")
    return customer, invoice


def _charges_of(invoice: Invoice) -> list[Charge]:
    lines = InvoiceLine.objects.filter(invoice=invoice).select_related("charge").order_by("position")
    return [line.charge for line in lines]
