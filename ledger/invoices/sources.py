"""No amount without a source (pure): finds every amount in a text and says which ones nothing stands behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ledger.errors import DomainError
from ledger.money import CURRENCIES, Money

if TYPE_CHECKING:
    from ledger.books.queries import EntryView

#: A currency as CLDR writes it: a symbol with at most three letters before it, a code, or a word.
_SYMBOL = r"[A-Z]{0,3}[$¢£¤¥€￥֏؋৳฿៛\u20a0-\u20cf]"
_MARK = rf"(?:{_SYMBOL}|\b(?:{'|'.join(sorted(CURRENCIES))}|kr|zł|Kč|Ft|lei)\b)"
#: Digits with separators between them; a plain space is none, the two that do not break are.
_FIGURE = r"\d(?:[\d.,’'\u00a0\u202f]*\d)?"
_AMOUNT = re.compile(rf"{_MARK}[\u00a0\u202f ]?-?{_FIGURE}|{_FIGURE}[\u00a0\u202f ]?{_MARK}")


class ClaimWithoutSource(DomainError):
    """The text names an amount that no entry and no line of a bill stands behind."""


def amounts_in(text: str) -> list[str]:
    """Return every amount a text names, as written there, without its sign."""
    return [found.replace("-", "") for found in _AMOUNT.findall(text)]


def amounts_of(entries: Iterable[EntryView]) -> set[Money]:
    """Return every amount that stands in entries, whichever side it is on."""
    return {Money(abs(line.amount.minor), line.amount.currency) for entry in entries for line in entry.lines}


def written(amounts: Iterable[Money], language: str) -> set[str]:
    """Return amounts as a text in the language names them, without their sign."""
    return {Money(abs(amount.minor), amount.currency).display(language) for amount in amounts}


def without_source(text: str, known: Iterable[str]) -> list[str]:
    """Return the amounts of a text that are not among the known ones."""
    backed = {_plain(figure) for figure in known}
    return [amount for amount in amounts_in(text) if _plain(amount) not in backed]


def _plain(figure: str) -> str:
    return figure.replace("\u00a0", " ").replace("\u202f", " ").replace("-", "").strip()
