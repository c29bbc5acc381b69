"""Billing runs with their totals and exceptions, and who owes what since when: the whole company's figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.errors import FieldsRefused, answer
from billing_desk.api.fields import Amount
from billing_desk.api.pagination import Row, query_day, query_number, refuse_unknown
from billing_desk.api.resources import PAGE, Resource, problems, refuse_bound
from billing_desk.api.shown import Listing, Shown, Single
from ledger.books.position import AgedRow, aged_page
from ledger.invoices.receivables import BUCKETS
from ledger.models import BillingException, BillingRun

RUN = (
    "id", "state", "as_of", "started_by", "started_at", "finished_at", "takeovers", "note", "due", "billed", "invoices",
    "applied", "skipped", "exceptions", "totals", "booked",
)  # fmt: skip
EXCEPTION = ("id", "subscription_id", "customer_id", "due_on", "code", "reason", "times", "raised_at", "resolved_at")
AGED = ("due", "disputed", *BUCKETS, "unallocated")


class RunBody(serializers.Serializer[Any]):
    """A billing run; `booked` is what the books ask for by its bills, read back from their entries."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(BillingRun.State.values)
    as_of, started_at = serializers.DateTimeField(), serializers.DateTimeField()
    started_by = serializers.CharField()
    finished_at = serializers.DateTimeField(allow_null=True)
    takeovers = serializers.IntegerField(help_text="How often another worker went on with it")
    note = serializers.CharField()
    due, billed, invoices, applied, skipped, exceptions = (serializers.IntegerField() for _ in range(6))
    totals = serializers.JSONField(help_text="Per currency: net, tax, total and number of its bills, in minor units")
    booked = serializers.JSONField(help_text="Per currency, in minor units")


class ExceptionBody(serializers.Serializer[Any]):
    """A subscription that could not be billed, and why."""

    id, subscription_id, customer_id = (serializers.IntegerField() for _ in range(3))
    due_on = serializers.DateField()
    code, reason = serializers.CharField(), serializers.CharField()
    times = serializers.IntegerField(help_text="How many runs met it")
    raised_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class RunWithExceptions(RunBody):
    """A run with what it could not bill, at most the first hundred."""

    could_not_bill = ExceptionBody(many=True)


class AgedBody(serializers.Serializer[Any]):
    """What one customer owes in one currency, by days overdue; the parts add up to `due`."""

    customer_id = serializers.IntegerField()
    due, disputed, not_yet_due, days_1_to_30, days_31_to_60, days_61_to_90 = (Amount() for _ in range(6))
    over_90_days, unallocated = Amount(), Amount()


class AgedPage(serializers.Serializer[Any]):
    """One page of customers, by id; `next` goes into `after`."""

    as_of = serializers.DateField()
    data = AgedBody(many=True)
    next = serializers.IntegerField(allow_null=True)


class ShownRun(Shown):
    """A billing run as the API shows it."""

    model, body, name = BillingRun, RunBody, "billing_run"
    whole_body, parts = RunWithExceptions, "its exceptions"
    noun, customer_column, is_of_all = "run", None, True
    columns = RUN

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one run with what it could not bill, at most the first hundred."""
        row, met = cls.one(client, pk), BillingException.objects.filter(last_run_id=pk).order_by("pk")
        return {**row, "could_not_bill": list(met.values(*EXCEPTION)[:100])}


class BillingRuns(Listing):
    """The runs."""

    shown, scopes = ShownRun, {"GET": "billing:read"}


class OneBillingRun(Single):
    """One run."""

    shown, scopes = ShownRun, {"GET": "billing:read"}


class AgedReceivables(Resource):
    """Who owes what, and since when."""

    scopes = {"GET": "billing:read"}

    @extend_schema(
        operation_id="list_aged_receivables",
        parameters=[
            PAGE[0],
            OpenApiParameter("as_of", {"type": "string", "format": "date"}, description="Today without it"),
            OpenApiParameter("after", {"type": "integer", "minimum": 1}, description="`next` of the page before"),
        ],
        responses={200: AgedPage, **problems()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List customers who owe something, by id, with the parts by days overdue on a day."""
        refuse_bound(request.user)
        refuse_unknown(request, {"limit", "as_of", "after"})
        today = timezone.localdate()
        day = query_day(request, "as_of") or today
        if day > today:
            raise FieldsRefused([{"field": "as_of", "message": "Give a day that has come."}])
        limit = query_number(request, "limit", largest=100) or 50
        rows, after = aged_page(day, after=query_number(request, "after") or 0, limit=limit)
        return answer(200, {"as_of": day, "data": [_aged(row) for row in rows], "next": after})


def _aged(row: AgedRow) -> Row:
    amounts = {name: getattr(row, name) for name in AGED}
    shown = {name: {"amount_minor": each.minor, "currency": each.currency} for name, each in amounts.items()}
    return {"customer_id": row.customer_id, **shown}
