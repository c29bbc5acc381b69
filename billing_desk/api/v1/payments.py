"""Record a payment, or a failed attempt; read payments."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Amount, Body, Id, Text, amount
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    Resource,
    customer_of,
    posts,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.models import Payment
from ledger.payments.allocating import move_allocation
from ledger.payments.operations import record_failure, record_payment

STATES = ["pending", "succeeded", "failed"]


class PaymentBody(serializers.Serializer[Any]):
    """Money from a customer, or an attempt that failed."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    customer_id = serializers.IntegerField()
    amount, refunded, charged_back = Amount(), Amount(), Amount()
    state = serializers.ChoiceField(STATES)
    card_last4 = serializers.CharField()
    gateway_reference = serializers.CharField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    received_on = serializers.DateField()
    failure_code = serializers.CharField()


class NewPayment(Body):
    """Money received; it pays the named invoice first, then the oldest debt, and the rest becomes credit."""

    customer = Id(required=False)
    amount = Amount()
    received_on = serializers.DateField(required=False)
    invoice_id = Id(required=False)
    card_last4 = Text(max_length=4, required=False, help_text="Never more of a card number than this")
    gateway_reference = Text(max_length=100, required=False)
    external_id = Text(max_length=100, required=False)


class NewFailure(Body):
    """An attempt that brought no money."""

    customer = Id(required=False)
    amount = Amount()
    code = Text(max_length=60, help_text="The gateway's decline code")
    card_last4 = Text(max_length=4, required=False)
    external_id = Text(max_length=100, required=False)


class NewMove(Body):
    """A part of a payment, the bill it settled, and the bill it was meant for."""

    from_invoice = Id()
    to_invoice = Id()
    amount = Amount()
    reason = Text(max_length=300)


class ShownPayment(Shown):
    """A payment as the API shows it."""

    model, body, name = Payment, PaymentBody, "payment"
    columns = (
        "id", "number", "customer_id", "amount_minor", "refunded_minor", "charged_back_minor", "currency", "state",
        "card_last4", "gateway_reference", "external_id", "received_on", "failure_code",
    )  # fmt: skip
    states = tuple(STATES)

    @classmethod
    def shape(cls, row: Row) -> Row:
        for name in ("amount", "refunded", "charged_back"):
            amount(row, f"{name}_minor", name)
        del row["currency"]
        return row


class Payments(Listing):
    """Money received."""

    shown, scopes = ShownPayment, {"GET": "payments:read", "POST": "payments:write"}

    @posts("record_payment", NewPayment, PaymentBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Book money received."""
        wanted = NewPayment.read(request)
        customer_id = customer_of(request.user, wanted)
        return ShownPayment.created(request, record_payment, customer_id, **wanted)


class PaymentFailures(Resource):
    """Attempts that failed."""

    scopes = {"POST": "payments:write"}

    @posts("record_payment_failure", NewFailure, PaymentBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Record a failed attempt; the customer is told the cause and the next step."""
        wanted = NewFailure.read(request)
        customer_id = customer_of(request.user, wanted)
        return ShownPayment.created(request, record_failure, customer_id, **wanted)


class OnePayment(Single):
    """One payment."""

    shown, scopes = ShownPayment, {"GET": "payments:read"}


class PaymentMove(Resource):
    """Letting a part of a payment settle another bill."""

    scopes = {"POST": "payments:write"}

    @posts("move_payment", NewMove, PaymentBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Move a part of a payment from one bill to another of the same customer; the first one is open again."""
        wanted = NewMove.read(request)
        bills = {"from_invoice_id": wanted.pop("from_invoice"), "to_invoice_id": wanted.pop("to_invoice")}
        return ShownPayment.moved(request, pk, move_allocation, **bills, **wanted)
