"""The lines of a bill as they can be opened: what, why, at which price, and where it stands in the books."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ledger.catalogue.explaining import ExplainedStep, display_number, display_unit_price, explain_tariff
from ledger.catalogue.tariff import Model, Tariff
from ledger.explanations.making import anchors_of
from ledger.invoices.explain import explain_lines
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.sentences import LineExplanation, sentences
from ledger.money import Money

LANGUAGE = "en"


@dataclass(frozen=True)
class Tier:
    """One row of a price in steps; `yours` is what of the own quantity fell into it."""

    reach: str
    price: str
    yours: str
    amount: Money
    is_yours: bool


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
        said=tuple(sentence.text for sentence in sentences(explained, LANGUAGE)),
        tiers=tiers_at(explained.basis.tariff, explained.basis.quantity),
        unit=explained.basis.unit or "units",
        entries=tuple(entry.id for entry in explained.entries),
        notes=tuple(note.number for note in explained.credited),
    )


def tiers_at(tariff: Tariff, quantity: Fraction) -> tuple[Tier, ...]:
    """Return the steps of a price with the own quantity marked; nothing where the price has no steps."""
    if tariff.model not in (Model.GRADUATED, Model.VOLUME):
        return ()
    return tuple(_tier(step, tariff.currency) for step in explain_tariff(tariff, quantity).rows)


def _tier(step: ExplainedStep, currency: str) -> Tier:
    price = display_unit_price(step.unit_minor, currency, LANGUAGE)
    if step.flat_minor:
        fixed = Money(step.flat_minor, currency).display(LANGUAGE)
        price = f"{fixed} and {price} each" if step.unit_minor else fixed
    return Tier(_reach(step), price, _number(step.units) if step.is_used else "", step.amount, step.is_used)


def _reach(step: ExplainedStep) -> str:
    if step.up_to is None:
        return f"above {_number(step.above)}" if step.above else "any number"
    return f"above {_number(step.above)} up to {_number(step.up_to)}" if step.above else f"up to {_number(step.up_to)}"


def _number(value: Fraction) -> str:
    return display_number(value, LANGUAGE)
