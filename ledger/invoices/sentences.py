"""A line of a bill explained: the data, and its sentences in a language, each with what it rests on (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from ledger.catalogue.explaining import ExplainedStep, display_number, display_unit_price
from ledger.catalogue.tariff import Model
from ledger.charges.basis import Basis
from ledger.invoices.explain_words import NO_TAX, TEXT, UNIT, WHAT, WHY
from ledger.invoices.sources import amounts_of, written
from ledger.invoices.wording import day, days, joined, last_day, percent, written_in
from ledger.money import Money

if TYPE_CHECKING:
    from ledger.books.queries import EntryView


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, with the ids of the journal entries and the lines of bills it rests on."""

    text: str
    entries: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Credited:
    """What a credit note gave back of a line, tax included; `is_unused`: for days that a change leaves unused."""

    number: str
    on: date
    amount: Money
    reason: str
    is_unused: bool = False
    entries: tuple[EntryView, ...] = ()


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """Everything there is to say about a line; `end` is the first day after its period.

    `steps` are amounts for a whole period that add up to `whole`; `listed` is the part of it that is billed.
    """

    line_id: int
    position: int
    invoice: str
    description: str
    basis: Basis
    steps: tuple[ExplainedStep, ...]
    whole: Money
    listed: Money
    net: Money
    tax: Money
    tax_rate: Fraction
    treatment: str
    rule_place: str
    rule_on: date | None
    start: date | None
    end: date | None
    anchor: date | None
    time_zone: str
    charge_entries: tuple[EntryView, ...]
    invoice_entries: tuple[EntryView, ...]
    credited: tuple[Credited, ...] = ()
    disputed: Money | None = None
    is_void: bool = False

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return self.net + self.tax

    @property
    def cause(self) -> str:
        """Why it is billed, as its basis keeps it."""
        return self.basis.cause

    @property
    def entries(self) -> tuple[EntryView, ...]:
        """The journal entries behind the line, oldest first."""
        notes = [entry for note in self.credited for entry in note.entries]
        known = {entry.id: entry for entry in (*self.charge_entries, *self.invoice_entries, *notes)}
        return tuple(known[key] for key in sorted(known))

    @property
    def amounts(self) -> tuple[Money, ...]:
        """Every amount kept with the line, which its sentences may name beside those of the entries."""
        fixed = [Money(step.flat_minor, self.net.currency) for step in self.steps]
        steps = [step.amount for step in self.steps]
        taken = [Money(discount.minor, self.net.currency) for discount in self.basis.discounts]
        notes = [note.amount for note in self.credited]
        sums = [self.whole, self.listed, self.net, self.tax, self.total]
        return (*fixed, *steps, *taken, *notes, *sums, *([self.disputed] if self.disputed else []))

    def figures(self, language: str) -> set[str]:
        """Return every amount its sentences may name, as written: the line's own, and those of its entries."""
        currency = self.net.currency
        units = {display_unit_price(step.unit_minor, currency, language) for step in self.steps}
        return units | written([*self.amounts, *amounts_of(self.entries)], language)


def sentences(explanation: LineExplanation, language: str) -> list[Sentence]:
    """Return the explanation in sentences: what, which period, price, discount, tax, total, why, and what became of it.

    A language that is not written gets English words.
    """
    writer = _Writer(explanation, language)
    return [
        *writer.what(),
        *writer.price(),
        *writer.discounts(),
        *writer.tax(),
        *writer.why(),
        *writer.afterwards(),
    ]


class _Writer:
    """Writes one line's sentences in one language."""

    def __init__(self, line: LineExplanation, language: str) -> None:
        self.line, self.language, self.words = line, language, TEXT[written_in(language)]
        self.charge = tuple(entry.id for entry in line.charge_entries)
        self.bill = tuple(entry.id for entry in line.invoice_entries)

    def say(self, key: str, entries: tuple[int, ...] | None = None, **values: object) -> Sentence:
        """Fill a sentence; amounts are written in the reader's language."""
        shown = {k: v.display(self.language) if isinstance(v, Money) else v for k, v in values.items()}
        return Sentence(
            self.words[key].format(**shown), self.charge if entries is None else entries, (self.line.line_id,)
        )

    def what(self) -> list[Sentence]:
        line, basis = self.line, self.line.basis
        what = WHAT[written_in(self.language)][basis.kind].format(name=basis.name)
        if line.start is None or line.end is None:
            return [self.say("no_period", what=what)]
        span = days(line.start, last_day(line.end), self.language)
        count = basis.days or (line.end - line.start).days
        of = basis.of_days or count
        said = [self.say("part_period" if of != count else "period", what=what, days=span, count=count, of=of)]
        if line.anchor is not None:
            said.append(self.say("anchor", anchor=day(line.anchor, self.language), zone=line.time_zone))
        return said

    def price(self) -> list[Sentence]:
        line, basis = self.line, self.line.basis
        if basis.tariff.model == Model.FLAT:
            said = [self.say("flat", whole=line.whole)]
        elif basis.tariff.model == Model.PER_UNIT:
            (step,) = line.steps
            said = [self.say("per_unit", units=self._units(step.units), unit=self._unit_price(step), whole=line.whole)]
        else:
            steps = joined([self._step(step) for step in line.steps], self.language)
            said = [self.say("steps", units=self._units(basis.quantity), steps=steps, whole=line.whole)]
        if basis.part != 1 and basis.days and basis.of_days and Fraction(basis.days, basis.of_days) == basis.part:
            said.append(self.say("part", of=basis.of_days, count=basis.days, listed=line.listed))
        elif basis.part != 1:
            said.append(self.say("part_exact", listed=line.listed))
        return said

    def discounts(self) -> list[Sentence]:
        line, said = self.line, []
        for discount in line.basis.discounts:
            amount = Money(discount.minor, line.net.currency)
            rate = "" if discount.percent is None else percent(discount.percent, self.language)
            key = "discount_percent" if rate else "discount"
            said.append(self.say(key, name=discount.name, percent=rate, amount=amount))
        if said:
            said.append(self.say("net", net=line.total if line.basis.includes_tax else line.net))
        return said

    def tax(self) -> list[Sentence]:
        line = self.line
        rate = percent(line.tax_rate, self.language)
        if not line.tax_rate:
            why = NO_TAX[written_in(self.language)]
            said = [Sentence(why.get(line.treatment, why[""]), self.bill, (line.line_id,))]
        elif line.basis.includes_tax:
            said = [self.say("tax_inside", self.bill, tax=line.tax, rate=rate, net=line.net)]
        else:
            said = [self.say("tax", self.bill, tax=line.tax, rate=rate)]
        if line.rule_place and line.rule_on and line.treatment:
            said.append(self.say("rule", self.bill, place=line.rule_place, day=day(line.rule_on, self.language)))
        return [*said, self.say("total", self.bill, total=line.total)]

    def why(self) -> list[Sentence]:
        line = self.line
        why = WHY[written_in(self.language)]
        said = [Sentence(why.get(line.cause, why["manual"]), self.charge, (line.line_id,))]
        if line.basis.price_from is not None:
            said.append(self.say("price", since=day(line.basis.price_from, self.language)))
        return said

    def afterwards(self) -> list[Sentence]:
        line, said = self.line, []
        for note in line.credited:
            ids = tuple(entry.id for entry in note.entries)
            on, reason = day(note.on, self.language), note.reason.rstrip(".") + "."
            key = "unused" if note.is_unused else "credited"
            said.append(self.say(key, ids, day=on, number=note.number, amount=note.amount, reason=reason))
        if line.disputed:
            said.append(self.say("disputed", self.bill, amount=line.disputed))
        if line.is_void:
            said.append(self.say("void", self.bill))
        for entry in line.entries:
            if entry.reverses is not None:
                on = day(entry.effective_on, self.language)
                said.append(self.say("reversed", (entry.reverses, entry.id), entry=entry.reverses, day=on))
        return said

    def _units(self, quantity: Fraction) -> str:
        count, unit = display_number(quantity, self.language), self.line.basis.unit
        one, many = UNIT[written_in(self.language)]
        if not unit:
            return f"{count} {one if quantity == 1 else many}"
        return f"{count} × {unit}"

    def _unit_price(self, step: ExplainedStep) -> str:
        return display_unit_price(step.unit_minor, self.line.net.currency, self.language)

    def _step(self, step: ExplainedStep) -> str:
        currency = self.line.net.currency
        return self.words["step_flat" if step.flat_minor else "step"].format(
            units=display_number(step.units, self.language),
            unit=self._unit_price(step),
            fixed=Money(step.flat_minor, currency).display(self.language),
            amount=step.amount.display(self.language),
        )
