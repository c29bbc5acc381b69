"""What was owed of one bill, day by day, read from the books: disputed parts and what was paid are not in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ledger.books.queries import EntryView, entries_of_all
from ledger.charges.models import Charge
from ledger.collections.interest import Owed
from ledger.disputes.models import Dispute
from ledger.holds.models import Hold
from ledger.holds.queries import holds_touching
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.money import Money
from ledger.payments.models import PaymentAllocation
from ledger.periods import Period

ONE_DAY = timedelta(days=1)


def owed_history(invoice: Invoice) -> list[Owed]:
    """Return what was owed of a bill, each amount with the first day that begins with it.

    Fees for late payment on the bill bear no interest themselves: what is owed counts up to the rest of the bill.
    """
    changes = sorted(_changes(invoice))
    most = invoice.total_minor - _late_fees_on(invoice)
    history: list[Owed] = []
    left = 0
    for day, _, minor in changes:
        left += minor
        step = Owed(day + ONE_DAY, Money(min(left, most), invoice.currency))
        if history and history[-1].since == step.since:
            history.pop()
        history.append(step)
    return history


def _changes(invoice: Invoice) -> list[tuple[date, int, int]]:
    shares = {
        f"payment:{share.payment_id}": share.amount_minor for share in PaymentAllocation.objects.filter(invoice=invoice)
    }
    notes = CreditNote.objects.filter(invoice=invoice).values_list("pk", flat=True)
    disputes = Dispute.objects.filter(line__invoice=invoice).values_list("pk", flat=True)
    sources = [f"invoice:{invoice.pk}", *shares]
    sources += [f"creditnote:{pk}" for pk in notes] + [f"dispute:{pk}" for pk in disputes]
    found = []
    for source, views in entries_of_all(sources).items():
        for view in views:
            moved = _on_receivable(view)
            if moved and source in shares:
                moved = shares[source] if moved > 0 else -shares[source]
            found.append((view.effective_on, view.id, moved))
    return found


def _on_receivable(view: EntryView) -> int:
    return sum(line.amount.minor for line in view.lines if line.account == "receivable")


def _late_fees_on(invoice: Invoice) -> int:
    lines = InvoiceLine.objects.filter(invoice=invoice, charge__kind=Charge.Kind.LATE_FEE)
    return sum(line.total.minor for line in lines)


def held_periods(invoice: Invoice, *, until: datetime) -> list[Period]:
    """Return the days on which a hold stopped fees on a bill: from the day after it was placed to the day it ended."""
    holds = holds_touching(invoice.customer_id, stop=Hold.Stop.FEES, invoice_id=invoice.pk)
    return _as_periods(invoice, holds, until=until)


def _as_periods(invoice: Invoice, holds: Sequence[Hold], *, until: datetime) -> list[Period]:
    day_of, found = invoice.customer.local_day, []
    for hold in holds:
        ends = [moment for moment in (hold.lifted_at, hold.until, until) if moment is not None]
        first, last = day_of(hold.placed_at) + ONE_DAY, day_of(min(ends)) + ONE_DAY
        if first < last:
            found.append(Period(first, last))
    return found
