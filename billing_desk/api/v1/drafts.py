"""Bills before they are issued, and bills that are declared void."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Amount, Body, Id, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import Resource, customer_of, posts, refuse_others_object
from billing_desk.api.v1.invoices import InvoiceWithLines, ShownInvoice
from ledger.invoices.drafts import discard_draft, draft_invoice, issue_draft
from ledger.invoices.voiding import void_invoice
from ledger.models import Invoice
from ledger.money import Money


class DraftBody(serializers.Serializer[Any]):
    """A bill that is not issued: it has no number, and nothing is owed by it."""

    id, customer_id = serializers.IntegerField(), serializers.IntegerField()
    state = serializers.ChoiceField(["draft", "open", "paid", "void"])
    net, tax, total = Amount(), Amount(), Amount()


class NewDraft(Body):
    """What to put on it: the named charges, or all that wait."""

    customer = Id(required=False)
    charge_ids = serializers.ListField(child=Id(), required=False, min_length=1, max_length=1000)


class Why(Body):
    """A reason, kept for good."""

    reason = Text(max_length=300)


class Voiding(Why):
    """Why a bill is void, and whether its charges are to be billed again."""

    bill_again = serializers.BooleanField(default=False)


class Empty(Body):
    """An empty object."""


def shown(draft: Invoice) -> Row:
    """Return a draft as the API shows it."""
    sums = {name: Money(getattr(draft, f"{name}_minor"), draft.currency) for name in ("net", "tax", "total")}
    amounts = {name: {"amount_minor": each.minor, "currency": each.currency} for name, each in sums.items()}
    return {"id": draft.pk, "customer_id": draft.customer_id, "state": str(draft.state), **amounts}


class Drafts(Resource):
    """Bills before they are issued."""

    scopes = {"POST": "invoices:write"}

    @posts("draft_invoice", NewDraft, DraftBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Put charges on a draft; it is issued, or discarded, later."""
        wanted = NewDraft.read(request)
        customer_id = customer_of(request.user, wanted)

        def effect(at: datetime) -> tuple[int, Row]:
            return 201, shown(draft_invoice(customer_id, **wanted, by=request.user.actor, at=at))

        return once(request, effect)


class DraftIssue(Resource):
    """Issuing a draft."""

    scopes = {"POST": "invoices:write"}

    @posts("issue_draft", Empty, InvoiceWithLines)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Issue a draft under the next number."""
        Empty.read(request)
        return ShownInvoice.moved(request, pk, issue_draft)


class DraftDiscard(Resource):
    """Discarding a draft."""

    scopes = {"POST": "invoices:write"}

    @posts("discard_draft", Why, DraftBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Throw a draft away: its charges wait again."""
        wanted = Why.read(request)
        refuse_others_object(request.user, Invoice, pk)

        def effect(at: datetime) -> tuple[int, Row]:
            return 200, shown(discard_draft(pk, **wanted, by=request.user.actor, at=at))

        return once(request, effect)


class InvoiceVoid(Resource):
    """Declaring a bill void."""

    scopes = {"POST": "invoices:write"}

    @posts("void_invoice", Voiding, InvoiceWithLines)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Declare a bill void that nothing was paid, credited or disputed of; it keeps its number."""
        wanted = Voiding.read(request)
        return ShownInvoice.moved(request, pk, void_invoice, **wanted)
