"""What statements and reminders say, read from the books and the open bills."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ledger.customers.models import Customer
from ledger.documents.letters import Moved, Overdue, StatementFacts
from ledger.holds.models import Hold
from ledger.holds.queries import live_holds
from ledger.invoices.models import Invoice
from ledger.invoices.statements import statement_of
from ledger.periods import Period

#: What an entry of the books is called on a statement (words.WORDS); every other kind is "other".
WORD_OF = {
    "invoice_issued": "invoice",
    "opening_receivable": "invoice",
    "credit_note_issued": "credit_note",
    "payment_received": "payment",
    "refund_paid": "refund",
    "refund_failed": "refund_back",
    "refund_approved": "refund_promised",
    "refund_cancelled_after_approval": "refund_off",
    "write_off": "written_off",
    "write_off_recovered": "expected_again",
    "reversal": "taken_back",
}


def read_statement(customer: Customer, period: Period) -> StatementFacts:
    """Return what was billed and paid in a period, in the customer's currency: the figures of `statement_of`."""
    last = period.end - timedelta(days=1)
    found = statement_of(customer.pk, period.start, last)
    return StatementFacts(
        number=f"{customer.number}-{period.start:%Y%m%d}-{last:%Y%m%d}",
        period=period,
        opening=found.opening,
        movements=tuple(
            Moved(each.on, WORD_OF.get(each.kind, "other"), each.document, each.amount, each.balance)
            for each in found.movements
        ),
        closing=found.closing,
        parts=(
            ("to_pay", found.due),
            ("on_hold", found.disputed),
            ("your_credit", -(found.credit + found.credit_promised)),
            ("refund", -found.refunds_on_their_way),
        ),
    )


def read_overdue(customer: Customer, on: date, *, at: datetime) -> tuple[Overdue, ...]:
    """Return what is past its day and not on hold, with what is left of each bill now, the oldest first."""
    held = {hold.invoice_id for hold in live_holds(customer.pk, stop=Hold.Stop.REMINDERS, at=at)}
    if None in held:
        return ()
    late = Invoice.objects.filter(customer=customer, state=Invoice.State.OPEN, due_on__lt=on).order_by("due_on", "pk")
    return tuple(
        Overdue(bill.number, bill.due_on, bill.due_amount) for bill in late if bill.due_amount and bill.pk not in held
    )
