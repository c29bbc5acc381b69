"""Standard explanations filled from the live account, and a check of the figures in an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from django.utils import timezone

from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.disputes.models import Dispute
from ledger.errors import DomainError
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.invoices.queries import AccountSummary, account_summary
from ledger.money import exponent
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from notifications.wording.boundary import check_languages, find_boundary
from tickets.conversations.models import Ticket
from tickets.replies.models import ReplyTemplate

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
#: An amount of money in a text: a sign or code on either side, or exactly two decimals.
AMOUNT = re.compile(
    r"(?P<before>[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY)\b)?\s?"
    r"(?<![\d.,/-])(?P<number>\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?:[.,]\d{2})?"
    r"|\d+(?:[.,]\d{2})?)(?![\d/-]|[.,]\d)\s?(?P<after>[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY|euros?|dollars?)\b)?",
    re.IGNORECASE,
)
#: Amounts of one kind compared at most: the newest ones.
MOST_ROWS = 2000


class UnknownPlaceholder(DomainError):
    """The template names something there is no figure for."""


class NothingToFillIn(DomainError):
    """The account has nothing to put in the template's place."""


def fill(template: ReplyTemplate | str, ticket: Ticket, *, today: date | None = None) -> str:
    """Return a standard explanation with this customer's figures; `today` is by default the customer's day.

    :raises UnknownPlaceholder: if it names something we have no figure for
    :raises NothingToFillIn: if the case has no customer, or the account lacks it (no bill yet)
    :raises DisclaimerMissing: if it comes near advice and there is no disclaimer in its language
    """
    body = template.body if isinstance(template, ReplyTemplate) else template
    names = set(PLACEHOLDER.findall(body))
    strangers = sorted(names - VALUES.keys())
    if strangers:
        raise UnknownPlaceholder(f"The template names {strangers[0]!r}, which is no figure of an account.")
    values = {name: VALUES[name](_Account(ticket, today)) for name in names}
    filled = PLACEHOLDER.sub(lambda found: values[found[1]], body)
    if isinstance(template, ReplyTemplate) and template.tag == ReplyTemplate.Tag.ADVICE:
        check_languages([template.language])
        beside = find_boundary(template.language)
        filled = f"{filled.rstrip()}\n\n{beside.disclaimer}\n{beside.referral}"
    return filled


class _Account:
    """What templates may speak of, read when it is asked for."""

    def __init__(self, ticket: Ticket, today: date | None) -> None:
        self.ticket = ticket
        self.language = ticket.language or "en"
        self.today = today or timezone.localdate()

    @property
    def customer(self) -> Customer:
        if self.ticket.customer_id is None:
            raise NothingToFillIn("Please say first whose case this is.")
        return get_customer(self.ticket.customer_id)

    @property
    def summary(self) -> AccountSummary:
        return account_summary(self.customer.pk, today=self.today)

    @property
    def last_invoice(self) -> Invoice:
        newest = Invoice.objects.filter(customer=self.customer).order_by("-issued_on", "-pk").first()
        if newest is None:
            raise NothingToFillIn("There is no bill on this account yet.")
        return newest

    @property
    def last_payment(self) -> Payment:
        came = Payment.objects.filter(customer=self.customer, state=Payment.State.SUCCEEDED)
        newest = came.order_by("-received_on", "-pk").first()
        if newest is None:
            raise NothingToFillIn("There is no payment on this account yet.")
        return newest

    def day(self, day: date | None) -> str:
        if day is None:
            raise NothingToFillIn("Nothing is due on this account.")
        return str(format_date(day, "long", locale=self.language.replace("-", "_")))


VALUES: Mapping[str, Callable[[_Account], str]] = {
    "name": lambda account: account.customer.name,
    "case": lambda account: account.ticket.number,
    "owed": lambda account: account.summary.owed.display(account.language),
    "due": lambda account: account.summary.due.display(account.language),
    "due_on": lambda account: account.day(account.summary.next_due_on),
    "overdue": lambda account: account.summary.overdue.display(account.language),
    "disputed": lambda account: account.summary.disputed.display(account.language),
    "credit": lambda account: account.summary.credit.display(account.language),
    "last_invoice": lambda account: account.last_invoice.number,
    "last_invoice_amount": lambda account: account.last_invoice.total.display(account.language),
    "last_invoice_due_on": lambda account: account.day(account.last_invoice.due_on),
    "last_payment_amount": lambda account: account.last_payment.amount.display(account.language),
    "last_payment_on": lambda account: account.day(account.last_payment.received_on),
}


def check_figures(text: str, customer_id: int | None, *, today: date | None = None) -> list[str]:
    """Return the amounts in a text that stand nowhere on the account, as they were written, each once.

    It is a hint for the agent, not a refusal: an amount may come from elsewhere.
    """
    written = list(dict.fromkeys(_amounts_in(text)))
    if not written or customer_id is None:
        return []
    currency = get_customer(customer_id).currency
    known = _known_minor(customer_id, today or timezone.localdate())
    return [words for words, value in written if int(value.scaleb(exponent(currency))) not in known]


def _amounts_in(text: str) -> Iterator[tuple[str, Decimal]]:
    for found in AMOUNT.finditer(text):
        number = found["number"]
        decimals = re.search(r"[.,](\d{2})$", number)
        if not (found["before"] or found["after"] or decimals):
            continue
        whole = number[: decimals.start()] if decimals else number
        yield found[0].strip(), Decimal(re.sub(r"\D", "", whole) + (f".{decimals[1]}" if decimals else ""))


def _known_minor(customer_id: int, today: date) -> set[int]:
    """Return every amount that stands on the account, in minor units."""
    summary = account_summary(customer_id, today=today)
    parts = (summary.owed, summary.due, summary.overdue, summary.disputed, summary.credit)
    known = {part.minor for part in parts}
    for invoice in Invoice.objects.filter(customer_id=customer_id).order_by("-pk")[:MOST_ROWS]:
        known |= {invoice.total_minor, invoice.net_minor, invoice.tax_minor, invoice.open_amount.minor}
    lines = InvoiceLine.objects.filter(invoice__customer_id=customer_id).order_by("-pk")
    notes = CreditNote.objects.filter(customer_id=customer_id).order_by("-pk")
    for rows in (lines, notes):
        for net, tax in rows.values_list("net_minor", "tax_minor")[:MOST_ROWS]:
            known |= {net, tax, net + tax}
    for model in (Charge, Payment, Refund, Dispute):
        newest = model.objects.filter(customer_id=customer_id).order_by("-pk")
        known.update(newest.values_list("amount_minor", flat=True)[:MOST_ROWS])
    return known
