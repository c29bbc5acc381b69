"""Report what was used of what is metered, in batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Body, Exact, Id, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import OPTIONAL_KEY, Resource, posts
from ledger.usage.operations import MOST_REPORTS, UsageReport, report_usage

NOT_THEIRS = "There is no such customer."


class Quantity(Exact):
    """How much was used, as text or a whole number."""

    how = 'Give the quantity as text, such as "12.5".'


class NewReport(Body):
    """So much was used; a correction is a report of its own, below zero where too much was reported."""

    customer = Id(required=False, help_text="The customer's id; a key bound to one customer may leave it out")
    meter = Text(max_length=40)
    quantity = Quantity(max_digits=20, decimal_places=6)
    happened_at = serializers.DateTimeField()
    key = Text(max_length=100, help_text="Your own id for it: the same key counts once")
    subscription_id = Id(required=False)


class NewReports(Body):
    """A batch of reports."""

    reports = NewReport(many=True, min_length=1, max_length=MOST_REPORTS)


class RefusedReport(serializers.Serializer[Any]):
    """One report that does not count, and why."""

    index = serializers.IntegerField(help_text="Its place in the batch, from 0")
    reason = serializers.CharField()


class UsageReceiptBody(serializers.Serializer[Any]):
    """How many reports count now, how many did already, and which are refused."""

    accepted = serializers.IntegerField()
    repeated = serializers.IntegerField()
    refused = RefusedReport(many=True)


class Usage(Resource):
    """Metered usage."""

    scopes = {"POST": "usage:write"}

    @posts("report_usage", NewReports, UsageReceiptBody, key=OPTIONAL_KEY)
    def post(self, request: Request) -> HttpResponse:
        """Count up to a thousand reports; one that cannot be counted is refused with its reason, the others count."""
        wanted, own = NewReports.read(request)["reports"], request.user.customer_id
        theirs = [(index, one) for index, one in enumerate(wanted) if own is None or one.get("customer", own) == own]
        foreign = sorted(set(range(len(wanted))) - {index for index, _ in theirs})

        def effect(at: datetime) -> tuple[int, Row]:
            reports = [UsageReport(**{"customer": own or 0, **one}) for _, one in theirs]
            receipt = report_usage(reports, by=request.user.actor, at=at)
            refused = [(theirs[place][0], reason) for place, reason in receipt.refused]
            refused += [(index, NOT_THEIRS) for index in foreign]
            body = {
                "accepted": receipt.accepted,
                "repeated": receipt.repeated,
                "refused": [{"index": index, "reason": reason} for index, reason in sorted(refused)],
            }
            return 200, body

        return once(request, effect, is_required=False)
