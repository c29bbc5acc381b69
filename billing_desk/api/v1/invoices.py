"""Read invoices and their lines; bill what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.errors import answer
from billing_desk.api.fields import Amount, Body, Id, amount
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import KEY, PAGE, Resource, Shown, customer_of, page_of, problems, state_parameter
from ledger.errors import NotFound
from ledger.invoices.operations import issue_invoice
from ledger.invoices.queries import DRAFT_NUMBER
from ledger.models import Invoice, InvoiceLine

STATES = ["open", "paid", "void", "uncollectible"]
SUMS = ("net", "tax", "total", "paid", "credited", "disputed", "written_off")


class InvoiceBody(serializers.Serializer[Any]):
    """A bill. Owed is total less paid, credited and written off; `disputed` of it is on hold."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    customer_id = serializers.IntegerField()
    state = serializers.ChoiceField(STATES)
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    net, tax, total = Amount(), Amount(), Amount()
    paid, credited, disputed, written_off = Amount(), Amount(), Amount(), Amount()


class LineBody(serializers.Serializer[Any]):
    """One charge on an invoice."""

    id = serializers.IntegerField()
    position = serializers.IntegerField()
    charge_id = serializers.IntegerField()
    kind = serializers.CharField(help_text="Of the charge: plan, usage, late_fee, …")
    description = serializers.CharField()
    net, tax = Amount(), Amount()
    tax_rate = serializers.CharField()
    basis = serializers.JSONField(help_text="How the amount was computed")
    disputed, credited = Amount(), Amount()
    period_start = serializers.DateField(allow_null=True)
    period_end = serializers.DateField(allow_null=True)


class InvoiceWithLines(InvoiceBody):
    """A bill with what is on it."""

    lines = LineBody(many=True)


class NewInvoice(Body):
    """What to bill: the named charges, or all that wait."""

    customer = Id(required=False)
    charge_ids = serializers.ListField(child=Id(), required=False, min_length=1, max_length=1000)
    issued_on = serializers.DateField(required=False)
    due_on = serializers.DateField(required=False)


class ShownInvoice(Shown):
    """An invoice as the API shows it."""

    model = Invoice
    columns = (
        "id", "number", "customer_id", "currency", "state", "issued_on", "due_on", *(f"{name}_minor" for name in SUMS)
    )  # fmt: skip
    states = tuple(STATES)

    @classmethod
    def rows(cls, client: Client) -> QuerySet[Any, Row]:
        """Return the bills a key may see: a draft is no bill yet."""
        return super().rows(client).exclude(number__startswith=DRAFT_NUMBER)

    @classmethod
    def one(cls, client: Client, pk: int) -> Row:
        """Return one bill; a draft is not found."""
        row = super().one(client, pk)
        if row["number"].startswith(DRAFT_NUMBER):
            raise NotFound("There is no such object.")
        return row

    @classmethod
    def shape(cls, row: Row) -> Row:
        for name in SUMS:
            amount(row, f"{name}_minor", name)
        del row["currency"]
        return row

    @classmethod
    def with_lines(cls, row: Row) -> Row:
        """Add the lines, in their order."""
        columns = (
            "id", "position", "charge_id", "description", "currency", "net_minor", "tax_rate", "tax_minor",
            "disputed_minor", "credited_minor", "charge__kind", "charge__basis", "charge__period_start",
            "charge__period_end",
        )  # fmt: skip
        lines = list(InvoiceLine.objects.filter(invoice_id=row["id"]).order_by("position").values(*columns))
        for line in lines:
            for name in ("net", "tax", "disputed", "credited"):
                amount(line, f"{name}_minor", name)
            for name in ("kind", "basis", "period_start", "period_end"):
                line[name] = line.pop(f"charge__{name}")
            del line["currency"]
        return {**row, "lines": lines}


class Invoices(Resource):
    """Bills."""

    scopes = {"GET": "invoices:read", "POST": "invoices:write"}

    @extend_schema(
        operation_id="list_invoices", parameters=[*PAGE, state_parameter(STATES)],
        responses={200: page_of(InvoiceBody), **problems()},
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """List invoices, the newest first."""
        return ShownInvoice.page(request)

    @extend_schema(
        operation_id="issue_invoice", request=NewInvoice, parameters=[KEY],
        responses={201: InvoiceWithLines, **problems(409)},
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Bill the named charges, or all that wait, under a gapless number."""
        wanted = NewInvoice.read(request)
        customer_id = customer_of(request.user, wanted)

        def effect(at: datetime) -> tuple[int, Row]:
            invoice = issue_invoice(customer_id, **wanted, by=request.user.actor, at=at)
            return 201, ShownInvoice.with_lines(ShownInvoice.one(request.user, invoice.pk))

        return once(request, effect)


class OneInvoice(Resource):
    """One bill."""

    scopes = {"GET": "invoices:read"}

    @extend_schema(operation_id="get_invoice", responses={200: InvoiceWithLines, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return one invoice with its lines."""
        return answer(200, ShownInvoice.with_lines(ShownInvoice.one(request.user, pk)))
