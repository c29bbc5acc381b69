"""Days, rates and lists as the language of an explanation writes them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from babel.core import Locale
from babel.dates import format_date

from ledger.catalogue.explaining import display_number

#: Languages in which explanations are written; other readers get English words with their own figures.
WRITTEN = ("en", "de")


def written_in(language: str) -> str:
    """Return the language the words of an explanation come in: `de` for `de-AT`, `en` for what we do not write."""
    first = language.partition("-")[0].lower()
    return first if first in WRITTEN else "en"


def day(on: date, language: str) -> str:
    """Return a day in words: 16 March 2026."""
    return _formatted(on, _pattern(language), language)


def days(first: date, last: date, language: str) -> str:
    """Return a span of days, both included, naming what they share once: 16 to 31 March 2026."""
    if first == last:
        return day(first, language)
    pattern = _pattern(language)
    if (first.year, first.month) == (last.year, last.month):
        pattern = pattern.partition(" ")[0]
    elif first.year == last.year:
        pattern = pattern.removesuffix(" y")
    to = "bis" if written_in(language) == "de" else "to"
    return f"{_formatted(first, pattern, language)} {to} {day(last, language)}"


def last_day(end: date) -> date:
    """Return the last day of a half-open span."""
    return end - timedelta(days=1)


def percent(rate: Fraction, language: str) -> str:
    """Return a rate: 19%, or 19 % with a space that does not break."""
    gap = "\u00a0" if written_in(language) == "de" else ""
    return f"{display_number(rate, language)}{gap}%"


def joined(words: Sequence[str], language: str) -> str:
    """Return words as a list: one, two and three."""
    if len(words) < 2:
        return "".join(words)
    glue = "und" if written_in(language) == "de" else "and"
    return f"{', '.join(words[:-1])} {glue} {words[-1]}"


def _pattern(language: str) -> str:
    return "d. MMMM y" if written_in(language) == "de" else "d MMMM y"


def _formatted(on: date, pattern: str, language: str) -> str:
    return str(format_date(on, pattern, locale=Locale(written_in(language))))
