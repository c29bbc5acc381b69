"""Open and read disputes, withdraw them. Deciding them is for people."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Amount, Body, Id, Text, amount
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    Resource,
    posts,
    refuse_others_object,
    ticket_of,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.disputes.models import STATES
from ledger.disputes.reasons import REASONS
from ledger.models import Dispute, InvoiceLine
from tickets.casework.operations import open_dispute_for_ticket, withdraw_dispute_for_ticket


class DisputeBody(serializers.Serializer[Any]):
    """A customer says that (part of) a charge is wrong; only the disputed amount is held."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    customer_id = serializers.IntegerField()
    line_id = serializers.IntegerField()
    invoice_id = serializers.IntegerField()
    amount = Amount()
    reason = serializers.ChoiceField(list(REASONS))
    state = serializers.ChoiceField(list(STATES))
    outcome = serializers.CharField(help_text="The last decision, kept when it is closed; empty: none")
    granted = Amount(help_text="What the customer was given")
    conversation = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    opened_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(
        allow_null=True, help_text="When the customer told us: clocks run from here"
    )
    acknowledge_by = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(help_text="When the customer has an answer")
    decided_at = serializers.DateTimeField(allow_null=True)
    explanation = serializers.CharField()


class NewDispute(Body):
    """What is disputed, and the case in which the customer proved who they are."""

    line_id = Id(help_text="A line of an invoice")
    amount = Amount(help_text="Tax included")
    reason = serializers.ChoiceField(list(REASONS))
    conversation = Text(max_length=60, help_text='The case, e.g. "ticket:9"')


class Withdrawal(Body):
    """The case in which the customer proved who they are and took the dispute back."""

    conversation = Text(max_length=60, help_text='The case, e.g. "ticket:9"')


class ShownDispute(Shown):
    """A dispute as the API shows it."""

    model, body, name = Dispute, DisputeBody, "dispute"
    columns = (
        "id", "number", "customer_id", "line_id", "line__invoice_id", "amount_minor", "granted_minor", "currency",
        "reason", "state", "outcome", "conversation", "external_id", "opened_at", "received_at", "acknowledge_by",
        "acknowledged_at", "due_at", "decided_at", "explanation",
    )  # fmt: skip
    states = STATES

    @classmethod
    def shape(cls, row: Row) -> Row:
        amount(row)
        amount(row, "granted_minor", "granted")
        del row["currency"]
        row["invoice_id"] = row.pop("line__invoice_id")
        return row


class Disputes(Listing):
    """Charges that customers say are wrong."""

    shown, scopes = ShownDispute, {"GET": "disputes:read", "POST": "disputes:write"}

    @posts("open_dispute", NewDispute, DisputeBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Hold the disputed amount. The customer must be verified in the named case, now."""
        wanted = NewDispute.read(request)
        refuse_others_object(request.user, InvoiceLine, wanted["line_id"], customer_column="invoice__customer_id")
        ticket_id = ticket_of(request.user, wanted.pop("conversation"))
        return ShownDispute.created(request, open_dispute_for_ticket, ticket_id, **wanted)


class OneDispute(Single):
    """One dispute."""

    shown, scopes = ShownDispute, {"GET": "disputes:read"}


class DisputeWithdrawal(Resource):
    """Taking a dispute back."""

    scopes = {"POST": "disputes:write"}

    @posts("withdraw_dispute", Withdrawal, DisputeBody)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Take an open dispute back; what was held is due again."""
        ticket_id = ticket_of(request.user, Withdrawal.read(request)["conversation"])
        return ShownDispute.moved(request, pk, partial(withdraw_dispute_for_ticket, ticket_id))
