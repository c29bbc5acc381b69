"""A telephone system reports a call. A number proves nothing: the answer names candidates, never a balance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.fields import Body, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import OPTIONAL_KEY, Resource, posts
from ledger.errors import NotAllowed
from tickets.channels.phone import receive_call
from tickets.models import CallLog


class CallBody(serializers.Serializer[Any]):
    """One call and who it may be; nobody is chosen when the number is withheld, malformed or shared."""

    id = serializers.IntegerField()
    external_id = serializers.CharField()
    caller = serializers.CharField()
    caller_problem = serializers.CharField(help_text="withheld, malformed, shared; empty when there is none")
    candidates = serializers.ListField(child=serializers.IntegerField(), help_text="Customers with this number on file")
    ticket_id = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField()


class NewCall(Body):
    """A call as the telephone system saw it."""

    external_id = Text(max_length=100, help_text="The telephone system's id; repeated, it is the same call")
    caller = Text(max_length=60, required=False, allow_null=True, allow_blank=True, help_text="Empty when withheld")
    line = Text(max_length=20, help_text="The number that was dialled")


class Calls(Resource):
    """Calls to the billing lines."""

    scopes = {"POST": "calls:write"}

    @posts("receive_call", NewCall, CallBody, status=201, key=OPTIONAL_KEY)
    def post(self, request: Request) -> HttpResponse:
        """Report a call."""
        wanted = NewCall.read(request)
        if request.user.customer_id is not None:
            raise NotAllowed("A key that is bound to one customer cannot report calls.")

        def effect(at: datetime) -> tuple[int, Row]:
            return 201, shown_call(report_call(wanted, at=at))

        return once(request, effect, is_required=False)


def report_call(wanted: dict[str, Any], *, at: datetime) -> CallLog:
    """Keep a call; a repeated `external_id` is the same call."""
    return receive_call(
        external_id=wanted["external_id"], caller=wanted.get("caller") or None, line=wanted["line"], at=at
    )


def shown_call(call: CallLog) -> Row:
    """Return a call as the API shows it."""
    return {name: getattr(call, name) for name in CallBody._declared_fields}
