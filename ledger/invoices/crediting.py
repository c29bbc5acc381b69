"""issue_credit_note: corrects one line of an invoice, tax in proportion, and says where the money went."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.invoices.operations import close_if_settled, lock_invoice
from ledger.invoices.tax import credited_tax
from ledger.money import Money


class CreditTooLarge(DomainError):
    """More was to be credited than is left of the line."""


@transaction.atomic
def issue_credit_note(
    line_id: int,
    *,
    amount: Money,
    reason: str,
    source: str = "",
    disputed_unpaid: Money | None = None,
    by: Actor,
    at: datetime,
) -> CreditNote:
    """This will credit a gross amount of a line: first what is on hold unpaid, then what is due, the rest as credit.

    `disputed_unpaid` is the part that a dispute, being upheld now, holds unpaid on this line.

    :raises CreditTooLarge: if less is left; InvalidInput: if it is not above zero or says no reason
    """
    if amount.minor <= 0 or not reason.strip() or len(reason) > 300:
        raise InvalidInput("A credit note is above zero and says why, in at most 300 characters.")
    invoice = lock_invoice(InvoiceLine.objects.values_list("invoice_id", flat=True).get(pk=line_id))
    line = InvoiceLine.objects.select_for_update().get(pk=line_id)
    left = line.total - Money(line.credited_minor + line.disputed_minor, line.currency)
    if amount > left:
        raise CreditTooLarge(f"Only {left} of this line can be credited.")
    note = _create_note(invoice, line, amount, reason=reason, source=source, by=by, at=at)
    held = disputed_unpaid or Money(0, invoice.currency)
    from_receivable = min(amount - held, invoice.due_amount)
    entry = posting_rules.credit_note_issued(
        Money(note.net_minor, note.currency),
        Money(note.tax_minor, note.currency),
        customer_id=invoice.customer_id,
        credit_note=f"creditnote:{note.pk}",
        on=note.issued_on,
        from_receivable=from_receivable,
        from_disputed=held,
        to_credit=amount - held - from_receivable,
    )
    post_entry(entry, by=by, at=at)
    _take_off(invoice, line, amount, unpaid=held + from_receivable, held=held, by=by, at=at)
    _record(note, invoice, by=by, at=at)
    return note


def _create_note(
    invoice: Invoice, line: InvoiceLine, amount: Money, *, reason: str, source: str, by: Actor, at: datetime
) -> CreditNote:
    tax = _tax_of_credit(line, amount)
    day = invoice.customer.local_day(at)
    return CreditNote.objects.create(
        number=next_number("CN", day.year),
        invoice=invoice,
        line=line,
        customer_id=invoice.customer_id,
        currency=amount.currency,
        net_minor=(amount - tax).minor,
        tax_minor=tax.minor,
        reason=reason,
        source=source,
        issued_on=day,
        issued_at=at,
        issued_by=str(by),
    )


def _tax_of_credit(line: InvoiceLine, amount: Money) -> Money:
    before = CreditNote.objects.filter(line=line).aggregate(tax=Sum("tax_minor"))["tax"] or 0
    return credited_tax(
        tax=Money(line.tax_minor, line.currency),
        total=line.total,
        credited=Money(line.credited_minor, line.currency),
        credited_tax_before=Money(int(before), line.currency),
        amount=amount,
    )


def _take_off(
    invoice: Invoice, line: InvoiceLine, amount: Money, *, unpaid: Money, held: Money, by: Actor, at: datetime
) -> None:
    line.credited_minor += amount.minor
    line.save(update_fields=["credited_minor"])
    invoice.credited_minor += unpaid.minor
    invoice.disputed_minor -= held.minor
    close_if_settled(invoice, by=by, at=at)


def _record(note: CreditNote, invoice: Invoice, *, by: Actor, at: datetime) -> None:
    record_event(
        kinds.CREDIT_NOTE_ISSUED,
        subject=note,
        customer_id=note.customer_id,
        by=by,
        at=at,
        number=note.number,
        invoice=invoice.number,
        amount_minor=note.total.minor,
        currency=note.currency,
        reason=note.reason,
        source=note.source,
    )
