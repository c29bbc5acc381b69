"""Amounts and days as a language writes them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_interval

from ledger.money import Money
from notifications.wording.catalogue import LAST_LANGUAGE


@lru_cache(maxsize=4096)
def say_amount(amount: Money, language: str) -> str:
    """Return an amount, e.g. `€49.00` or `49,00 €`."""
    return amount.display(known(language))


@lru_cache(maxsize=4096)
def say_day(day: date, language: str) -> str:
    """Return a day in words, e.g. `April 15, 2026` or `15. April 2026`."""
    said: str = format_date(day, "long", locale=known(language))
    return said


@lru_cache(maxsize=4096)
def say_days(first: date, last: date, language: str) -> str:
    """Return a span of days in words, e.g. `Mar 6 – 10, 2026` or `6.–10. März 2026`."""
    if first == last:
        return say_day(first, language)
    said: str = format_interval(first, last, "yMMMd", locale=known(language))
    return said


def say_moment(moment: datetime, language: str) -> str:
    """Return a moment in its own zone in words, e.g. `Monday, 2 March, 14:00`; the caller converts the zone."""
    pattern = "EEEE, d. MMMM, HH:mm" if known(language) == "de" else "EEEE, d MMMM, HH:mm"
    said: str = format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=known(language))
    return said


@lru_cache(maxsize=256)
def known(language: str) -> str:
    """Return the first part of a language tag if figures can be written in it, else English."""
    first = language.replace("_", "-").partition("-")[0].lower()
    try:
        Locale.parse(first)
    except (UnknownLocaleError, ValueError):
        return LAST_LANGUAGE
    return first
