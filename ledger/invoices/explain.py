"""explain_line and explain_invoice: a line of a bill from its basis, the bill it stands on and the entries behind it.

Nothing is computed from what the plan or the tax rules are today: the basis the charge kept says what was billed and
why, and the journal entries say what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ledger.books.queries import EntryView, entries_of_all
from ledger.catalogue.explaining import explain_tariff
from ledger.charges.amounts import flat_basis
from ledger.charges.basis import Basis, from_json, list_amount
from ledger.charges.models import Charge
from ledger.errors import NotFound
from ledger.invoices.models import CreditNoteLine, Invoice, InvoiceLine
from ledger.invoices.queries import get_invoice
from ledger.invoices.sentences import Credited, LineExplanation, Sentence, sentences
from ledger.money import Money

__all__ = [
    "InvoiceExplanation",
    "LineExplanation",
    "NoSuchLine",
    "Sentence",
    "basis_of",
    "explain_invoice",
    "explain_line",
    "explain_lines",
    "get_line",
    "sentences",
]


class NoSuchLine(NotFound):
    """There is no such line on a bill, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class InvoiceExplanation:
    """A bill explained line by line."""

    invoice_id: int
    number: str
    customer_id: int
    lines: tuple[LineExplanation, ...]
    language: str

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every line's sentences, in the order of the lines."""
        return tuple(sentence for line in self.lines for sentence in sentences(line, self.language))


def get_line(line_id: int, *, customer_id: int | None = None) -> InvoiceLine:
    """Return a line with its charge and bill, of this customer when one is named.

    :raises NoSuchLine: if there is none, or it is another customer's
    """
    found = InvoiceLine.objects.filter(pk=line_id).select_related("charge", "invoice__customer")
    if customer_id is not None:
        found = found.filter(invoice__customer_id=customer_id)
    line = found.first()
    if line is None:
        raise NoSuchLine("There is no such line on a bill.")
    return line


def explain_line(line: InvoiceLine, *, anchor: date | None = None) -> LineExplanation:
    """Return everything there is to say about a line; `anchor` is the day its billing periods count from, if known."""
    (explained,) = explain_lines([line], anchors={line.pk: anchor} if anchor else {})
    return explained


def explain_invoice(
    invoice_id: int, language: str, *, customer_id: int | None = None, anchors: Mapping[int, date] | None = None
) -> InvoiceExplanation:
    """Return a bill explained line by line, in a fixed number of queries.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    invoice = get_invoice(invoice_id, customer_id=customer_id)
    lines = tuple(explain_lines(list(invoice.lines.all()), invoice=invoice, anchors=anchors or {}))
    return InvoiceExplanation(invoice.pk, invoice.number, invoice.customer_id, lines, language)


def explain_lines(
    lines: Sequence[InvoiceLine], *, invoice: Invoice | None = None, anchors: Mapping[int, date] | None = None
) -> list[LineExplanation]:
    """Return many lines explained, in two queries; each has its charge and its invoice's customer loaded."""
    ids = [line.pk for line in lines]
    notes = list(CreditNoteLine.objects.filter(line__in=ids).select_related("note").order_by("pk"))
    sources = {f"charge:{line.charge_id}" for line in lines} | {f"invoice:{line.invoice_id}" for line in lines}
    sources |= {f"creditnote:{part.note_id}" for part in notes}
    entries = entries_of_all(sorted(sources))
    return [_explain(line, invoice or line.invoice, notes, entries, (anchors or {}).get(line.pk)) for line in lines]


def basis_of(charge: Charge) -> Basis:
    """Return how a charge was computed; one from before bases were kept is the amount that was said."""
    if charge.basis:
        return from_json(charge.basis)
    return flat_basis(charge.amount, kind=charge.kind, name=charge.description)


def _explain(
    line: InvoiceLine,
    invoice: Invoice,
    notes: Iterable[CreditNoteLine],
    entries: Mapping[str, list[EntryView]],
    anchor: date | None,
) -> LineExplanation:
    charge, basis = line.charge, basis_of(line.charge)
    explained = explain_tariff(basis.tariff, basis.quantity)
    place, on = _rule(invoice.tax_evidence, line.tax_treatment)
    return LineExplanation(
        line_id=line.pk,
        position=line.position,
        invoice=invoice.number,
        description=line.description,
        basis=basis,
        steps=tuple(row for row in explained.rows if row.is_used),
        whole=explained.total,
        listed=list_amount(basis),
        net=Money(line.net_minor, line.currency),
        tax=Money(line.tax_minor, line.currency),
        tax_rate=Fraction(line.tax_rate),
        treatment=line.tax_treatment,
        rule_place=place,
        rule_on=on,
        start=charge.period_start,
        end=charge.period_end,
        anchor=anchor,
        time_zone=invoice.customer.time_zone,
        charge_entries=tuple(entries[f"charge:{charge.pk}"]),
        invoice_entries=_issuing(entries[f"invoice:{invoice.pk}"]),
        credited=tuple(_credited(part, entries) for part in notes if part.line_id == line.pk),
        disputed=Money(line.disputed_minor, line.currency) if line.disputed_minor else None,
        is_void=invoice.state == Invoice.State.VOID,
    )


def _issuing(entries: Iterable[EntryView]) -> tuple[EntryView, ...]:
    """Leave out what only pays the bill: it says nothing about a line."""
    kinds = ("invoice_issued", "opening_receivable", "invoice_voided", "reversal")
    return tuple(entry for entry in entries if entry.kind in kinds)


def _credited(part: CreditNoteLine, entries: Mapping[str, list[EntryView]]) -> Credited:
    note = part.note
    is_unused = note.source.startswith("subscription:")
    behind = tuple(entries[f"creditnote:{note.pk}"])
    return Credited(note.number, note.issued_on, part.total, note.reason, is_unused, behind)


def _rule(evidence: Mapping[str, Any], treatment: str) -> tuple[str, date | None]:
    """Return the country whose rule decided the tax, and the day it was asked for."""
    for decision in evidence.get("decisions", {}).values():
        if decision.get("treatment") == treatment:
            rules = decision.get("evidence", {}).get("rules") or [{}]
            return str(rules[-1].get("country") or ""), date.fromisoformat(evidence["on"])
    return "", None
