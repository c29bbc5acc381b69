"""Why a bill is higher than the one before: the causes, which add up to the difference to the last minor unit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.money import Money


@dataclass(frozen=True)
class BilledLine:
    """What a bill says in one line, tax included."""

    words: str
    total: Money


@dataclass(frozen=True)
class Cause:
    """One reason for the difference: what the line says, what happened to it, and by how much the bill changed."""

    words: str
    what: str
    difference: Money


@dataclass(frozen=True)
class Higher:
    """The causes and their sum."""

    causes: tuple[Cause, ...]
    together: Money


def explain_higher(newer: Iterable[BilledLine], older: Iterable[BilledLine], currency: str) -> Higher | None:
    """Return why the newer bill is higher than the older one; None when it is not.

    Lines with the same words belong together. The largest rise comes first, what became less comes last.
    """
    new, old = _by_words(newer, currency), _by_words(older, currency)
    nothing = Money(0, currency)
    causes = [
        Cause(words, _what(words in new, words in old), new.get(words, nothing) - old.get(words, nothing))
        for words in dict.fromkeys([*new, *old])
    ]
    causes = sorted((cause for cause in causes if cause.difference), key=lambda cause: -cause.difference.minor)
    together = sum((cause.difference for cause in causes), nothing)
    return Higher(tuple(causes), together) if together > nothing else None


def _by_words(lines: Iterable[BilledLine], currency: str) -> dict[str, Money]:
    totals: dict[str, Money] = {}
    for line in lines:
        totals[line.words] = totals.get(line.words, Money(0, currency)) + line.total
    return totals


def _what(is_new: bool, was_there: bool) -> str:
    if is_new and was_there:
        return "another amount than last time"
    return "new on this bill" if is_new else "not on this bill any more"
