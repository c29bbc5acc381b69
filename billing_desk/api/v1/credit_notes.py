"""Issue and read credit notes: what a bill asked for too much, line by line."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.fields import Amount, Body, Id, Text, amount
from billing_desk.api.pagination import Row
from billing_desk.api.resources import posts, refuse_others_object
from billing_desk.api.shown import Listing, Shown, Single
from ledger.invoices.crediting import Correction, credit_lines
from ledger.models import CreditNote, CreditNoteLine, InvoiceLine


class CreditedLine(serializers.Serializer[Any]):
    """What one line of the bill gives back."""

    line_id = serializers.IntegerField()
    net, tax = Amount(), Amount()


class CreditNoteBody(serializers.Serializer[Any]):
    """A correction of a bill."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    invoice_id = serializers.IntegerField()
    customer_id = serializers.IntegerField()
    net, tax = Amount(), Amount()
    reason = serializers.CharField()
    source = serializers.CharField(help_text="What led to it, e.g. dispute:7")
    issued_on = serializers.DateField()


class CreditNoteWithLines(CreditNoteBody):
    """A credit note with its parts."""

    lines = CreditedLine(many=True)


class Wanted(Body):
    """What is to be credited of one line: with its tax, or net with the tax on top."""

    line_id = Id()
    amount = Amount()
    without_tax = serializers.BooleanField(default=False)


class NewCreditNote(Body):
    """Lines of one bill, and why; the customer reads the reason."""

    lines = Wanted(many=True, min_length=1, max_length=200)
    reason = Text(max_length=300)


class ShownCreditNote(Shown):
    """A credit note as the API shows it."""

    model, body, name = CreditNote, CreditNoteBody, "credit_note"
    whole_body, parts = CreditNoteWithLines, "its parts"
    columns = (
        "id", "number", "invoice_id", "customer_id", "currency", "net_minor", "tax_minor", "reason", "source",
        "issued_on",
    )  # fmt: skip

    @classmethod
    def shape(cls, row: Row) -> Row:
        for name in ("net", "tax"):
            amount(row, f"{name}_minor", name)
        del row["currency"]
        return row

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one with its parts, in the order of the bill."""
        row = cls.one(client, pk)
        parts = CreditNoteLine.objects.filter(note_id=pk).order_by("line__position")
        lines = [cls.shape(part) for part in parts.values("line_id", "currency", "net_minor", "tax_minor")]
        return {**row, "lines": lines}


class CreditNotes(Listing):
    """Corrections of bills."""

    shown, scopes = ShownCreditNote, {"GET": "invoices:read", "POST": "credit_notes:write"}

    @posts("issue_credit_note", NewCreditNote, CreditNoteWithLines, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Credit lines of one bill: off what is due first; what was paid becomes credit of the customer."""
        wanted = NewCreditNote.read(request)
        for line in wanted["lines"]:
            refuse_others_object(request.user, InvoiceLine, line["line_id"], customer_column="invoice__customer_id")
        parts = [Correction(each["line_id"], each["amount"], each["without_tax"]) for each in wanted["lines"]]
        return ShownCreditNote.created(request, credit_lines, parts, reason=wanted["reason"])


class OneCreditNote(Single):
    """One credit note."""

    shown, scopes = ShownCreditNote, {"GET": "invoices:read"}
