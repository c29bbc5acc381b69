"""A bill explained: its lines, the difference to the last one, and the document itself; and statements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.errors import FieldsRefused, answer
from billing_desk.api.fields import Amount
from billing_desk.api.pagination import Row, query_day, refuse_unknown
from billing_desk.api.resources import Resource, problems, refuse_other_customer, refuse_others_object
from billing_desk.documents import open_document
from ledger.customers.queries import get_customer
from ledger.explanations.differences import explain_difference
from ledger.explanations.making import explain_bill
from ledger.invoices.queries import get_invoice
from ledger.invoices.sentences import Sentence
from ledger.invoices.statements import StatementMovement, statement_of
from ledger.models import Invoice
from ledger.money import Money

LANGUAGE = OpenApiParameter("language", str, description="en or de; the customer's own without it")
DAYS = [
    OpenApiParameter("first", OpenApiTypes.DATE, description="First day; 30 days before the last without it"),
    OpenApiParameter("last", OpenApiTypes.DATE, description="Last day; today without it"),
]


class SentenceBody(serializers.Serializer[Any]):
    """One sentence, with the journal entries it rests on."""

    text = serializers.CharField()
    entries = serializers.ListField(child=serializers.IntegerField())


class CauseBody(serializers.Serializer[Any]):
    """One cause of the difference; together they are the difference."""

    kind = serializers.CharField()
    amount = Amount()


class ExplanationBody(serializers.Serializer[Any]):
    """Every line of the bill in words, and why it differs from the last one."""

    invoice = serializers.CharField()
    language = serializers.CharField()
    lines = SentenceBody(many=True)
    total = Amount()
    last_total = Amount(allow_null=True)
    difference = Amount()
    causes = CauseBody(many=True)
    sentences = SentenceBody(many=True)


class MovementBody(serializers.Serializer[Any]):
    """One movement: above zero the customer owes more; `balance` is what they owe after it."""

    entry_id = serializers.IntegerField()
    on = serializers.DateField()
    words = serializers.CharField()
    source = serializers.CharField()
    amount, balance = Amount(), Amount()


class StatementBody(serializers.Serializer[Any]):
    """What was owed, what happened, what is owed: opening and movements make the closing."""

    first, last = serializers.DateField(), serializers.DateField()
    opening, closing = Amount(), Amount()
    movements = MovementBody(many=True)


def _sum(amount: Money) -> Row:
    return {"amount_minor": amount.minor, "currency": amount.currency}


def _said(sentence: Sentence) -> Row:
    return {"text": sentence.text, "entries": list(sentence.entries)}


class InvoiceExplanation(Resource):
    """Why a bill is what it is."""

    scopes = {"GET": "invoices:read"}

    @extend_schema(
        operation_id="explain_invoice", parameters=[LANGUAGE], responses={200: ExplanationBody, **problems(409)}
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Explain every line, and the difference to the last bill in causes that add up to it."""
        refuse_unknown(request, {"language"})
        refuse_others_object(request.user, Invoice, pk)
        invoice = get_invoice(pk)
        language = request.query_params.get("language", invoice.customer.language)[:12]
        lines, compared = explain_bill(pk, language), explain_difference(pk, language)
        found = compared.difference
        body = {
            "invoice": invoice.number,
            "language": language,
            "lines": [_said(one) for one in lines.sentences],
            "total": _sum(compared.new),
            "last_total": _sum(compared.old) if compared.old else None,
            "difference": _sum(found.total),
            "causes": [
                {"kind": cause.kind, "amount": _sum(Money(cause.minor, found.total.currency))} for cause in found.causes
            ],
            "sentences": [_said(one) for one in compared.explanation.sentences],
        }
        return answer(200, body)


class InvoicePdf(Resource):
    """The bill as a document."""

    scopes = {"GET": "invoices:read"}

    @extend_schema(
        operation_id="get_invoice_pdf",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, **problems(409)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return the PDF as it was issued; its bytes never change."""
        refuse_others_object(request.user, Invoice, pk)
        invoice = get_invoice(pk)
        document = open_document(
            f"invoice:{pk}", customer_id=invoice.customer_id, by=request.user.actor, at=timezone.now()
        )
        sent = HttpResponse(bytes(document.content), content_type="application/pdf")
        sent["ETag"] = f'"{document.sha256}"'
        return sent


def _movement(moved: StatementMovement) -> Row:
    names = ("entry_id", "on", "words", "source")
    return {
        **{name: getattr(moved, name) for name in names},
        "amount": _sum(moved.amount),
        "balance": _sum(moved.balance),
    }


class CustomerStatement(Resource):
    """The account between two days."""

    scopes = {"GET": "customers:read"}

    @extend_schema(operation_id="get_statement", parameters=DAYS, responses={200: StatementBody, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return opening, movements and closing in the customer's currency."""
        refuse_unknown(request, {"first", "last"})
        refuse_other_customer(request.user, pk)
        last = query_day(request, "last") or get_customer(pk).local_day(timezone.now())
        first = query_day(request, "first") or _month_before(last)
        found = statement_of(pk, first, last)
        body = {
            "first": first,
            "last": last,
            "opening": _sum(found.opening),
            "closing": _sum(found.closing),
            "movements": [_movement(moved) for moved in found.movements],
        }
        return answer(200, body)


def _month_before(last: Any) -> Any:
    try:
        return last - timedelta(days=30)
    except OverflowError as problem:
        raise FieldsRefused([{"field": "last", "message": "The calendar does not reach back so far."}]) from problem
