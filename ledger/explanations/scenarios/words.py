"""The words of every scenario, by language: its title, what the customer is told, what the agent should know."""

from __future__ import annotations

from ledger.explanations.scenarios.words_de import GERMAN
from ledger.explanations.scenarios.words_en import ENGLISH

WORDS = {"en": ENGLISH, "de": GERMAN}
