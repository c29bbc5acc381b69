"""Exchange rates: read them, and add what a source published for a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Body, Exact, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import posts, refuse_bound
from billing_desk.api.shown import Listing, Narrows, Shown, Single
from ledger.fx.operations import add_rates
from ledger.fx.rates import Rate
from ledger.models import ExchangeRate

MOST_RATES = 1000
SMALLEST = Decimal("0.000000000001")


class RateBody(serializers.Serializer[Any]):
    """One unit of `base` was `rate` units of `quote` on a day, says the source; a correction is a row of its own."""

    id = serializers.IntegerField()
    base, quote = serializers.CharField(), serializers.CharField()
    rate = serializers.CharField()
    on = serializers.DateField()
    source = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class NewRate(Body):
    """What a source published."""

    base, quote = Text(min_length=3, max_length=3), Text(min_length=3, max_length=3)
    rate = Exact(max_digits=28, decimal_places=12, min_value=SMALLEST, help_text='As text: "1.0834"')
    on = serializers.DateField(help_text="The day it was published for")
    source = Text(max_length=100, help_text="Who published it, and where")

    def validate(self, attrs: dict[str, Any]) -> Rate:
        """Read it; unknown currencies are refused."""
        return Rate(attrs["rate"], attrs["source"], attrs["on"], attrs["base"], attrs["quote"])


class NewRates(Body):
    """A batch of rates."""

    rates = NewRate(many=True, min_length=1, max_length=MOST_RATES)

    def validate_rates(self, rates: list[Rate]) -> list[Rate]:
        """Refuse two for one pair, day and source: which of them holds would be chance."""
        named = {(rate.currency, rate.to, rate.on, rate.source) for rate in rates}
        if len(named) < len(rates):
            raise serializers.ValidationError("Two of these rates are for one pair, day and source.")
        return rates


class RatesLoadedBody(serializers.Serializer[Any]):
    """How many rates are new or corrected, and how many were known."""

    added, known = serializers.IntegerField(), serializers.IntegerField()


class ShownRate(Shown):
    """An exchange rate as the API shows it."""

    model, body, name = ExchangeRate, RateBody, "exchange_rate"
    customer_column = None
    columns = ("id", "base", "quote", "rate", "on", "source", "recorded_at", "recorded_by")
    narrows = (
        Narrows("base", "base", str, "ISO 4217 code"),
        Narrows("quote", "quote", str, "ISO 4217 code"),
        Narrows("on", "on", date, "Published for this day"),
    )


class ExchangeRates(Listing):
    """Rates on file."""

    shown, scopes = ShownRate, {"GET": "rates:read", "POST": "rates:write"}

    @posts("add_exchange_rates", NewRates, RatesLoadedBody)
    def post(self, request: Request) -> HttpResponse:
        """Add up to a thousand rates; what is on file already is known, what differs from it corrects it."""
        refuse_bound(request.user, "rates are the same for everybody")
        rates = NewRates.read(request)["rates"]

        def effect(at: datetime) -> tuple[int, Row]:
            loaded = add_rates(rates, by=request.user.actor, at=at)
            return 200, {"added": loaded.added, "known": loaded.known}

        return once(request, effect)


class OneExchangeRate(Single):
    """One rate."""

    shown, scopes = ShownRate, {"GET": "rates:read"}
