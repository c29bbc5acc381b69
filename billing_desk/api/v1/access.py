"""Whether a customer may use what they pay for, and what cures it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.errors import answer
from billing_desk.api.fields import Amount
from billing_desk.api.pagination import refuse_unknown
from billing_desk.api.resources import Resource, problems, refuse_other_customer
from ledger.entitlements.queries import access_of, sentence_of

STATES = ["active", "grace", "restricted", "suspended"]
REASONS = ["nothing", "failed", "overdue", "override"]


class AccessBody(serializers.Serializer[Any]):
    """Access as the books and the calendar make it; `is_open` says whether the service can be used.

    `cure` is what has to be paid to end it; `sentence` says it to the customer, in the language of the account.
    """

    customer_id = serializers.IntegerField()
    state = serializers.ChoiceField(STATES)
    is_open = serializers.BooleanField()
    reason = serializers.ChoiceField(REASONS)
    cure = Amount()
    invoice_id = serializers.IntegerField(allow_null=True)
    since_on = serializers.DateField(allow_null=True)
    restricts_on = serializers.DateField(allow_null=True)
    suspends_on = serializers.DateField(allow_null=True)
    restored_at = serializers.DateTimeField(allow_null=True)
    sentence = serializers.CharField()


PLAIN = ("state", "is_open", "reason", "invoice_id", "since_on", "restricts_on", "suspends_on", "restored_at")


class CustomerAccess(Resource):
    """Whether one customer may use what they pay for."""

    scopes = {"GET": "customers:read"}

    @extend_schema(operation_id="get_access", responses={200: AccessBody, **problems()})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return a customer's access: active, grace, restricted or suspended, why, and what cures it."""
        refuse_other_customer(request.user, pk)
        refuse_unknown(request, set())
        access = access_of(pk)
        shown: dict[str, Any] = {name: getattr(access, name) for name in PLAIN}
        shown["customer_id"] = access.customer_id
        shown["cure"] = {"amount_minor": access.amount_minor, "currency": access.currency}
        shown["sentence"] = sentence_of(access, access.customer.language)
        return answer(200, shown)
