"""Amounts, quantities, rates, days and periods as a reader writes them (pure)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import format_decimal, format_percent

from ledger.documents.words import language_of
from ledger.money import Money, exponent
from ledger.periods import Period

#: Prices of one unit are shown with all their digits, up to these.
MOST_DIGITS = 10


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """Return the reader's own locale for figures, else English."""
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=256)
def words_locale(tag: str) -> Locale:
    """Return the locale for days in words: the reader's own where the words are in their language, else English."""
    return locale_of(tag) if locale_of(tag).language == language_of(tag) else Locale(language_of(tag))


def say_amount(amount: Money, tag: str) -> str:
    """Return an amount with its currency, with ISO 4217's digits."""
    return amount.display(tag.replace("_", "-"))


def say_unit_price(minor: Fraction, currency: str, tag: str) -> str:
    """Return the price of one unit, which may be finer than the currency: 0,0123 €."""
    exact = Decimal(minor.numerator) / Decimal(minor.denominator) / Decimal(10) ** exponent(currency)
    if exact == round(exact, exponent(currency)):
        return say_amount(Money(int(exact * 10 ** exponent(currency)), currency), tag)
    number = format_decimal(
        exact, format="#,##0." + "0" * exponent(currency) + "#" * MOST_DIGITS, locale=locale_of(tag)
    )
    shape = say_amount(Money(10 ** exponent(currency), currency), tag)
    one = say_quantity(Fraction(1), tag) if not exponent(currency) else _digits(shape)
    return shape.replace(one, str(number)) if one and one in shape else f"{number} {currency}"


def say_quantity(quantity: Fraction, tag: str) -> str:
    """Return a quantity with all its digits and groups: 12.500."""
    exact = Decimal(quantity.numerator) / Decimal(quantity.denominator)
    return str(format_decimal(exact, format="#,##0." + "#" * MOST_DIGITS, locale=locale_of(tag)))


def say_rate(rate: Decimal, tag: str) -> str:
    """Return a rate in per cent: 19 %, with the percent sign where the reader's language puts it."""
    return str(format_percent(rate / 100, format=_percent_pattern(tag), locale=locale_of(tag)))


def say_share(percent: Fraction, tag: str) -> str:
    """Return a discount in per cent."""
    return say_rate(Decimal(percent.numerator) / Decimal(percent.denominator), tag)


def _percent_pattern(tag: str) -> str:
    return str(locale_of(tag).percent_formats[None].pattern).replace("#,##0", "#,##0.###")


def say_day(day: date, tag: str) -> str:
    """Return a day in words: 15. April 2026."""
    return str(format_date(day, "long", locale=words_locale(tag)))


def say_short_day(day: date, tag: str) -> str:
    """Return a day for a column: 15.04.2026."""
    return str(format_date(day, "medium", locale=words_locale(tag)))


def say_period(period: Period, tag: str) -> str:
    """Return a period by its first and last day."""
    last = period.end - timedelta(days=1)
    if last == period.start:
        return say_short_day(period.start, tag)
    return str(format_interval(period.start, last, "yMMMd", locale=words_locale(tag)))


def _digits(shape: str) -> str:
    """Return the figure inside a written amount: 1,00 of 1,00 €."""
    places = [index for index, letter in enumerate(shape) if letter.isdigit()]
    return shape[places[0] : places[-1] + 1] if places else ""
