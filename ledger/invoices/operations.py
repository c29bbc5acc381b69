"""issue_invoice and apply_credit; and the only places where an invoice's sums change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from ledger.authority import operations as authority
from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.books.queries import balance
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices import building
from ledger.invoices.building import PAYMENT_TERM_DAYS, NothingToBill, PeriodAlreadyBilled
from ledger.invoices.models import Invoice
from ledger.invoices.numbering import next_number
from ledger.money import Money
from ledger.periods import Period

__all__ = ["PAYMENT_TERM_DAYS", "NothingToBill", "PeriodAlreadyBilled"]


class NoSuchInvoice(NotFound):
    """There is no such invoice, or it is somebody else's."""


class NotOwed(DomainError):
    """More was to be settled than is owed on the invoice."""


class NoCredit(DomainError):
    """The customer has less credit than was to be applied."""


class InvoiceNotInState(DomainError):
    """The invoice is not in a state in which this can be done."""


@transaction.atomic
def issue_invoice(
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
    """This will bill the named charges, or all that wait, with a gapless number, and ask for them in the books.

    Credit the customer has is applied at once, oldest debt first; what is promised to a refund is not touched.

    :raises NothingToBill: if no charge waits, or a named one is billed or reversed already
    :raises PeriodAlreadyBilled: if the source has an invoice for the period
    :raises NoTaxRule: if a charge leaves its tax to the rules, and no rule covers it
    """
    customer = building.lock_customer(customer_id)
    terms = building.terms_of(customer, issued_on, due_on, source, period, at=at)
    charges = building.lock_charges(customer_id, charge_ids)
    bill = building.bill_charges(customer, charges, terms.issued_on)
    invoice = building.new_invoice(customer, next_number("INV", terms.issued_on.year), terms, at=at)
    building.set_sums(invoice, bill)
    invoice.save(force_insert=True)
    building.write_lines(invoice, charges, bill)
    building.post_and_record(invoice, by=by, at=at)
    return use_credit(invoice, by=by, at=at)


def use_credit(newest: Invoice, *, by: Actor, at: datetime) -> Invoice:
    """Use up the customer's credit, oldest debt first; return the newest bill as it stands then."""
    if not newest.total_minor:
        close_if_settled(newest, by=by, at=at)
        return newest
    credit = balance("customer_credit", newest.currency, customer_id=newest.customer_id)
    if credit.minor <= 0:
        return newest
    debts = Invoice.objects.filter(customer_id=newest.customer_id, currency=newest.currency, state=Invoice.State.OPEN)
    for debt in debts.order_by("due_on", "pk"):
        part = min(credit, debt.due_amount)
        if part.minor > 0:
            apply_credit(debt.pk, amount=part, by=by, at=at)
            credit = credit - part
    return lock_invoice(newest.pk)


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


def unsettle_part(invoice: Invoice, amount: Money) -> None:
    """This will count an amount as no longer paid on a locked invoice: what was paid with it is moved elsewhere.

    :raises NotOwed: if less than that is paid
    """
    if amount.minor <= 0 or amount.minor > invoice.paid_minor:
        raise NotOwed(f"Only {Money(invoice.paid_minor, invoice.currency)} is paid on {invoice.number}.")
    if invoice.state == Invoice.State.PAID:
        invoice.reopen()
    invoice.paid_minor -= amount.minor
    invoice.save()


def close_if_settled(invoice: Invoice, *, by: Actor, at: datetime) -> None:
    """Save a locked invoice's sums; when nothing is left to pay, settle it and say so."""
    owed_by_nobody = (Invoice.State.PAID, Invoice.State.VOID, Invoice.State.DRAFT)
    settled = invoice.state not in owed_by_nobody and not invoice.open_amount and not invoice.written_off_minor
    if settled:
        invoice.settle(at=at)
    invoice.save()
    if settled:
        authority.close_cancelled(f"invoice:{invoice.pk}", by=by, at=at)
        building.record_invoice(kinds.INVOICE_PAID, invoice, by=by, at=at)


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
