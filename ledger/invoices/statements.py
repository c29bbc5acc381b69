"""statement_of: what a customer owed, what happened since, what they owe now; opening and movements make closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ledger.books.position import NET_CODES, currencies_of, held_on, movements, net_of
from ledger.customers.queries import get_customer
from ledger.errors import InvalidInput
from ledger.money import Money

#: What happened, in words, by the kind of its entry. Kinds that are no movement of a customer are not listed.
WORDS = {
    "invoice_issued": "Bill",
    "opening_receivable": "Owed from before",
    "opening_credit": "Credit from before",
    "credit_note_issued": "Credit note",
    "payment_received": "Payment",
    "refund_paid": "Refund paid out",
    "refund_failed": "Refund came back",
    "refund_approved": "Goodwill refund promised",
    "refund_cancelled_after_approval": "Goodwill refund called off",
    "write_off": "Amount given up",
    "write_off_recovered": "Amount expected again",
    "reversal": "Taken back",
}


class StatementUnreadable(InvalidInput):
    """The last day of the statement is before its first."""


@dataclass(frozen=True, slots=True)
class StatementMovement:
    """One line: above zero the customer owes more. `balance` is what they owe after it."""

    entry_id: int
    on: date
    posted_at: datetime
    kind: str
    words: str
    document: str
    source: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """What one customer owed in one currency from one day to another; below zero we owe them.

    The closing consists of what is due, what is on hold in disputes, less their credit, the credit promised to refunds
    and the refunds on their way; each is given in natural sign.
    """

    customer_id: int
    currency: str
    first: date
    last: date
    known_at: datetime | None
    opening: Money
    movements: tuple[StatementMovement, ...]
    closing: Money
    due: Money
    disputed: Money
    credit: Money
    credit_promised: Money
    refunds_on_their_way: Money


def statement_of(
    customer_id: int, first: date, last: date, currency: str | None = None, *, known_at: datetime | None = None
) -> Statement:
    """Return a customer's statement from `first` to `last`, both included, in their currency or another one.

    Entries count by the day they take effect; with `known_at`, only those posted by that moment: as it was known then.

    :raises NoSuchCustomer: if there is none
    :raises StatementUnreadable: if the last day is before the first
    """
    customer = get_customer(customer_id)
    currency = currency or customer.currency
    if last < first or first == date.min:
        raise StatementUnreadable("The last day of a statement is not before its first.")
    opening = net_of(held_on(customer_id, first - timedelta(days=1), known_at=known_at), currency)
    held = held_on(customer_id, last, known_at=known_at)
    lines, running = [], opening
    for moved in movements(customer_id, currency, first, last, known_at=known_at):
        running = running + moved.amount
        words = WORDS.get(moved.kind, moved.kind.replace("_", " ").capitalize())
        lines.append(
            StatementMovement(
                entry_id=moved.entry_id,
                on=moved.effective_on,
                posted_at=moved.posted_at,
                kind=moved.kind,
                words=f"{words} {moved.document}".strip(),
                document=moved.document,
                source=moved.source,
                amount=moved.amount,
                balance=running,
            )
        )
    parts = [held.get((code, currency), Money(0, currency)) for code in NET_CODES]
    return Statement(
        customer_id, currency, first, last, known_at, opening, tuple(lines), net_of(held, currency), *parts
    )


def statements_of(customer_id: int, first: date, last: date, *, known_at: datetime | None = None) -> list[Statement]:
    """Return one statement per currency the customer was ever billed in, their own first: amounts are never mixed."""
    own = get_customer(customer_id).currency
    others = [currency for currency in currencies_of(customer_id) if currency != own]
    return [statement_of(customer_id, first, last, currency, known_at=known_at) for currency in (own, *others)]
