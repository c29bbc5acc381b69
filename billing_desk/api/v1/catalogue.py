"""Read what is sold and every version of its price."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing_desk.api.authentication import Client
from billing_desk.api.pagination import Row
from billing_desk.api.shown import Listing, Narrows, Shown, Single
from ledger.models import Price, Product

PRICE = (
    "currency", "model", "amount_minor", "unit_minor", "tiers", "includes_tax", "tax_rate", "valid_from",
    "is_for_new_only", "existing_from",
)  # fmt: skip


class PriceBody(serializers.Serializer[Any]):
    """One version of a price; it is never changed, the next version follows it."""

    currency = serializers.CharField()
    model = serializers.ChoiceField(Price.Model.values)
    amount_minor = serializers.IntegerField(help_text="Of a flat price, in minor units")
    unit_minor = serializers.CharField(help_text="Of one unit, in minor units; may have fractions")
    tiers = serializers.JSONField(help_text="Steps in order; the last `up_to` is null")
    includes_tax = serializers.BooleanField()
    tax_rate = serializers.CharField(allow_null=True, help_text="Per cent; null: the tax rules decide")
    valid_from = serializers.DateField()
    is_for_new_only = serializers.BooleanField(help_text="Running subscriptions keep their price for good")
    existing_from = serializers.DateField(allow_null=True, help_text="From when running subscriptions get it")


class ProductBody(serializers.Serializer[Any]):
    """A plan, an add-on or a one-off item."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Product.Kind.values)
    interval = serializers.ChoiceField(Product.Interval.values)
    unit = serializers.CharField()
    meter = serializers.CharField(help_text="Usage that decides the quantity; empty: none")
    is_on_sale = serializers.BooleanField()
    retired_reason = serializers.CharField()
    replaced_by = serializers.CharField(allow_null=True, help_text="Code of what to take instead")
    trial_days = serializers.IntegerField()
    notice_days = serializers.IntegerField()
    features = serializers.ListField(child=serializers.CharField())


class ProductWithPrices(ProductBody):
    """A product with every version of its price, by currency and day."""

    prices = PriceBody(many=True)


class ShownProduct(Shown):
    """A product as the API shows it; everybody may know what is sold."""

    model, body, name = Product, ProductBody, "product"
    whole_body, parts = ProductWithPrices, "its prices"
    customer_column = None
    columns = (
        "id", "code", "name", "kind", "interval", "unit", "meter", "is_on_sale", "retired_reason", "replaced_by__code",
        "trial_days", "notice_days", "features",
    )  # fmt: skip
    narrows = (Narrows("kind", "kind", Product.Kind.values, "Only products of this kind"),)

    @classmethod
    def shape(cls, row: Row) -> Row:
        row["replaced_by"] = row.pop("replaced_by__code")
        return row

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one product with every version of its price."""
        prices = Price.objects.filter(product_id=pk).order_by("currency", "valid_from")
        return {**cls.one(client, pk), "prices": list(prices.values(*PRICE))}


class Products(Listing):
    """What is sold."""

    shown, scopes = ShownProduct, {"GET": "catalogue:read"}


class OneProduct(Single):
    """One product."""

    shown, scopes = ShownProduct, {"GET": "catalogue:read"}
