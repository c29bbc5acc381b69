"""Every read of invoices worth a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from ledger.books.position import held_on, open_items
from ledger.books.queries import customer_balances
from ledger.customers.queries import get_customer
from ledger.errors import InvalidInput
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.invoices.operations import NoSuchInvoice
from ledger.money import Money

#: How the number of a draft begins until it is issued; the rest is random and shown to nobody outside.
DRAFT_NUMBER = "DRAFT-"


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is due, by how many days it is overdue; the parts add up to what is due."""

    not_yet_due: Money
    days_1_to_30: Money
    days_31_to_60: Money
    days_61_to_90: Money
    over_90_days: Money

    @property
    def overdue(self) -> Money:
        """Everything past its day."""
        return self.days_1_to_30 + self.days_31_to_60 + self.days_61_to_90 + self.over_90_days


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What a customer owes, in natural signs: owed = due + disputed; credit is theirs.

    `due` is asked for now or later (`next_due_on`), `overdue` is the part of it past its day. Beside the credit that
    pays the next bill, `promised` waits for refunds to be approved, and `refunds_on_their_way` are approved.
    """

    currency: str
    owed: Money
    due: Money
    overdue: Money
    disputed: Money
    credit: Money
    held_for_customer: Money
    next_due_on: date | None
    promised: Money
    refunds_on_their_way: Money
    ageing: Ageing
    as_of: date
    note: str = ""

    @property
    def not_yet_due(self) -> Money:
        """What is due later."""
        return self.due - self.overdue


def account_summary(customer_id: int, *, today: date, as_of: date | None = None) -> AccountSummary:
    """Return what a customer owes today, or owed on a past day: one function for every screen, letter and program.

    Today's figures come from the balances and the open bills; those of a past day are added up from the postings that
    had taken effect by then. Before the account was opened everything is zero, and a note says so.

    :raises NoSuchCustomer: if there is none
    :raises InvalidInput: if the day is still to come
    """
    customer = get_customer(customer_id)
    day = as_of or today
    if day > today:
        raise InvalidInput("What will be owed is a forecast: ask for today or a day before.")
    if day == today:
        held = customer_balances(customer_id)
        items = [(invoice.due_on, invoice.due_amount) for invoice in open_invoices(customer_id)]
    else:
        held = held_on(customer_id, day)
        items = [(item.due_on, item.amount) for item in open_items(customer_id, day)]
    opened_on = customer.local_day(customer.opened_at)
    note = f"The account was opened on {opened_on.isoformat()}; nothing was owed before." if day < opened_on else ""
    return _summary(customer.currency, held, items, day, note)


def _summary(
    currency: str,
    held: Mapping[tuple[str, str], Money],
    items: Sequence[tuple[date, Money]],
    day: date,
    note: str,
) -> AccountSummary:
    def of(account: str) -> Money:
        return held.get((account, currency), Money(0, currency))

    mine = [(due_on, amount) for due_on, amount in items if amount.currency == currency and amount.minor]
    ageing = _ageing(mine, day, currency)
    return AccountSummary(
        currency=currency,
        owed=of("receivable") + of("receivable_disputed"),
        due=of("receivable"),
        overdue=ageing.overdue,
        disputed=of("receivable_disputed"),
        credit=of("customer_credit"),
        held_for_customer=of("dispute_hold"),
        next_due_on=min((due_on for due_on, amount in mine if amount.minor > 0 and due_on >= day), default=None),
        promised=of("credit_promised"),
        refunds_on_their_way=of("refunds_payable"),
        ageing=ageing,
        as_of=day,
        note=note,
    )


def _ageing(items: Sequence[tuple[date, Money]], day: date, currency: str) -> Ageing:
    sums = [0] * 5
    for due_on, amount in items:
        overdue = (day - due_on).days
        sums[0 if overdue <= 0 else min((overdue + 29) // 30, 4)] += amount.minor
    return Ageing(*(Money(minor, currency) for minor in sums))


def _with_lines(found: QuerySet[Invoice]) -> QuerySet[Invoice]:
    lines = InvoiceLine.objects.select_related("charge").order_by("position")
    notes = CreditNote.objects.order_by("pk")
    return found.prefetch_related(Prefetch("lines", lines), Prefetch("credit_notes", notes))


def invoices_of(customer_id: int, *, limit: int = 24, before: int | None = None, drafts: bool = False) -> list[Invoice]:
    """Return a customer's invoices with their lines, newest first, paged by the id of the last one seen.

    Drafts, and drafts that were discarded, are ours alone: they are left out unless asked for.
    """
    found = Invoice.objects.filter(customer_id=customer_id)
    if not drafts:
        found = found.exclude(number__startswith=DRAFT_NUMBER)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(_with_lines(found).order_by("-pk")[:limit])


def get_invoice(invoice_id: int, *, customer_id: int | None = None) -> Invoice:
    """Return an invoice with its lines, of this customer when one is named; a draft is nobody's yet.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    found = Invoice.objects.filter(pk=invoice_id).select_related("customer")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id).exclude(number__startswith=DRAFT_NUMBER)
    invoice = _with_lines(found).first()
    if invoice is None:
        raise NoSuchInvoice("There is no such invoice.")
    return invoice


def find_by_number(number: str) -> Invoice | None:
    """Return the invoice with this number, if there is one."""
    return Invoice.objects.filter(number=number.strip().upper()).exclude(state=Invoice.State.DRAFT).first()


def open_invoices(customer_id: int) -> QuerySet[Invoice]:
    """Return what can be paid, the oldest debt first."""
    return Invoice.objects.filter(customer_id=customer_id, state=Invoice.State.OPEN).order_by("due_on", "pk")
