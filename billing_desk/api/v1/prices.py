"""Versions of prices: read them, and add the next one with its first day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Body, Exact, Rate, Text, WholeNumber, YesNo
from billing_desk.api.resources import Resource, posts, refuse_bound
from billing_desk.api.shown import Listing, Narrows, Shown, Single
from billing_desk.api.v1.catalogue import PRICE, PriceBody
from ledger.catalogue.operations import PriceTerms, add_price
from ledger.catalogue.tariff import MOST_TIERS
from ledger.models import Price

NOT_THEIRS = "prices are the same for everybody"


class PriceVersionBody(PriceBody):
    """One version of a price, with the product it is for."""

    id, product_id = serializers.IntegerField(), serializers.IntegerField()


class NewTier(Body):
    """One step: up to and including so many units, each at so much, plus a fixed amount once."""

    up_to = Exact(max_digits=15, decimal_places=6, min_value=Decimal(0), allow_null=True, help_text="Null: the last")
    unit_minor = Exact(max_digits=20, decimal_places=8, min_value=Decimal(0), default=Decimal(0))
    flat_minor = WholeNumber(min_value=0, max_value=10**15, default=0)


class NewPrice(Body):
    """The next version; those before it stay, and what was billed by them too."""

    currency = Text(min_length=3, max_length=3, help_text="ISO 4217 code")
    valid_from = serializers.DateField(help_text="The first day; today or later once the product was sold")
    model = serializers.ChoiceField(Price.Model.values, default="flat")
    amount_minor = WholeNumber(min_value=0, max_value=10**17, required=False, help_text="Of a flat price")
    unit_minor = Exact(
        max_digits=20,
        decimal_places=8,
        min_value=Decimal(0),
        required=False,
        help_text="Of one unit, also fractions",
    )
    tiers = NewTier(many=True, required=False, max_length=MOST_TIERS, help_text="Of graduated and volume prices")
    includes_tax = YesNo(default=False)
    tax_rate = Rate(required=False, allow_null=True, help_text="Per cent, as text; without it the tax rules decide")
    is_for_new_only = YesNo(default=False, help_text="Running subscriptions keep their price for good")
    existing_from = serializers.DateField(required=False, allow_null=True, help_text="For running subscriptions")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the terms; a flat price and one per unit say their price, because nothing is not free."""
        needed = {"flat": "amount_minor", "per_unit": "unit_minor"}.get(attrs["model"], "tiers")
        if needed not in attrs:
            raise serializers.ValidationError({needed: [f"A {attrs['model']} price says it."]})
        attrs["tiers"] = [_step(tier) for tier in attrs.get("tiers", [])]
        return {"terms": PriceTerms(**attrs)}


def _step(tier: dict[str, Any]) -> dict[str, Any]:
    """Return a step as a price keeps it: figures as plain text."""
    up_to = None if tier["up_to"] is None else f"{tier['up_to'].normalize():f}"
    return {"up_to": up_to, "unit_minor": f"{tier['unit_minor'].normalize():f}", "flat_minor": tier["flat_minor"]}


class ShownPrice(Shown):
    """A version of a price as the API shows it; everybody may know what is sold."""

    model, body, name = Price, PriceVersionBody, "price"
    noun, nouns = "version of a price", "versions of prices"
    customer_column = None
    columns = ("id", "product_id", *PRICE)
    narrows = (
        Narrows("product", "product_id", int, "Id of the product"),
        Narrows("currency", "currency", str, "ISO 4217 code"),
    )


class Prices(Listing):
    """Every version of every price."""

    shown, scopes = ShownPrice, {"GET": "catalogue:read"}


class OnePrice(Single):
    """One version."""

    shown, scopes = ShownPrice, {"GET": "catalogue:read"}


class ProductPrices(Resource):
    """The versions of one product's price."""

    scopes = {"POST": "catalogue:write"}

    @posts("add_price", NewPrice, PriceVersionBody, status=201)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Add the next version of a price from a day on; bills for days before it stay as they are."""
        refuse_bound(request.user, NOT_THEIRS)
        return ShownPrice.created(request, add_price, pk, **NewPrice.read(request))
