"""The event feed: what happened, in the one order of the audit trail."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.errors import FieldsRefused, answer
from billing_desk.api.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, query_number, refuse_unknown
from billing_desk.api.public_events import COLUMNS, public_event
from billing_desk.api.resources import Resource, problems
from ledger.events import outbox
from ledger.models import Event


class EventBody(serializers.Serializer[Any]):
    """One fact."""

    id = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Place in the audit trail; without gaps")
    kind = serializers.CharField()
    subject = serializers.CharField(help_text="What it happened to, e.g. refund:42")
    customer_id = serializers.IntegerField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()


class EventFeed(serializers.Serializer[Any]):
    """Events after a position; ask again with `after` = `next_after`."""

    data = EventBody(many=True)
    next_after = serializers.IntegerField()


class Events(Resource):
    """What happened."""

    scopes = {"GET": "events:read"}

    @extend_schema(
        operation_id="list_events",
        parameters=[
            OpenApiParameter("after", {"type": "integer", "minimum": 0}, description="The last position you have"),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),
            OpenApiParameter("kind", str, many=True, description="Only these kinds, e.g. refund.paid"),
        ],
        responses={200: EventFeed, **problems()},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return events after a position, in order. A reader that keeps its position misses none."""
        refuse_unknown(request, {"after", "limit", "kind"})
        after = query_number(request, "after", smallest=0) or 0
        limit = query_number(request, "limit", largest=LARGEST_LIMIT) or DEFAULT_LIMIT
        found = Event.objects.filter(position__gt=after)
        if kinds := request.query_params.getlist("kind"):
            if unknown := [kind for kind in kinds if outbox.handlers_of(kind) is None]:
                raise FieldsRefused([{"field": "kind", "message": f"There is no kind {unknown[0]!r}."}])
            found = found.filter(kind__in=kinds)
        if request.user.customer_id is not None:
            found = found.filter(customer_id=request.user.customer_id)
        rows = list(found.order_by("position").values("position", *COLUMNS)[:limit])
        data = [{"position": row["position"], **public_event(row)} for row in rows]
        return answer(200, {"data": data, "next_after": rows[-1]["position"] if rows else after})
