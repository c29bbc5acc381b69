"""Explanation: sentences with their sources, ready to be shown or given; and the check that none is made up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ledger.invoices.sentences import Sentence
from ledger.invoices.sources import ClaimWithoutSource, without_source

__all__ = ["ClaimWithoutSource", "Explanation", "Sentence"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to say about one thing; `figures` are the amounts it may name, as its language writes them."""

    subject: str
    customer_id: int
    language: str
    sentences: tuple[Sentence, ...]
    figures: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def text(self) -> str:
        """The sentences together."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def entry_ids(self) -> tuple[int, ...]:
        """Every journal entry that a sentence rests on."""
        return _all(sentence.entries for sentence in self.sentences)

    @property
    def line_ids(self) -> tuple[int, ...]:
        """Every line of a bill that a sentence rests on."""
        return _all(sentence.lines for sentence in self.sentences)

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hash_of(self.text)

    def check(self, text: str) -> None:
        """Refuse a text, written by whomever, that names an amount nothing stands behind.

        :raises ClaimWithoutSource: naming the amounts
        """
        unknown = without_source(text, self.figures)
        if unknown:
            raise ClaimWithoutSource(f"Nothing in the account stands behind {', '.join(unknown)}.")


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, as sixty-four hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _all(many: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted({one for few in many for one in few}))
