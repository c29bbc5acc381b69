"""issue_credit_note and credit_lines: correct lines of a bill, tax in proportion, and say where the money went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.charges.models import Charge
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.invoices.operations import InvoiceNotInState, NoSuchInvoice, close_if_settled, lock_invoice
from ledger.invoices.tax import CreditBeyondLine, RightTax, credited_gross, credited_tax
from ledger.invoices.writing_off import take_back_part
from ledger.money import Money


class CreditTooLarge(DomainError):
    """More was to be credited than is left of the line."""


class CreditSourceReused(DomainError):
    """The same source was credited before, with another content."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be credited of one line; with `without_tax` the amount is net and its tax comes on top.

    With `right_tax` the amount is tax alone: the line was taxed at a wrong rate, and keeps its net.
    """

    line_id: int
    amount: Money
    without_tax: bool = False
    right_tax: RightTax | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """What one line gives back."""

    line: InvoiceLine
    gross: Money
    tax: Money
    right_tax: RightTax | None = None


def issue_credit_note(
    line_id: int,
    *,
    amount: Money,
    without_tax: bool = False,
    reason: str,
    source: str = "",
    disputed_unpaid: Money | None = None,
    by: Actor,
    at: datetime,
) -> CreditNote:
    """This will credit an amount of one line; see `credit_lines`.

    `amount` is gross, or net with its tax on top (`without_tax`). `disputed_unpaid` is the part that a dispute, being
    upheld now, holds unpaid on this line.
    """
    corrections = [Correction(line_id, amount, without_tax)]
    return credit_lines(corrections, reason=reason, source=source, disputed_unpaid=disputed_unpaid, by=by, at=at)


def credit_tax(
    line_id: int, *, tax: Money, right: RightTax, reason: str, source: str = "", by: Actor, at: datetime
) -> CreditNote:
    """This will credit tax of one line and nothing of its net: it was taxed at a wrong rate; see `credit_lines`.

    :raises CreditTooLarge: if less tax is left of the line
    """
    corrections = [Correction(line_id, tax, right_tax=right)]
    return credit_lines(corrections, reason=reason, source=source, by=by, at=at)


@transaction.atomic
def credit_lines(
    corrections: Sequence[Correction],
    *,
    reason: str,
    source: str = "",
    disputed_unpaid: Money | None = None,
    by: Actor,
    at: datetime,
) -> CreditNote:
    """This will credit lines of one bill in one note: off what is on hold unpaid, then what is due; the rest is credit.

    What was written off comes back from the loss first, so nobody is credited what they never paid. A repeated
    `source` with the same content returns the first note and changes nothing.

    :raises CreditTooLarge: if less is left of a line
    :raises InvalidInput: if an amount is not above zero, a line stands twice or on another bill, or no reason is given
    :raises InvoiceNotInState: if the bill is void or a draft
    """
    invoice, lines = _lock(corrections, reason)
    known = CreditNote.objects.filter(source=source).first() if source else None
    if known:
        return _same(known, corrections)
    parts = [_part(lines[wanted.line_id], wanted) for wanted in corrections]
    note = _create_note(invoice, parts, reason=reason, source=source, by=by, at=at)
    held = disputed_unpaid or Money(0, invoice.currency)
    take_back_part(invoice, min(note.total - held, invoice.written_off), by=by, at=at)
    from_receivable = min(note.total - held, invoice.due_amount)
    _post(note, parts, held=held, from_receivable=from_receivable, by=by, at=at)
    _take_off(invoice, parts, unpaid=held + from_receivable, held=held, by=by, at=at)
    _record(note, invoice, by=by, at=at)
    return note


def _post(
    note: CreditNote, parts: Sequence[_Part], *, held: Money, from_receivable: Money, by: Actor, at: datetime
) -> None:
    fees = [part.gross - part.tax for part in parts if part.line.charge.kind == Charge.Kind.LATE_FEE]
    entry = posting_rules.credit_note_issued(
        Money(note.net_minor, note.currency),
        Money(note.tax_minor, note.currency),
        customer_id=note.customer_id,
        credit_note=f"creditnote:{note.pk}",
        on=note.issued_on,
        from_receivable=from_receivable,
        from_disputed=held,
        to_credit=note.total - held - from_receivable,
        late_fees=sum(fees, Money(0, note.currency)),
    )
    post_entry(entry, by=by, at=at)


def _same(known: CreditNote, corrections: Sequence[Correction]) -> CreditNote:
    """Return the note a source has already, if it took the same from the same lines."""
    given = {part.line_id: part for part in CreditNoteLine.objects.filter(note=known)}
    asked = {one.line_id: one for one in corrections}
    same = given.keys() == asked.keys() and all(
        (given[pk].net_minor if one.without_tax else given[pk].total.minor) == one.amount.minor
        and given[pk].right_tax_rate == (one.right_tax.rate if one.right_tax else None)
        for pk, one in asked.items()
    )
    if not same:
        raise CreditSourceReused(f"{known.source!r} was credited before, otherwise: {known.number}.")
    return known


def still_creditable(invoice: Invoice) -> Money:
    """Return what can still be credited of a bill: its total less its credit notes, never counted from lines."""
    given = CreditNote.objects.filter(invoice=invoice).aggregate(sum=Sum(F("net_minor") + F("tax_minor")))["sum"]
    return invoice.total - Money(int(given or 0), invoice.currency)


def _lock(corrections: Sequence[Correction], reason: str) -> tuple[Invoice, dict[int, InvoiceLine]]:
    wanted = {correction.line_id for correction in corrections}
    if not reason.strip() or len(reason) > 300 or any(one.amount.minor <= 0 for one in corrections):
        raise InvalidInput("A credit note is above zero and says why, in at most 300 characters.")
    if not wanted or len(wanted) < len(corrections):
        raise InvalidInput("A credit note names each line it corrects, once.")
    bills = set(InvoiceLine.objects.filter(pk__in=wanted).values_list("invoice_id", flat=True))
    if len(bills) > 1:
        raise InvalidInput("A credit note corrects one bill; write one for each.")
    if not bills:
        raise NoSuchInvoice("There is no such line on a bill.")
    invoice = lock_invoice(bills.pop())
    if invoice.state in (Invoice.State.DRAFT, Invoice.State.VOID):
        raise InvoiceNotInState(f"{invoice.number} is {invoice.state}: there is nothing to credit.")
    found = InvoiceLine.objects.filter(pk__in=wanted).select_related("charge").order_by("pk")
    lines = {line.pk: line for line in found.select_for_update(of=("self",))}
    if len(lines) < len(wanted):
        raise NoSuchInvoice("There is no such line on a bill.")
    return invoice, lines


def _part(line: InvoiceLine, wanted: Correction) -> _Part:
    """Return gross and tax of one correction; the last of a line takes the rest of its tax."""
    before = CreditNoteLine.objects.filter(line=line).aggregate(tax=Sum("tax_minor"))["tax"] or 0
    tax, credited = Money(line.tax_minor, line.currency), Money(line.credited_minor, line.currency)
    tax_before, gross = Money(int(before), line.currency), wanted.amount
    left = line.total - Money(line.credited_minor + line.disputed_minor, line.currency)
    if wanted.right_tax is not None:
        return _tax_alone(line, wanted, min(left, tax - tax_before))
    try:
        if wanted.without_tax:
            gross = credited_gross(
                tax=tax, total=line.total, credited=credited, credited_tax_before=tax_before, net=wanted.amount
            )
        if gross > left:
            raise CreditTooLarge(f"Only {left} of this line can be credited.")
        part = credited_tax(tax=tax, total=line.total, credited=credited, credited_tax_before=tax_before, amount=gross)
    except CreditBeyondLine as refusal:
        raise CreditTooLarge(str(refusal)) from refusal
    return _Part(line, gross, gross - wanted.amount if wanted.without_tax else part)


def _tax_alone(line: InvoiceLine, wanted: Correction, left: Money) -> _Part:
    if wanted.amount > left:
        raise CreditTooLarge(f"Only {left} of this line's tax can be credited.")
    return _Part(line, wanted.amount, wanted.amount, wanted.right_tax)


def _create_note(
    invoice: Invoice, parts: Sequence[_Part], *, reason: str, source: str, by: Actor, at: datetime
) -> CreditNote:
    day = invoice.customer.local_day(at)
    note = CreditNote.objects.create(
        number=next_number("CN", day.year),
        invoice=invoice,
        line=parts[0].line if len(parts) == 1 else None,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        net_minor=sum((part.gross - part.tax).minor for part in parts),
        tax_minor=sum(part.tax.minor for part in parts),
        reason=reason,
        source=source,
        issued_on=day,
        issued_at=at,
        issued_by=str(by),
    )
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            note=note,
            line=part.line,
            net_minor=(part.gross - part.tax).minor,
            tax_minor=part.tax.minor,
            currency=note.currency,
            right_tax_rate=part.right_tax.rate if part.right_tax else None,
            right_tax_treatment=part.right_tax.treatment if part.right_tax else "",
        )
        for part in parts
    )
    return note


def _take_off(invoice: Invoice, parts: Sequence[_Part], *, unpaid: Money, held: Money, by: Actor, at: datetime) -> None:
    for part in parts:
        part.line.credited_minor += part.gross.minor
        part.line.save(update_fields=["credited_minor"])
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
