"""rate_for: the rate in force on a day, with its source; and what we hold of other currencies."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q

from ledger.fx.models import ExchangeRate, PositionStep
from ledger.fx.positions import Position
from ledger.fx.rates import NoRate, Rate, rate_between
from ledger.money import Money, exponent


def rate_for(currency: str, *, to: str, on: date) -> Rate:
    """Return what one unit of a currency is in another on a day: quoted, inverted, or over the book currency.

    The newest quotation on or before the day counts, unless it is older than settings.FX_MAX_AGE_DAYS.

    :raises NoRate: if there is none
    :raises UnknownCurrency: if a currency is not an active one of ISO 4217
    """
    exponent(currency)
    exponent(to)
    quotations = _quotations({currency, to, settings.BOOK_CURRENCY}, on)
    found = rate_between(
        currency, to, lambda base, quote: quotations.get((base, quote)), over=settings.BOOK_CURRENCY, on=on
    )
    if found is None:
        days = settings.FX_MAX_AGE_DAYS
        raise NoRate(f"We have no exchange rate from {currency} to {to} for {on}, or for the {days} days before it.")
    return found


def _quotations(currencies: set[str], on: date) -> dict[tuple[str, str], Rate]:
    """Return the newest usable quotation per pair; of two for one day the later one, which corrects the other."""
    since = on - timedelta(days=settings.FX_MAX_AGE_DAYS)
    rows = ExchangeRate.objects.filter(base__in=currencies, quote__in=currencies, on__gte=since, on__lte=on)
    newest = rows.order_by("base", "quote", "-on", "-id").distinct("base", "quote")
    return {(row.base, row.quote): row.quoted for row in newest}


def has_rates(currency: str) -> bool:
    """Return whether anybody keeps rates of a currency."""
    return ExchangeRate.objects.filter(Q(base=currency) | Q(quote=currency)).exists()


def position_of(currency: str) -> Position:
    """Return what we hold of a foreign currency by exchanges, and what it cost in the book currency."""
    last = PositionStep.objects.filter(currency=currency, book_currency=settings.BOOK_CURRENCY).order_by("-id").first()
    if last is None:
        return Position.none(currency, settings.BOOK_CURRENCY)
    return Position(Money(last.held_minor, currency), Money(last.cost_minor, last.book_currency))
