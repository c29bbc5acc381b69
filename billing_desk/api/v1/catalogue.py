"""Read what is sold and every version of its price."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.errors import answer
from billing_desk.api.pagination import Row, list_page, query_choice, refuse_unknown
from billing_desk.api.resources import PAGE, Resource, page_of, problems
from ledger.errors import NotFound
from ledger.models import Price, Product

COLUMNS = (
    "id", "code", "name", "kind", "interval", "unit", "meter", "is_on_sale", "retired_reason", "replaced_by__code",
    "trial_days", "notice_days", "features",
)  # fmt: skip
PRICE = (
    "product_id", "currency", "model", "amount_minor", "unit_minor", "tiers", "includes_tax", "tax_rate", "valid_from",
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


def shape(row: Row) -> Row:
    """Rename what Django names by its joins, in place."""
    row["replaced_by"] = row.pop("replaced_by__code")
    return row


class Products(Resource):
    """What is sold."""

    scopes = {"GET": "catalogue:read"}

    @extend_schema(
        operation_id="list_products", parameters=PAGE[:2], responses={200: page_of(ProductBody), **problems()}
    )
    def get(self, request: Request) -> HttpResponse:
        """List products, the newest first; `kind` narrows them."""
        refuse_unknown(request, {"limit", "cursor", "kind"})
        rows = Product.objects.all()
        if kind := query_choice(request, "kind", Product.Kind.values):
            rows = rows.filter(kind=kind)
        return list_page(request, rows.values(*COLUMNS), shape=shape)


class OneProduct(Resource):
    """One product."""

    scopes = {"GET": "catalogue:read"}

    @extend_schema(operation_id="get_product", responses={200: ProductWithPrices, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return one product with its prices."""
        row = Product.objects.filter(pk=pk).values(*COLUMNS).first()
        if row is None:
            raise NotFound("There is no such product.")
        prices = list(Price.objects.filter(product_id=pk).order_by("currency", "valid_from").values(*PRICE))
        for price in prices:
            del price["product_id"]
        return answer(200, {**shape(row), "prices": prices})
