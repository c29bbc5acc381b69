"""explain_difference: a bill against the last one, the expected one or none, in causes that add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ledger.books.queries import EntryView, entries_of_all
from ledger.errors import InvalidInput
from ledger.explanations.bills import Compared, compared_with_last
from ledger.explanations.causes import CauseWords, derived_figures
from ledger.explanations.telling import Explanation
from ledger.invoices.difference import BillFacts, Cause, Difference, difference
from ledger.invoices.sentences import Sentence
from ledger.invoices.sources import amounts_of, written
from ledger.money import Money


class Against(StrEnum):
    """What a bill is compared with."""

    LAST = "last"
    EXPECTED = "expected"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DifferenceExplanation:
    """The difference and what is said about it; `old` is None where there was nothing to compare with."""

    difference: Difference
    old: Money | None
    new: Money
    explanation: Explanation

    @property
    def headline(self) -> str:
        """The difference and what it is made of, in one sentence."""
        return self.explanation.sentences[0].text if self.explanation.sentences else ""


def explain_difference(
    invoice_id: int,
    language: str,
    *,
    against: Against = Against.LAST,
    expected: BillFacts | None = None,
    customer_id: int | None = None,
) -> DifferenceExplanation:
    """Return why a bill is what it is, against the last one, the `expected` figures, or nothing.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    :raises InvalidInput: if it is to be compared with the expected bill, and none is given
    :raises NoRate: if the last bill is in another currency whose rate of the day we do not have
    """
    if (against == Against.EXPECTED) != (expected is not None):
        raise InvalidInput("To compare with the expected bill, say what was expected.")
    compared = compared_with_last(invoice_id, customer_id=customer_id)
    old = {Against.LAST: compared.old, Against.EXPECTED: expected, Against.NONE: None}[against]
    found = difference(old, compared.new)
    entries = entries_of_all(compared.sources)
    is_expected = against == Against.EXPECTED
    writer = _Writer(compared, found, entries, language, is_expected=is_expected)
    return DifferenceExplanation(
        difference=found,
        old=old.total if old else None,
        new=compared.new.total,
        explanation=Explanation(
            subject=f"difference:{compared.invoice.pk}",
            customer_id=compared.invoice.customer_id,
            language=language,
            sentences=tuple(writer.sentences(old)),
            figures=frozenset(writer.figures(old)),
        ),
    )


class _Writer:
    """Writes the sentences of one difference, each with the entries of the lines it compares."""

    def __init__(
        self,
        compared: Compared,
        found: Difference,
        entries: Mapping[str, list[EntryView]],
        language: str,
        *,
        is_expected: bool,
    ) -> None:
        self.compared, self.found, self.entries = compared, found, entries
        self.language, self.is_expected = language, is_expected
        self.words = CauseWords(found.total.currency, language)
        self.of_line = {
            line.pk: (f"charge:{line.charge_id}", f"invoice:{invoice.pk}")
            for invoice in compared.invoices
            for line in invoice.lines.all()
        }

    def sentences(self, old: BillFacts | None) -> Iterable[Sentence]:
        """Yield the headline, the two totals, and one sentence per cause."""
        every = tuple(self.of_line)
        headline = self.words.headline(self.found, is_first=old is None, is_expected=self.is_expected)
        if headline:
            yield self._sentence(headline, every)
        if old is not None and self.found.total:
            key = "totals_expected" if self.is_expected else "totals"
            new_total, old_total = (bill.total.display(self.language) for bill in (self.compared.new, old))
            yield self._sentence(self.words.text[key].format(new=new_total, old=old_total), every)
        if old is not None and self.compared.old_currency != self.compared.invoice.currency and not self.is_expected:
            yield self._sentence(self.words.text["converted"].format(currency=self.compared.old_currency), every)
        if old is not None:
            for cause in self.found.causes:
                yield self._sentence(self.words.sentence(cause), self._lines(cause), self._notes(cause))

    def _lines(self, cause: Cause) -> tuple[int, ...]:
        refs = [ref for one in (cause, *cause.parts) for ref in one.facts.get("refs", ())]
        ids = [int(ref.partition(":")[2]) for ref in refs if ref.startswith("invoiceline:")]
        return tuple(sorted({pk for pk in ids if pk in self.of_line})) or tuple(self.of_line)

    def _notes(self, cause: Cause) -> list[str]:
        return [f"creditnote:{one.facts['note']}" for one in (cause, *cause.parts) if "note" in one.facts]

    def _sentence(self, text: str, lines: tuple[int, ...], more: Iterable[str] = ()) -> Sentence:
        sources = [*more, *(source for line in lines for source in self.of_line[line])]
        ids = {entry.id for source in dict.fromkeys(sources) for entry in self._issuing(source)}
        return Sentence(text, tuple(sorted(ids)), lines)

    def _issuing(self, source: str) -> list[EntryView]:
        entries = self.entries.get(source, [])
        if not source.startswith("invoice:"):
            return entries
        return [entry for entry in entries if entry.kind in ("invoice_issued", "reversal")]

    def figures(self, old: BillFacts | None) -> set[str]:
        """Return what the sentences may name: the entries' amounts, the totals, and what the attribution came to."""
        backed = amounts_of(entry for many in self.entries.values() for entry in many)
        totals = [bill.total for bill in (self.compared.new, old) if bill is not None]
        return written([*backed, *totals], self.language) | derived_figures(self.found, self.language)
