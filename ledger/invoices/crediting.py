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

    :raises CreditTooLarge: if less is left of the line
    :raises InvalidInput: if the amount is not above zero or no reason is given
    """
    if amount.minor <= 0 or not reason.strip():
        raise InvalidInput("A credit note is above zero and says why.")
    line = InvoiceLine.objects.select_related("invoice").get(pk=line_id)
    invoice = lock_invoice(line.invoice_id)
    line = InvoiceLine.objects.select_for_update().get(pk=line_id)
    nothing = Money(0, invoice.currency)
    if amount > line.total - Money(line.credited_minor + line.disputed_minor, line.currency):
        raise CreditTooLarge(f"Only {line.total - Money(line.credited_minor, line.currency)} is left of this line.")
    tax = _tax_of_credit(line, amount)
    from_disputed = disputed_unpaid or nothing
    from_receivable = min(amount - from_disputed, invoice.due_amount)
    to_credit = amount - from_disputed - from_receivable
    note = CreditNote.objects.create(
        number=next_number("CN", invoice.customer.local_day(at).year),
        invoice=invoice,
        line=line,
        customer_id=invoice.customer_id,
        currency=amount.currency,
        net_minor=(amount - tax).minor,
        tax_minor=tax.minor,
        reason=reason,
        source=source,
        issued_on=invoice.customer.local_day(at),
        issued_at=at,
        issued_by=str(by),
    )
    entry = posting_rules.credit_note_issued(
        amount - tax,
        tax,
        customer_id=invoice.customer_id,
        credit_note=f"creditnote:{note.pk}",
        on=note.issued_on,
        from_receivable=from_receivable,
        from_disputed=from_disputed,
        to_credit=to_credit,
    )
    post_entry(entry, by=by, at=at)
    _take_off(invoice, line, amount, unpaid=from_disputed + from_receivable, held=from_disputed, by=by, at=at)
    _record(note, invoice, by=by, at=at)
    return note


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
