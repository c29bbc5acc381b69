"""void_invoice: withdraw a bill nobody has paid. Its number stays; its charges are taken back or wait for a bill."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.authority import operations as authority
from ledger.books.operations import reverse_entry
from ledger.books.queries import entries_of
from ledger.charges.models import Charge
from ledger.charges.operations import earn, take_back
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices import building
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.operations import InvoiceNotInState, NoSuchInvoice, lock_invoice


class InvoiceNotVoidable(DomainError):
    """Something was paid, credited or disputed on the bill: a credit note corrects it."""


@transaction.atomic
def void_invoice(invoice_id: int, *, reason: str, bill_again: bool = False, by: Actor, at: datetime) -> Invoice:
    """This will withdraw a bill on which nothing was paid, credited or disputed; the opposite entry undoes it.

    Its number stays taken, its lines stay readable. The charges are taken back; with `bill_again` each is charged anew
    as it was, and waits for the next bill. Either way the period can be billed again.

    :raises InvoiceNotInState: if it is not open
    :raises InvoiceNotVoidable: if something was paid, credited or is in dispute
    :raises OwnAccount: if it is the doer's own customer account
    """
    customer_id = Invoice.objects.filter(pk=invoice_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchInvoice("There is no such invoice.")
    building.lock_customer(customer_id)
    refuse_own_account(by, customer_id)
    invoice = lock_invoice(invoice_id)
    if not reason.strip() or len(reason) > 250:
        raise InvalidInput("Say why the bill is voided, in at most 250 characters.")
    _check_voidable(invoice)
    for entry in entries_of(f"invoice:{invoice.pk}"):
        if entry.kind == "invoice_issued":
            reverse_entry(entry.id, reason=reason.strip(), by=by, at=at)
    invoice.void(why=reason.strip())
    invoice.save()
    authority.close_cancelled(f"invoice:{invoice.pk}", by=by, at=at)
    building.record_invoice(kinds.INVOICE_VOIDED, invoice, by=by, at=at, reason=reason.strip(), bill_again=bill_again)
    _free_charges(invoice, bill_again=bill_again, by=by, at=at)
    return invoice


def _check_voidable(invoice: Invoice) -> None:
    if invoice.state != Invoice.State.OPEN:
        raise InvoiceNotInState(f"{invoice.number} is {invoice.state}; only an open bill can be voided.")
    if invoice.is_imported:
        raise InvoiceNotVoidable(f"{invoice.number} was issued by another system; correct it by a credit note.")
    touched = invoice.paid_minor or invoice.credited_minor or invoice.disputed_minor
    if touched or InvoiceLine.objects.filter(invoice=invoice, credited_minor__gt=0).exists():
        raise InvoiceNotVoidable(
            f"Something was paid, credited or disputed on {invoice.number}; correct it by a credit note."
        )


def _free_charges(invoice: Invoice, *, bill_again: bool, by: Actor, at: datetime) -> None:
    """Take the charges back; their external ids are free again, for the copies or for whoever bills the period next."""
    lines = InvoiceLine.objects.filter(invoice=invoice).select_related("charge__customer").order_by("position")
    for line in lines:
        charge, external_id = line.charge, line.charge.external_id
        charge.external_id = None
        take_back(charge, reason=f"{invoice.number} was voided", by=by, at=at)
        if bill_again:
            _charge_anew(charge, external_id, by=by, at=at)


def _charge_anew(charge: Charge, external_id: str | None, *, by: Actor, at: datetime) -> None:
    copied = (
        "customer_id", "description", "kind", "amount_minor", "currency", "basis", "discount_minor", "tax_rate",
        "tax_category", "tax_treatment", "included_tax_minor", "period_start", "period_end", "source",
    )  # fmt: skip
    anew = Charge(
        **{name: getattr(charge, name) for name in copied},
        external_id=external_id,
        charged_on=charge.customer.local_day(at),
        added_by=str(by),
        added_at=at,
    )
    anew.save(force_insert=True)
    earn(anew, by=by, at=at)
