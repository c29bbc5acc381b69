"""How a bill is put together from charges; issue_invoice and drafts share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.charges.distance import crossed_in
from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.book_rates import book_rate
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.taxing import Bill, bill_of, part_of_charge
from ledger.money import Money
from ledger.periods import Period

#: Days a customer has to pay when nothing else is agreed.
PAYMENT_TERM_DAYS = 14


class NothingToBill(DomainError):
    """No charge is waiting for an invoice."""


class PeriodAlreadyBilled(DomainError):
    """What is billed has an invoice for this period already."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When a bill is issued and due, and what it is for: a source and the period a run billed."""

    issued_on: date
    due_on: date
    source: str = ""
    period: Period | None = None


def lock_customer(customer_id: int) -> Customer:
    """Lock a customer: bills and money of one customer are decided one after the other.

    :raises NoSuchCustomer: if there is none
    """
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    return customer


def terms_of(
    customer: Customer, issued_on: date | None, due_on: date | None, source: str, period: Period | None, *, at: datetime
) -> Terms:
    """Return the terms asked for, filled in: issued today where the customer lives, due two weeks later.

    :raises InvalidInput: if it would be due before it is issued
    :raises PeriodAlreadyBilled: if the source has an invoice or a draft for the period
    """
    issued_on = issued_on or customer.local_day(at)
    due_on = due_on or issued_on + timedelta(days=PAYMENT_TERM_DAYS)
    if due_on < issued_on:
        raise InvalidInput("A bill is not due before it is issued.")
    if source and period:
        billed = Invoice.objects.filter(source=source, period_start=period.start).exclude(state=Invoice.State.VOID)
        if found := billed.first():
            raise PeriodAlreadyBilled(f"The period from {period.start} is billed already, on {found.number}.")
    return Terms(issued_on, due_on, source, period)


def lock_charges(customer_id: int, charge_ids: Sequence[int] | None) -> list[Charge]:
    """Lock the named charges that wait for a bill, or all that do, oldest first.

    :raises NothingToBill: if there is none, or a named one does not wait
    """
    waiting = Charge.objects.filter(customer_id=customer_id, reversed_at=None, invoice_line=None)
    if charge_ids is not None:
        waiting = waiting.filter(pk__in=charge_ids)
    charges = list(waiting.select_for_update(of=("self",)).order_by("charged_on", "pk"))
    if not charges or (charge_ids is not None and len(charges) != len(set(charge_ids))):
        raise NothingToBill("There is nothing to bill: a charge is on a bill already, or was taken back.")
    return charges


def bill_charges(customer: Customer, charges: Sequence[Charge], on: date) -> Bill:
    """Return what the charges come to on a bill of that day."""
    return bill_of(customer, [part_of_charge(charge) for charge in charges], on)


def new_invoice(
    customer: Customer, number: str, terms: Terms, *, state: str = Invoice.State.OPEN, at: datetime
) -> Invoice:
    """Return an invoice that is not saved yet and has no sums."""
    return Invoice(
        number=number,
        state=state,
        customer=customer,
        currency=customer.currency,
        source=terms.source,
        period_start=terms.period.start if terms.period else None,
        period_end=terms.period.end if terms.period else None,
        issued_on=terms.issued_on,
        due_on=terms.due_on,
        issued_at=at,
    )


def set_sums(invoice: Invoice, bill: Bill) -> None:
    """Set what the bill comes to, why this tax, and what it is worth in the book currency on its day."""
    rate = book_rate(invoice.currency, invoice.issued_on)
    invoice.net_minor, invoice.tax_minor, invoice.total_minor = bill.net.minor, bill.tax.minor, bill.total.minor
    invoice.tax_evidence = bill.evidence
    invoice.book_rate, invoice.book_rate_source, invoice.book_rate_on = rate.value, rate.source, rate.on


def write_lines(invoice: Invoice, charges: Sequence[Charge], bill: Bill) -> None:
    """Write one line for each charge, in their order."""
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            charge=charge,
            position=position,
            description=charge.description,
            currency=charge.currency,
            net_minor=line.net.minor,
            tax_rate=line.rate,
            tax_treatment=line.treatment,
            tax_minor=line.tax.minor,
        )
        for position, (charge, line) in enumerate(zip(charges, bill.lines, strict=True), start=1)
    )


def post_and_record(invoice: Invoice, *, by: Actor, at: datetime) -> None:
    """Ask for a bill in the books, and say so; one that comes to nothing asks for nothing."""
    if invoice.total_minor:
        entry = posting_rules.invoice_issued(
            Money(invoice.net_minor, invoice.currency),
            Money(invoice.tax_minor, invoice.currency),
            customer_id=invoice.customer_id,
            invoice=f"invoice:{invoice.pk}",
            on=invoice.issued_on,
        )
        post_entry(entry, by=by, at=at)
    record_invoice(kinds.INVOICE_ISSUED, invoice, by=by, at=at, due_on=invoice.due_on.isoformat())
    year = crossed_in(invoice.tax_evidence)
    if year is not None:
        record_event(
            kinds.DISTANCE_THRESHOLD_CROSSED,
            subject=f"distance_threshold:{year}",
            customer_id=None,
            by=by,
            at=at,
            invoice=invoice.number,
        )


def record_invoice(
    kind: str, invoice: Invoice, *, amount: Money | None = None, by: Actor, at: datetime, **more: Any
) -> None:
    """Record what happened to a bill, with its number and the amount it is about: its total if nothing else is said."""
    record_event(
        kind,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=amount.minor if amount else invoice.total_minor,
        currency=invoice.currency,
        **more,
    )
