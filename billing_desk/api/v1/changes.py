"""Changes of a subscription: previewed, then confirmed with the total that was shown; and the bills to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.errors import answer
from billing_desk.api.fields import Amount, Body, Text, WholeNumber
from billing_desk.api.pagination import Row
from billing_desk.api.resources import Resource, posts, problems, refuse_others_object
from billing_desk.api.shown import Listing, Narrows, Shown, Single
from ledger.models import Subscription, SubscriptionChange
from ledger.money import Money
from ledger.subscriptions.arranged import withdraw_change
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.forecast import Forecast, forecast
from ledger.subscriptions.preview import Preview, PreviewLine
from ledger.subscriptions.terms import Change, UnusedPart, What, When


class ChangeWanted(Body):
    """What is to change. Targets are absolute (five seats, not two more), so asking twice asks for the same."""

    what = serializers.ChoiceField([what.value for what in What])
    plan = Text(max_length=40, required=False, help_text="Code of the plan to change to")
    add_on = Text(max_length=40, required=False, help_text="Code of the add-on")
    quantity = WholeNumber(required=False, min_value=1, max_value=1_000_000)
    bill_day = WholeNumber(required=False, min_value=1, max_value=31)
    pause_until = serializers.DateField(required=False)
    when = serializers.ChoiceField([when.value for when in When], required=False)
    unused = serializers.ChoiceField([part.value for part in UnusedPart], required=False)
    reasons = serializers.ListField(child=Text(max_length=60), required=False, max_length=10)
    words = Text(max_length=2000, required=False, allow_blank=True)
    received_at = serializers.DateTimeField(required=False, help_text="When the customer asked; now without it")


class ChangeConfirmed(ChangeWanted):
    """The same, with the total that was shown: nothing is done unless it still comes to that."""

    expected_total = Amount(required=False)


class PreviewLineBody(serializers.Serializer[Any]):
    """One line that is billed, or given back (`invoice` names the bill it stands on)."""

    description = serializers.CharField()
    period_start, period_end = serializers.DateField(), serializers.DateField()
    net, tax = Amount(), Amount()
    invoice = serializers.CharField()


class PreviewBody(serializers.Serializer[Any]):
    """What a change comes to: `lines` less `credits` is the total; below zero it is given back as credit."""

    what = serializers.CharField()
    effective_on = serializers.DateField()
    is_now = serializers.BooleanField()
    old, new = serializers.CharField(), serializers.CharField()
    lines, credits = PreviewLineBody(many=True), PreviewLineBody(many=True)
    net, tax, total, due_now = Amount(), Amount(), Amount(), Amount()
    next_bill_on = serializers.DateField(allow_null=True)
    next_bill = Amount(allow_null=True)
    lost_features = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())


class ChangeBody(serializers.Serializer[Any]):
    """A change that was made or is arranged."""

    id = serializers.IntegerField()
    subscription_id = serializers.IntegerField()
    what = serializers.CharField()
    state = serializers.CharField()
    effective_on = serializers.DateField()
    figures = serializers.JSONField()
    received_at = serializers.DateTimeField(help_text="When the customer asked")
    recorded_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    refusal = serializers.CharField(help_text="Why it could not be made on its day; empty: nothing of the kind")


class ForecastBill(serializers.Serializer[Any]):
    """A bill to come, with tax; where use decides, from `low` to `high`."""

    on = serializers.DateField()
    low, likely, high = Amount(), Amount(), Amount()
    is_exact = serializers.BooleanField()


class ForecastBody(serializers.Serializer[Any]):
    """The next bills in their order."""

    data = ForecastBill(many=True)


class NothingMore(Body):
    """An empty object."""


def _sum(amount: Money) -> Row:
    return {"amount_minor": amount.minor, "currency": amount.currency}


def _line(line: PreviewLine) -> Row:
    return {
        "description": line.description,
        "period_start": line.period.start,
        "period_end": line.period.end,
        "net": _sum(line.net),
        "tax": _sum(line.tax),
        "invoice": line.invoice,
    }


def _preview(preview: Preview) -> Row:
    bill = preview.next_bill
    return {
        "what": preview.change.what.value,
        "effective_on": preview.effective_on,
        "is_now": preview.is_now,
        "old": preview.old,
        "new": preview.new,
        "lines": [_line(line) for line in preview.lines],
        "credits": [_line(line) for line in preview.credits],
        **{name: _sum(getattr(preview, name)) for name in ("net", "tax", "total", "due_now")},
        "next_bill_on": bill.on if bill else None,
        "next_bill": _sum(bill.total) if bill else None,
        "lost_features": list(preview.lost_features),
        "warnings": list(preview.warnings),
    }


def _bill(bill: Forecast) -> Row:
    sums = {name: _sum(getattr(bill, name)) for name in ("low", "likely", "high")}
    return {"on": bill.on, **sums, "is_exact": bill.is_exact}


def _wanted(body: dict[str, Any]) -> tuple[Change, datetime | None]:
    received_at = body.pop("received_at", None)
    return Change.from_json(body), received_at


class ShownChange(Shown):
    """A change as the API shows it."""

    model, body, name = SubscriptionChange, ChangeBody, "subscription_change"
    noun, customer_column = "change of a subscription", "subscription__customer_id"
    nouns = "changes of subscriptions"
    columns = tuple(ChangeBody._declared_fields)
    states = tuple(SubscriptionChange.State.values)
    narrows = (Narrows("subscription", "subscription_id", int, "Only this subscription's"),)


class AllChanges(Listing):
    """Changes made, arranged, withdrawn and refused."""

    shown, scopes = ShownChange, {"GET": "subscriptions:read"}


class OneChange(Single):
    """One change."""

    shown, scopes = ShownChange, {"GET": "subscriptions:read"}


class SubscriptionPreview(Resource):
    """What a change would come to."""

    scopes = {"POST": "subscriptions:read"}

    @extend_schema(operation_id="preview_change", request=ChangeWanted, responses={200: PreviewBody, **problems(409)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Return what a change would come to if it was confirmed now; nothing is written."""
        refuse_others_object(request.user, Subscription, pk)
        change, received_at = _wanted(ChangeWanted.read(request))
        return answer(200, _preview(preview_change(pk, change, at=timezone.now(), received_at=received_at)))


class SubscriptionChanges(Resource):
    """Changes made and arranged."""

    scopes = {"POST": "subscriptions:write"}

    @posts("change_subscription", ChangeConfirmed, ChangeBody, status=201)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Make a change, or arrange it for its day; with `expected_total` only if it still comes to that."""
        body = ChangeConfirmed.read(request)
        refuse_others_object(request.user, Subscription, pk)
        expected = body.pop("expected_total", None)
        change, received_at = _wanted(body)
        told = {"expected_total": expected, "received_at": received_at}
        return ShownChange.created(request, apply_change, pk, change, **told)


class ChangeWithdrawal(Resource):
    """An arranged change that is not to come."""

    scopes = {"POST": "subscriptions:write"}

    @posts("withdraw_change", NothingMore, ChangeBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Withdraw a change before its day."""
        return ShownChange.moved(request, pk, withdraw_change, **NothingMore.read(request))


class SubscriptionForecast(Resource):
    """The bills to come."""

    scopes = {"GET": "subscriptions:read"}

    @extend_schema(operation_id="forecast", responses={200: ForecastBody, **problems(409)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return the next three bills: exact for fixed prices, a range where use decides."""
        refuse_others_object(request.user, Subscription, pk)
        return answer(200, {"data": [_bill(bill) for bill in forecast(pk, at=timezone.now())]})
