"""Start, pause, resume and cancel a subscription."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Body, Id, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    KEY,
    PAGE,
    Resource,
    Shown,
    customer_of,
    page_of,
    problems,
    refuse_others_object,
    state_parameter,
)
from ledger.models import Subscription
from ledger.subscriptions.operations import (
    cancel_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)

STATES = ["trial", "active", "past_due", "paused", "cancelled"]


class SubscriptionBody(serializers.Serializer[Any]):
    """A running agreement for a plan. `renews_on` is the first day not yet billed."""

    id = serializers.IntegerField()
    customer_id = serializers.IntegerField()
    plan_code = serializers.CharField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    anchor_on = serializers.DateField()
    renews_on = serializers.DateField()
    external_id = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    paused_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class NewSubscription(Body):
    """What to start."""

    customer = Id(required=False)
    plan_code = Text(max_length=40)
    started_on = serializers.DateField(required=False)
    external_id = Text(max_length=100, required=False)


class Change(Body):
    """An empty object."""


class ShownSubscription(Shown):
    """A subscription as the API shows it."""

    model = Subscription
    columns = (
        "id", "customer_id", "plan__code", "currency", "state", "anchor_on", "renews_on", "external_id", "started_at",
        "paused_at", "cancelled_at",
    )  # fmt: skip
    states = tuple(STATES)

    @classmethod
    def shape(cls, row: Row) -> Row:
        row["plan_code"] = row.pop("plan__code")
        return row


class Subscriptions(Resource):
    """Running agreements."""

    scopes = {"GET": "subscriptions:read", "POST": "subscriptions:write"}

    @extend_schema(
        operation_id="list_subscriptions", parameters=[*PAGE, state_parameter(STATES)],
        responses={200: page_of(SubscriptionBody), **problems()},
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List subscriptions, the newest first."""
        return ShownSubscription.page(request)

    @extend_schema(
        operation_id="start_subscription", request=NewSubscription, parameters=[KEY],
        responses={201: SubscriptionBody, **problems(409)},
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Start a subscription; the next renewal run bills its first period."""
        wanted = NewSubscription.read(request)
        customer_id = customer_of(request.user, wanted)

        def effect(at: datetime) -> tuple[int, Row]:
            subscription = start_subscription(customer_id, **wanted, by=request.user.actor, at=at)
            return 201, ShownSubscription.one(request.user, subscription.pk)

        return once(request, effect)


class OneSubscription(Resource):
    """One subscription."""

    scopes = {"GET": "subscriptions:read"}

    @extend_schema(operation_id="get_subscription", responses={200: SubscriptionBody, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return one subscription."""
        return ShownSubscription.detail(request, pk)


def _move(request: Request, pk: int, act: Callable[..., Subscription]) -> HttpResponse:
    Change.read(request)
    refuse_others_object(request.user, Subscription, pk)

    def effect(at: datetime) -> tuple[int, Row]:
        act(pk, by=request.user.actor, at=at)
        return 200, ShownSubscription.one(request.user, pk)

    return once(request, effect)


class SubscriptionPause(Resource):
    """No renewals for a while."""

    scopes = {"POST": "subscriptions:write"}

    @extend_schema(
        operation_id="pause_subscription", request=Change, parameters=[KEY],
        responses={200: SubscriptionBody, **problems(409)},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Stop renewals until it is resumed."""
        return _move(request, pk, pause_subscription)


class SubscriptionResume(Resource):
    """Renewals again."""

    scopes = {"POST": "subscriptions:write"}

    @extend_schema(
        operation_id="resume_subscription", request=Change, parameters=[KEY],
        responses={200: SubscriptionBody, **problems(409)},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Renew again; the days paused are never billed."""
        return _move(request, pk, resume_subscription)


class SubscriptionCancel(Resource):
    """The end."""

    scopes = {"POST": "subscriptions:write"}

    @extend_schema(
        operation_id="cancel_subscription", request=Change, parameters=[KEY],
        responses={200: SubscriptionBody, **problems(409)},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Renew no more; what is paid for runs on."""
        return _move(request, pk, cancel_subscription)
