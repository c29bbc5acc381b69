"""Post a charge, read charges, take one back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Amount, Body, Id, Rate, Text, amount
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    Resource,
    customer_of,
    posts,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.charges.operations import add_charge, reverse_charge
from ledger.models import Charge
from ledger.periods import Period

#: Kinds that may be charged one by one; what subscriptions cost is charged by the billing run.
KINDS = ["one_off", "fee", "late_fee", "other"]


class ChargeBody(serializers.Serializer[Any]):
    """An amount a customer owes, net of tax."""

    id = serializers.IntegerField()
    customer_id = serializers.IntegerField()
    kind = serializers.ChoiceField(Charge.Kind.values)
    description = serializers.CharField()
    amount = Amount()
    basis = serializers.JSONField(help_text="How the amount was computed: price, quantity, part of a period")
    tax_rate = serializers.CharField(allow_null=True, help_text="Per cent; null: the tax rules decide")
    charged_on = serializers.DateField()
    period_start = serializers.DateField(allow_null=True)
    period_end = serializers.DateField(allow_null=True, help_text="The first day after the period")
    external_id = serializers.CharField(allow_null=True)
    added_at = serializers.DateTimeField()
    reversed_at = serializers.DateTimeField(allow_null=True)
    reversal_reason = serializers.CharField()


class NewCharge(Body):
    """A charge to add. `period_end` is the first day after the period."""

    customer = Id(required=False, help_text="Not needed when the key is bound to one customer")
    amount = Amount()
    description = Text(max_length=200)
    kind = serializers.ChoiceField(KINDS, required=False)
    tax_rate = Rate(required=False, allow_null=True, help_text='Per cent, as text: "19"; null: the tax rules decide')
    charged_on = serializers.DateField(required=False)
    period_start = serializers.DateField(required=False)
    period_end = serializers.DateField(required=False)
    external_id = Text(max_length=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take both ends of a period or none."""
        first, last = attrs.pop("period_start", None), attrs.pop("period_end", None)
        if (first is None) != (last is None):
            raise serializers.ValidationError({"period_end": ["Give both ends of the period, or none."]})
        if first and last:
            if last <= first:
                raise serializers.ValidationError({"period_end": ["The period ends after it starts."]})
            attrs["period"] = Period(first, last)
        return attrs


class Reversal(Body):
    """Why something is taken back."""

    reason = Text(max_length=300)


class ShownCharge(Shown):
    """A charge as the API shows it."""

    model, body, name = Charge, ChargeBody, "charge"
    columns = (
        "id", "customer_id", "kind", "description", "amount_minor", "currency", "basis", "tax_rate", "charged_on",
        "period_start", "period_end", "external_id", "added_at", "reversed_at", "reversal_reason",
    )  # fmt: skip

    @classmethod
    def shape(cls, row: Row) -> Row:
        amount(row)
        del row["currency"]
        return row


class Charges(Listing):
    """Amounts owed."""

    shown, scopes = ShownCharge, {"GET": "charges:read", "POST": "charges:write"}

    @posts("add_charge", NewCharge, ChargeBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Charge a net amount; the next invoice bills it with its tax."""
        wanted = NewCharge.read(request)
        customer_id = customer_of(request.user, wanted)
        return ShownCharge.created(request, add_charge, customer_id, **wanted)


class OneCharge(Single):
    """One charge."""

    shown, scopes = ShownCharge, {"GET": "charges:read"}


class ChargeReversal(Resource):
    """Taking a charge back."""

    scopes = {"POST": "charges:write"}

    @posts("reverse_charge", Reversal, ChargeBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Take back a charge that is on no invoice yet."""
        wanted = Reversal.read(request)
        return ShownCharge.moved(request, pk, reverse_charge, **wanted)
