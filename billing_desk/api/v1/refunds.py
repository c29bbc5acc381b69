"""Request and read refunds. Every refund stands on the customer's proof of identity in the named case."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Amount, Body, Id, Nothing, Text, YesNo, amount
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    Resource,
    posts,
    refuse_others_object,
    ticket_of,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.models import Payment, Refund
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund
from ledger.refunds.routes import Way
from tickets.casework.operations import request_refund_for_ticket, reroute_refund_for_ticket

STATES = ["requested", "approved", "submitted", "paid", "settled", "failed", "declined", "cancelled"]
ROUTES = ["original", "another", "credit"]


class RefundBody(serializers.Serializer[Any]):
    """Money on its way back to a customer."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    customer_id = serializers.IntegerField()
    payment_id = serializers.IntegerField()
    amount = Amount()
    state = serializers.ChoiceField(STATES)
    route = serializers.ChoiceField(ROUTES)
    method_id = serializers.IntegerField(allow_null=True)
    arrives_from = serializers.DateField(allow_null=True)
    arrives_by = serializers.DateField(allow_null=True)
    settled_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    is_goodwill = serializers.BooleanField()
    conversation = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    requested_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    decline_reason = serializers.CharField()
    gateway_reference = serializers.CharField()
    failure_code = serializers.CharField()


class NewRefund(Body):
    """What to give back, and the case in which the customer proved who they are."""

    payment_id = Id()
    amount = Amount()
    reason = Text(max_length=300)
    conversation = Text(max_length=60, help_text='The case, e.g. "ticket:9"')
    is_goodwill = YesNo(default=False)
    route = serializers.ChoiceField(ROUTES, default="original")
    method_id = Id(required=False, help_text="Where it goes to another card or account on file")
    external_id = Text(max_length=100, required=False)


class Decline(Body):
    """Why a refund is declined; the customer reads it."""

    reason = Text(max_length=500)


class ShownRefund(Shown):
    """A refund as the API shows it."""

    model, body, name = Refund, RefundBody, "refund"
    columns = (
        "id", "number", "customer_id", "payment_id", "amount_minor", "currency", "state", "route", "method_id",
        "arrives_from", "arrives_by", "settled_on", "reason", "is_goodwill",
        "conversation", "external_id", "requested_at", "approved_at", "closed_at", "decline_reason",
        "gateway_reference", "failure_code",
    )  # fmt: skip
    states = tuple(STATES)

    @classmethod
    def shape(cls, row: Row) -> Row:
        amount(row)
        del row["currency"]
        return row


class Refunds(Listing):
    """Money given back."""

    shown, scopes = ShownRefund, {"GET": "refunds:read", "POST": "refunds:write"}

    @posts("request_refund", NewRefund, RefundBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Ask for a refund; a person approves it. The customer must be verified in the named case, now."""
        wanted = NewRefund.read(request)
        refuse_others_object(request.user, Payment, wanted["payment_id"])
        ticket_id = ticket_of(request.user, wanted.pop("conversation"))
        way = Way(wanted.pop("route"), wanted.pop("method_id", None))
        return ShownRefund.created(request, request_refund_for_ticket, ticket_id, **wanted, way=way)


class OneRefund(Single):
    """One refund."""

    shown, scopes = ShownRefund, {"GET": "refunds:read"}


class RefundApproval(Resource):
    """Somebody's yes."""

    scopes = {"POST": "refunds:write"}

    @posts("approve_refund", Nothing, RefundBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Approve a refund that somebody else asked for, within the key's own authority limit (none as shipped)."""
        Nothing.read(request)
        return ShownRefund.moved(request, pk, approve_refund)


class RefundDecline(Resource):
    """Somebody's no."""

    scopes = {"POST": "refunds:write"}

    @posts("decline_refund", Decline, RefundBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Decline a refund that somebody else asked for."""
        return ShownRefund.moved(request, pk, decline_refund, **Decline.read(request))


class NewWay(Body):
    """Another way for a refund that failed, and the case in which the customer chose it."""

    route = serializers.ChoiceField(ROUTES[1:])
    method_id = Id(required=False, help_text="Where it goes to another card or account on file")
    conversation = Text(max_length=60, help_text='The case, e.g. "ticket:9"')


class RefundReroute(Resource):
    """Another way."""

    scopes = {"POST": "refunds:write"}

    @posts("reroute_refund", NewWay, RefundBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Send a refund that failed, or came back, to another card or account, or turn it into credit."""
        wanted = NewWay.read(request)
        ticket_id = ticket_of(request.user, wanted["conversation"])
        way = Way(wanted["route"], wanted.get("method_id"))
        return ShownRefund.moved(request, pk, partial(reroute_refund_for_ticket, ticket_id), way=way)


class RefundCancel(Resource):
    """Calling a refund off."""

    scopes = {"POST": "refunds:write"}

    @posts("cancel_refund", Nothing, RefundBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Call a refund off before the gateway has it."""
        Nothing.read(request)
        return ShownRefund.moved(request, pk, cancel_refund)
