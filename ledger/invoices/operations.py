"""issue_invoice, apply_credit and issue_credit_note; and the only places where an invoice's sums change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.books.queries import balance
from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.invoices.tax import tax_on_lines
from ledger.money import Money

#: Days a customer has to pay when nothing else is agreed.
PAYMENT_TERM_DAYS = 14


class NothingToBill(DomainError):
    """No charge is waiting for an invoice."""


class NoSuchInvoice(NotFound):
    """There is no such invoice, or it is somebody else's."""


class NotOwed(DomainError):
    """More was to be settled than is owed on the invoice."""


class NoCredit(DomainError):
    """The customer has less credit than was to be applied."""


@transaction.atomic
def issue_invoice(
    customer_id: int,
    *,
    charge_ids: Sequence[int] | None = None,
    issued_on: date | None = None,
    due_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Invoice:
    """This will bill the named charges, or all that wait, with a gapless number, and ask for them in the books.

    Credit the customer has is applied at once, oldest debt first.

    :raises NothingToBill: if no charge waits, or a named one is billed or reversed already
    """
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    charges = _waiting_charges(customer_id, charge_ids)
    taxes = tax_on_lines([(charge.amount, charge.tax_rate) for charge in charges])
    issued_on = issued_on or customer.local_day(at)
    due_on = due_on or issued_on + timedelta(days=PAYMENT_TERM_DAYS)
    invoice = _create_invoice(customer, charges, taxes, issued_on=issued_on, due_on=due_on, at=at)
    _post_and_record(invoice, by=by, at=at)
    return _apply_credit_to_debts(invoice, by=by, at=at)


def _apply_credit_to_debts(newest: Invoice, *, by: Actor, at: datetime) -> Invoice:
    """Use up the customer's credit, oldest debt first; return the newest bill as it stands then."""
    credit = balance("customer_credit", newest.currency, customer_id=newest.customer_id)
    if credit.minor <= 0:
        return newest
    debts = Invoice.objects.filter(customer_id=newest.customer_id, state=Invoice.State.OPEN).order_by("due_on", "pk")
    for debt in debts:
        part = min(credit, debt.due_amount)
        if part.minor > 0:
            apply_credit(debt.pk, amount=part, by=by, at=at)
            credit = credit - part
    return lock_invoice(newest.pk)


def _create_invoice(
    customer: Customer,
    charges: Sequence[Charge],
    taxes: Sequence[Money],
    *,
    issued_on: date,
    due_on: date,
    at: datetime,
) -> Invoice:
    net, tax = sum(charge.amount_minor for charge in charges), sum(part.minor for part in taxes)
    invoice = Invoice.objects.create(
        number=next_number("INV", issued_on.year),
        customer=customer,
        currency=customer.currency,
        issued_on=issued_on,
        due_on=due_on,
        issued_at=at,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
    )
    _write_lines(invoice, charges, taxes)
    return invoice


def _post_and_record(invoice: Invoice, *, by: Actor, at: datetime) -> None:
    entry = posting_rules.invoice_issued(
        Money(invoice.net_minor, invoice.currency),
        Money(invoice.tax_minor, invoice.currency),
        customer_id=invoice.customer_id,
        invoice=f"invoice:{invoice.pk}",
        on=invoice.issued_on,
    )
    post_entry(entry, by=by, at=at)
    record_event(
        kinds.INVOICE_ISSUED,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=invoice.total_minor,
        currency=invoice.currency,
        due_on=invoice.due_on.isoformat(),
    )


def _waiting_charges(customer_id: int, charge_ids: Sequence[int] | None) -> list[Charge]:
    waiting = Charge.objects.filter(customer_id=customer_id, reversed_at=None, invoice_line=None)
    if charge_ids is not None:
        waiting = waiting.filter(pk__in=charge_ids)
    charges = list(waiting.select_for_update(of=("self",)).order_by("charged_on", "pk"))
    if not charges or (charge_ids is not None and len(charges) != len(set(charge_ids))):
        raise NothingToBill("There is nothing to bill: a charge is on a bill already, or was taken back.")
    return charges


def _write_lines(invoice: Invoice, charges: Sequence[Charge], taxes: Sequence[Money]) -> None:
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            charge=charge,
            position=position,
            description=charge.description,
            currency=charge.currency,
            net_minor=charge.amount_minor,
            tax_rate=charge.tax_rate,
            tax_minor=tax.minor,
        )
        for position, (charge, tax) in enumerate(zip(charges, taxes, strict=True), start=1)
    )


def lock_invoice(invoice_id: int) -> Invoice:
    """Lock an invoice for this transaction; every change of its sums begins here.

    :raises NoSuchInvoice: if there is none
    """
    invoice = Invoice.objects.select_for_update(of=("self",)).filter(pk=invoice_id).select_related("customer").first()
    if invoice is None:
        raise NoSuchInvoice("There is no such invoice.")
    return invoice


def settle_part(invoice: Invoice, amount: Money, *, by: Actor, at: datetime) -> None:
    """This will count an amount as paid on a locked invoice, and settle it when nothing is left.

    :raises InvalidInput: if the amount is not above zero
    :raises NotOwed: if it is more than what is due (disputed parts are not due)
    """
    if amount.minor <= 0:
        raise InvalidInput("Only an amount above zero settles anything.")
    if amount > invoice.due_amount:
        raise NotOwed(f"Only {invoice.due_amount} is due on {invoice.number}.")
    invoice.paid_minor += amount.minor
    close_if_settled(invoice, by=by, at=at)


def close_if_settled(invoice: Invoice, *, by: Actor, at: datetime) -> None:
    """Save a locked invoice's sums; when nothing is left to pay, settle it and say so."""
    settled = invoice.state == Invoice.State.OPEN and not invoice.open_amount
    if settled:
        invoice.settle(at=at)
    invoice.save()
    if settled:
        record_event(
            kinds.INVOICE_PAID,
            subject=invoice,
            customer_id=invoice.customer_id,
            by=by,
            at=at,
            number=invoice.number,
            amount_minor=invoice.total_minor,
            currency=invoice.currency,
        )


@transaction.atomic
def apply_credit(invoice_id: int, *, amount: Money, by: Actor, at: datetime) -> Invoice:
    """This will pay a part of an invoice from the customer's credit.

    :raises NoCredit: if there is less credit
    :raises NotOwed: if less is due
    """
    invoice = lock_invoice(invoice_id)
    credit = balance("customer_credit", amount.currency, customer_id=invoice.customer_id)
    if amount > credit:
        raise NoCredit(f"The customer has {credit} of credit.")
    settle_part(invoice, amount, by=by, at=at)
    event = record_event(
        kinds.CREDIT_APPLIED,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=amount.minor,
        currency=amount.currency,
    )
    entry = posting_rules.credit_applied(
        amount,
        customer_id=invoice.customer_id,
        invoice=f"invoice:{invoice.pk}",
        on=invoice.customer.local_day(at),
        number=event.pk,
    )
    post_entry(entry, by=by, at=at)
    return invoice
