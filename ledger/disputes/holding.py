"""What a dispute holds: put aside when it is opened or appealed, released when it is rejected or withdrawn."""

from __future__ import annotations

from datetime import datetime

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.disputes.models import Dispute
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.money import Money


def hold(dispute: Dispute, invoice: Invoice, line: InvoiceLine, *, number: int, by: Actor, at: datetime) -> None:
    invoice.disputed_minor += dispute.unpaid_minor
    invoice.save()
    line.disputed_minor += dispute.amount_minor
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
    return _reference(dispute, 2 if dispute.appealed_at else 1)


def release(dispute: Dispute, invoice: Invoice, line: InvoiceLine, *, by: Actor, at: datetime) -> None:
    invoice.disputed_minor -= dispute.unpaid_minor
    invoice.save()
    line.disputed_minor -= dispute.amount_minor
    line.save(update_fields=["disputed_minor"])
    entry = posting_rules.dispute_released(
        Money(dispute.unpaid_minor, dispute.currency),
        Money(dispute.paid_minor, dispute.currency),
        customer_id=dispute.customer_id,
        dispute=current_reference(dispute),
        on=invoice.customer.local_day(at),
    )
    post_entry(entry, by=by, at=at)
