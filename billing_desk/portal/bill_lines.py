"""The lines of a bill as they can be opened: what, why, at which price, and where it stands in the books."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing_desk.reading import reader
from billing_desk.tiers import Tier, tiers_at
from ledger.explanations.making import anchors_of
from ledger.invoices.explain import explain_lines
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.sentences import LineExplanation, sentences
from ledger.money import Money


@dataclass(frozen=True)
class OpenLine:
    """One line with everything there is to say about it."""

    line: InvoiceLine
    said: tuple[str, ...]
    tiers: tuple[Tier, ...]
    unit: str
    entries: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def on_hold(self) -> Money:
        """What of it waits for a dispute."""
        return Money(self.line.disputed_minor, self.line.currency)

    @property
    def taken_off(self) -> Money:
        """What credit notes gave back of it."""
        return Money(self.line.credited_minor, self.line.currency)


def open_lines(invoice: Invoice) -> list[OpenLine]:
    """Return the lines of a bill explained, in a fixed number of queries."""
    lines = list(invoice.lines.all())
    explained = explain_lines(lines, invoice=invoice, anchors=anchors_of(lines))
    return [_open(line, found) for line, found in zip(lines, explained, strict=True)]


def _open(line: InvoiceLine, explained: LineExplanation) -> OpenLine:
    return OpenLine(
        line=line,
        said=tuple(sentence.text for sentence in sentences(explained, reader())),
        tiers=tiers_at(explained.basis.tariff, explained.basis.quantity),
        unit=explained.basis.unit or _("units"),
        entries=tuple(entry.id for entry in explained.entries),
        notes=tuple(note.number for note in explained.credited),
    )
