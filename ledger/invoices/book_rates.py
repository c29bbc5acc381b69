"""What a bill in another currency is worth in the book currency on its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from ledger.fx.models import ExchangeRate
from ledger.fx.queries import rate_for

#: Written as the source where a currency has no rates at all; the month close lists these bills.
MISSING = "rate missing"


@dataclass(frozen=True, slots=True)
class BookRate:
    """Units of the book currency for one unit; None where nobody keeps rates of the currency."""

    value: Decimal | None
    source: str
    on: date | None


def book_rate(currency: str, on: date) -> BookRate:
    """Return the rate of a day, with its source.

    :raises NoRate: if there are rates of the currency, but none for the day: nothing is guessed
    """
    if currency == settings.BOOK_CURRENCY:
        return BookRate(Decimal(1), "book currency", on)
    if not ExchangeRate.objects.filter(Q(base=currency) | Q(quote=currency)).exists():
        return BookRate(None, MISSING, None)
    rate = rate_for(currency, to=settings.BOOK_CURRENCY, on=on)
    return BookRate(rate.value, rate.source, rate.on)
