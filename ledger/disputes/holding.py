"""What a dispute holds: put aside when it is opened or appealed, released as far as the customer was not right."""

from __future__ import annotations

from datetime import datetime

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.disputes.models import Dispute
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.money import Money


def hold(dispute: Dispute, invoice: Invoice, line: InvoiceLine, *, number: int, by: Actor, at: datetime) -> None:
    """This will put the contested amount aside, in the books, on the bill and on its line."""
    invoice.disputed_minor += dispute.unpaid_minor
    invoice.save()
    line.disputed_minor += dispute.unpaid_minor + dispute.paid_minor
    line.save(update_fields=["disputed_minor"])
    entry = posting_rules.dispute_opened(
        Money(dispute.unpaid_minor, dispute.currency),
        Money(dispute.paid_minor, dispute.currency),
        customer_id=dispute.customer_id,
        dispute=_reference(dispute, number),
        on=invoice.customer.local_day(at),
    )
    post_entry(entry, by=by, at=at)


def _reference(dispute: Dispute, number: int) -> str:
    # An appeal holds the amount a second time, so its entries need keys of their own.
    return f"dispute:{dispute.pk}" if number == 1 else f"dispute:{dispute.pk}/appeal"


def current_reference(dispute: Dispute) -> str:
    """Return what the entries of this look at the dispute are keyed by."""
    return _reference(dispute, 2 if dispute.appealed_at else 1)


def parts_of(dispute: Dispute, granted: Money) -> tuple[Money, Money]:
    """Return what a grant takes off the bill and what becomes credit: the unpaid part comes first."""
    unpaid = min(granted, Money(dispute.unpaid_minor, dispute.currency))
    return unpaid, granted - unpaid


def release(
    dispute: Dispute, invoice: Invoice, line: InvoiceLine, *, granted: Money | None = None, by: Actor, at: datetime
) -> None:
    """This will end the hold on what was not granted: the unpaid rest is due again, the paid rest is ours again."""
    nothing = Money(0, dispute.currency)
    unpaid_granted, paid_granted = parts_of(dispute, granted or nothing)
    unpaid = Money(dispute.unpaid_minor, dispute.currency) - unpaid_granted
    paid = Money(dispute.paid_minor, dispute.currency) - paid_granted
    invoice.disputed_minor -= unpaid.minor
    invoice.save()
    line.disputed_minor -= dispute.unpaid_minor + dispute.paid_minor
    line.save(update_fields=["disputed_minor"])
    if unpaid == nothing and paid == nothing:
        return
    entry = posting_rules.dispute_released(
        unpaid,
        paid,
        customer_id=dispute.customer_id,
        dispute=current_reference(dispute),
        on=invoice.customer.local_day(at),
    )
    post_entry(entry, by=by, at=at)
