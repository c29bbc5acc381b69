"""Finding: a recognised situation with its evidence, and its words for the customer and for the agent (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.catalogue.explaining import display_number
from ledger.explanations.scenarios.words import WORDS
from ledger.invoices.wording import day, written_in
from ledger.money import Money

Value = Money | date | Fraction | str | int


@dataclass(frozen=True, slots=True)
class Finding:
    """One situation: which, how well it fits (of 100), when, and what shows it.

    `refs` name what it is seen in ("invoice:7", "payment:3"); `values` are the amounts, days and names of the words.
    """

    scenario: str
    fit: int
    on: date
    refs: tuple[str, ...]
    values: Mapping[str, Value]

    def title(self, language: str) -> str:
        """Return what it is called."""
        return WORDS[written_in(language)][self.scenario][0]

    def for_customer(self, language: str) -> str:
        """Return what the customer is told."""
        return self._filled(WORDS[written_in(language)][self.scenario][1], language)

    def for_agent(self, language: str) -> str:
        """Return what the agent should know, and do."""
        return self._filled(WORDS[written_in(language)][self.scenario][2], language)

    def _filled(self, words: str, language: str) -> str:
        return words.format_map({name: _shown(value, language) for name, value in self.values.items()})


def _shown(value: Value, language: str) -> str:
    if isinstance(value, Money):
        return value.display(language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, Fraction):
        return display_number(value, language)
    return str(value)
