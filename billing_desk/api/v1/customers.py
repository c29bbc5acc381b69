"""Customers and their contact points."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.errors import ScopeMissing, answer
from billing_desk.api.fields import Amount, Body, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row, query_day, refuse_unknown
from billing_desk.api.resources import (
    OPTIONAL_KEY,
    Resource,
    posts,
    problems,
    refuse_other_customer,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.customers.operations import add_contact_point, open_customer
from ledger.customers.queries import contact_points, get_customer
from ledger.errors import NotAllowed
from ledger.invoices.queries import account_summary
from ledger.models import Customer
from ledger.money import Money

AS_OF = OpenApiParameter("as_of", OpenApiTypes.DATE, description="What was owed on this day; today without it")
SUMS = ("owed", "due", "overdue", "not_yet_due", "disputed", "credit", "promised")
AGED = ("days_1_to_30", "days_31_to_60", "days_61_to_90", "over_90_days")
CONTACT_KINDS, RIGHTS = ("email", "phone"), ("owner", "finance", "user")


class CustomerBody(serializers.Serializer[Any]):
    """A customer: the party on the invoice."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(["consumer", "business"])
    language = serializers.CharField()
    country = serializers.CharField()
    region = serializers.CharField()
    time_zone = serializers.CharField()
    currency = serializers.CharField()
    vat_id = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class NewCustomer(Body):
    """What opens an account."""

    name = Text(max_length=200)
    country = Text(min_length=2, max_length=2, help_text="ISO 3166-1, e.g. DE")
    currency = Text(min_length=3, max_length=3, help_text="ISO 4217, e.g. EUR")
    kind = serializers.ChoiceField(["consumer", "business"], default="consumer")
    language = Text(max_length=12, default="en")
    region = Text(max_length=6, default="", allow_blank=True)
    time_zone = Text(max_length=40, default="Europe/Berlin")
    vat_id = Text(max_length=20, default="", allow_blank=True)
    external_id = Text(max_length=100, required=False)
    email = Text(max_length=254, default="", allow_blank=True)
    phone = Text(max_length=40, default="", allow_blank=True)
    person = Text(max_length=200, default="", allow_blank=True)


class ContactPointBody(serializers.Serializer[Any]):
    """An address or number on file."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(CONTACT_KINDS)
    value = serializers.CharField()
    person = serializers.CharField()
    right = serializers.ChoiceField(RIGHTS)
    added_at = serializers.DateTimeField()


class NewContactPoint(Body):
    """An address or number to put on file."""

    kind = serializers.ChoiceField(CONTACT_KINDS)
    value = Text(max_length=254)
    person = Text(max_length=200, default="", allow_blank=True)
    right = serializers.ChoiceField(RIGHTS, default="owner")


class ContactPointList(serializers.Serializer[Any]):
    """All live contact points of one customer."""

    data = ContactPointBody(many=True)


class AccountBody(serializers.Serializer[Any]):
    """Where an account stands on a day: what is owed, of it due and overdue, on hold, the credit, and how old it is.

    `note` says why there is nothing, where the day is before the account was opened.
    """

    as_of = serializers.DateField()
    owed, due, overdue, not_yet_due = Amount(), Amount(), Amount(), Amount()
    days_1_to_30, days_31_to_60, days_61_to_90, over_90_days = Amount(), Amount(), Amount(), Amount()
    disputed, credit, promised = Amount(), Amount(), Amount()
    next_due_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class ShownCustomer(Shown):
    """A customer as the API shows it."""

    model, body, name = Customer, CustomerBody, "customer"
    customer_column = "id"
    columns = tuple(CustomerBody._declared_fields)


class Customers(Listing):
    """The accounts."""

    shown, scopes = ShownCustomer, {"GET": "customers:read", "POST": "customers:write"}

    @posts("open_customer", NewCustomer, CustomerBody, status=201, key=OPTIONAL_KEY)
    def post(self, request: Request) -> HttpResponse:
        """Open an account; a repeated external_id returns the account it opened first."""
        wanted = NewCustomer.read(request)
        if request.user.customer_id is not None:
            raise NotAllowed("A key that is bound to one customer cannot open accounts.")
        return ShownCustomer.created(request, open_customer, **wanted, is_required=False)


class OneCustomer(Single):
    """One account."""

    shown, scopes = ShownCustomer, {"GET": "customers:read"}


class CustomerAccount(Resource):
    """Where one account stands."""

    scopes = {"GET": "customers:read"}

    @extend_schema(operation_id="get_account", parameters=[AS_OF], responses={200: AccountBody, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return what the customer owes, what is on hold, and their credit, today or on the day `as_of`."""
        if "invoices:read" not in request.user.scopes:
            raise ScopeMissing("invoices:read")
        refuse_other_customer(request.user, pk)
        customer = get_customer(pk)
        refuse_unknown(request, {"as_of"})
        day = query_day(request, "as_of")
        summary = account_summary(pk, today=customer.local_day(timezone.now()), as_of=day)
        sums = {name: _amount(getattr(summary, name)) for name in SUMS}
        aged = {name: _amount(getattr(summary.ageing, name)) for name in AGED}
        about = {"as_of": summary.as_of, "next_due_on": summary.next_due_on, "note": summary.note}
        return answer(200, {**sums, **aged, **about})


class ContactPoints(Resource):
    """Where a customer can be reached."""

    scopes = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(operation_id="list_contact_points", responses={200: ContactPointList, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """List the addresses and numbers on file."""
        refuse_other_customer(request.user, pk)
        get_customer(pk)
        return answer(200, {"data": [_shown(point) for point in contact_points(pk)]})

    @posts("add_contact_point", NewContactPoint, ContactPointBody, status=201, key=OPTIONAL_KEY)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Put an address or number on file."""
        wanted = NewContactPoint.read(request)
        refuse_other_customer(request.user, pk)

        def effect(at: datetime) -> tuple[int, Row]:
            return 201, _shown(add_contact_point(pk, **wanted, by=request.user.actor, at=at))

        return once(request, effect, is_required=False)


def _amount(money: Money) -> Row:
    return {"amount_minor": money.minor, "currency": money.currency}


def _shown(point: Any) -> Row:
    return {name: getattr(point, name) for name in ContactPointBody._declared_fields}
