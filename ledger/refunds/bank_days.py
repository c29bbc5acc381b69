"""The days on which banks work, by currency and country; read from the `holidays` library, kept per year."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays

from ledger.refunds.arrival import BankDay

SATURDAY = 5
#: Euro payments follow one calendar. Source: European Central Bank, TARGET closing days, in the library as "ECB".
EURO = "EUR"


def bank_days(currency: str, country: str) -> BankDay:
    """Return whether banks work on a day: euros by the TARGET calendar, others by the public holidays of the country.

    A country the library does not know has its weekends only.
    """

    def is_bank_day(day: date) -> bool:
        return day.weekday() < SATURDAY and day not in _closed(currency, country, day.year)

    return is_bank_day


@lru_cache(maxsize=512)
def _closed(currency: str, country: str, year: int) -> frozenset[date]:
    if currency == EURO:
        return frozenset(holidays.financial_holidays("ECB", years=year))
    if country not in _countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())
