"""Read invoices and their lines; bill what waits."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.fields import Amount, Body, Id, amount
from billing_desk.api.pagination import Row
from billing_desk.api.resources import customer_of, posts
from billing_desk.api.shown import Listing, Shown, Single
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

    model, body, name = Invoice, InvoiceBody, "invoice"
    whole_body, parts = InvoiceWithLines, "its lines"
    columns = (
        "id", "number", "customer_id", "currency", "state", "issued_on", "due_on", *(f"{name}_minor" for name in SUMS)
    )  # fmt: skip
    states = tuple(STATES)

    @classmethod
    def visible(cls, client: Client) -> QuerySet[Any]:
        """Return the bills: a draft is none yet."""
        return super().visible(client).exclude(number__startswith=DRAFT_NUMBER)

    @classmethod
    def shape(cls, row: Row) -> Row:
        for name in SUMS:
            amount(row, f"{name}_minor", name)
        del row["currency"]
        return row

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one bill with its lines, in their order."""
        row = cls.one(client, pk)
        columns = (
            "id", "position", "charge_id", "description", "currency", "net_minor", "tax_rate", "tax_minor",
            "disputed_minor", "credited_minor", "charge__kind", "charge__basis", "charge__period_start",
            "charge__period_end",
        )  # fmt: skip
        lines = list(InvoiceLine.objects.filter(invoice_id=pk).order_by("position").values(*columns))
        for line in lines:
            for name in ("net", "tax", "disputed", "credited"):
                amount(line, f"{name}_minor", name)
            for name in ("kind", "basis", "period_start", "period_end"):
                line[name] = line.pop(f"charge__{name}")
            del line["currency"]
        return {**row, "lines": lines}


class Invoices(Listing):
    """Bills."""

    shown, scopes = ShownInvoice, {"GET": "invoices:read", "POST": "invoices:write"}

    @posts("issue_invoice", NewInvoice, InvoiceWithLines, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Bill the named charges, or all that wait, under a gapless number."""
        wanted = NewInvoice.read(request)
        customer_id = customer_of(request.user, wanted)
        return ShownInvoice.created(request, issue_invoice, customer_id, **wanted)


class OneInvoice(Single):
    """One bill."""

    shown, scopes = ShownInvoice, {"GET": "invoices:read"}
