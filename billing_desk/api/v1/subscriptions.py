"""Start, pause, resume and cancel a subscription."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Body, Id, Text
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    Resource,
    customer_of,
    posts,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.models import Subscription
from ledger.subscriptions.operations import (
    cancel_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)

STATES = ["starting", "trial", "active", "past_due", "paused", "cancelled", "expired"]


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
    pays_first = serializers.BooleanField(
        required=False, help_text="It begins once its first bill is paid, and never started when that takes too long"
    )


class Change(Body):
    """An empty object."""


class ShownSubscription(Shown):
    """A subscription as the API shows it."""

    model, body, name = Subscription, SubscriptionBody, "subscription"
    columns = (
        "id", "customer_id", "plan__code", "currency", "state", "anchor_on", "renews_on", "external_id", "started_at",
        "paused_at", "cancelled_at",
    )  # fmt: skip
    states = tuple(STATES)

    @classmethod
    def shape(cls, row: Row) -> Row:
        row["plan_code"] = row.pop("plan__code")
        return row


class Subscriptions(Listing):
    """Running agreements."""

    shown, scopes = ShownSubscription, {"GET": "subscriptions:read", "POST": "subscriptions:write"}

    @posts("start_subscription", NewSubscription, SubscriptionBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Start a subscription; the next renewal run bills its first period."""
        wanted = NewSubscription.read(request)
        customer_id = customer_of(request.user, wanted)
        return ShownSubscription.created(request, start_subscription, customer_id, **wanted)


class OneSubscription(Single):
    """One subscription."""

    shown, scopes = ShownSubscription, {"GET": "subscriptions:read"}


class SubscriptionPause(Resource):
    """No renewals for a while."""

    scopes = {"POST": "subscriptions:write"}

    @posts("pause_subscription", Change, SubscriptionBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Stop renewals until it is resumed."""
        return ShownSubscription.moved(request, pk, pause_subscription, **Change.read(request))


class SubscriptionResume(Resource):
    """Renewals again."""

    scopes = {"POST": "subscriptions:write"}

    @posts("resume_subscription", Change, SubscriptionBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Renew again; the days paused are never billed."""
        return ShownSubscription.moved(request, pk, resume_subscription, **Change.read(request))


class SubscriptionCancel(Resource):
    """The end."""

    scopes = {"POST": "subscriptions:write"}

    @posts("cancel_subscription", Change, SubscriptionBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Renew no more; what is paid for runs on."""
        return ShownSubscription.moved(request, pk, cancel_subscription, **Change.read(request))
