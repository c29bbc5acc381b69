"""Every read of invoices worth a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Min, Prefetch, Q, QuerySet, Sum

from ledger.books.queries import customer_balances
from ledger.customers.queries import get_customer
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.invoices.operations import NoSuchInvoice
from ledger.money import Money


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What a customer owes, in natural signs: owed = due + disputed; credit is theirs.

    `due` is asked for now or later (`next_due_on`), `overdue` is the part of it past its day.
    """

    currency: str
    owed: Money
    due: Money
    overdue: Money
    disputed: Money
    credit: Money
    held_for_customer: Money
    next_due_on: date | None


def account_summary(customer_id: int, *, today: date) -> AccountSummary:
    """Return what a customer owes, from the books (balances) and the open invoices (days).

    :raises NoSuchCustomer: if there is none
    """
    customer = get_customer(customer_id)
    held = customer_balances(customer_id)
    nothing = Money(0, customer.currency)

    def of(account: str) -> Money:
        return held.get((account, customer.currency), nothing)

    still_due = F("total_minor") - F("paid_minor") - F("credited_minor") - F("disputed_minor")
    open_ones = Invoice.objects.filter(customer_id=customer_id, state=Invoice.State.OPEN).alias(left=still_due)
    days = open_ones.filter(left__gt=0).aggregate(
        overdue=Sum(still_due, filter=Q(due_on__lt=today)), next_due=Min("due_on", filter=Q(due_on__gte=today))
    )
    return AccountSummary(
        currency=customer.currency,
        owed=of("receivable") + of("receivable_disputed"),
        due=of("receivable"),
        overdue=Money(int(days["overdue"] or 0), customer.currency),
        disputed=of("receivable_disputed"),
        credit=of("customer_credit"),
        held_for_customer=of("dispute_hold"),
        next_due_on=days["next_due"],
    )


def _with_lines(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    lines = InvoiceLine.objects.select_related("charge").order_by("position")
    notes = CreditNote.objects.order_by("pk")
    return found.prefetch_related(Prefetch("lines", lines), Prefetch("credit_notes", notes))


def invoices_of(customer_id: int, *, limit: int = 24, before: int | None = None) -> list[Invoice]:
    """Return a customer's invoices with their lines, newest first, paged by the id of the last one seen."""
    found = Invoice.objects.filter(customer_id=customer_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(_with_lines(found).order_by("-pk")[:limit])


def get_invoice(invoice_id: int, *, customer_id: int | None = None) -> Invoice:
    """Return an invoice with its lines, of this customer when one is named.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    found = Invoice.objects.filter(pk=invoice_id).select_related("customer")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    invoice = _with_lines(found).first()
    if invoice is None:
        raise NoSuchInvoice("There is no such invoice.")
    return invoice


def find_by_number(number: str) -> Invoice | None:
    """Return the invoice with this number, if there is one."""
    return Invoice.objects.filter(number=number.strip().upper()).first()


def open_invoices(customer_id: int) -> QuerySet[Invoice]:
    """Return what can be paid, the oldest debt first."""
    return Invoice.objects.filter(customer_id=customer_id, state=Invoice.State.OPEN).order_by("due_on", "pk")
