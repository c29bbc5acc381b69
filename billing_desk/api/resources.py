"""What the views of v1 share: authentication, scope, tenancy, and the common pieces of the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

from billing_desk.api.authentication import Client, HasScope
from billing_desk.api.errors import FieldsRefused, WrongTenant
from ledger.customers.queries import get_customer
from ledger.errors import InvalidInput, NotAllowed, NotFound


class ProblemBody(serializers.Serializer[Any]):
    """A problem as in RFC 9457, with a stable code and, for a refused body, the fields."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable name of the refusal, e.g. refund_too_large")
    detail = serializers.CharField(help_text="A sentence for people")
    errors = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), required=False)


def problems(*statuses: int) -> dict[Any, Any]:
    """Return the problem answers of an operation for the schema: the usual ones and the given."""
    every = sorted({400, 401, 403, 404, 422, *statuses})
    return {(status, "application/problem+json"): OpenApiResponse(ProblemBody) for status in every}


KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="1 to 255 printable characters. The same key with the same body answers what it answered first.",
)
OPTIONAL_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Optional here.")
PAGE = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),
    OpenApiParameter("cursor", str, description="`next` of the page before"),
    OpenApiParameter("customer", {"type": "integer", "minimum": 1}, description="Only this customer's"),
]


def state_parameter(choices: list[str]) -> OpenApiParameter:
    """Return the schema of the filter `state`."""
    return OpenApiParameter("state", str, enum=choices)


def page_of(item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the schema of one page of items."""
    fields = {"data": item(many=True), "next": serializers.CharField(allow_null=True)}
    return type(f"{item.__name__}Page", (serializers.Serializer,), fields)


def posts(
    operation_id: str, asks: Any, answers: Any, *, status: int = 200, key: OpenApiParameter = KEY
) -> Callable[[Any], Any]:
    """Return the decorator that puts a POST into the schema: what it asks, what it answers, under which key."""
    return extend_schema(
        operation_id=operation_id, request=asks, parameters=[key], responses={status: answers, **problems(409)}
    )


class Resource(APIView):
    """A view of v1: `scopes` names what a key needs per method."""

    permission_classes = (IsAuthenticated, HasScope)
    scopes: dict[str, str] = {}


def refuse_bound(client: Client, why: str = "these are the figures of all") -> None:
    """Refuse a key that is bound to one customer.

    :raises NotAllowed: if it is
    """
    if client.customer_id is not None:
        raise NotAllowed(f"This key is bound to one customer; {why}.")


def refuse_other_customer(client: Client, customer_id: int) -> None:
    """Refuse when a key that is bound to one customer names another.

    :raises WrongTenant: if it does
    """
    if client.customer_id is not None and client.customer_id != customer_id:
        raise WrongTenant(f"customer:{customer_id}")


def refuse_others_object(client: Client, model: type[Model], pk: int, *, customer_column: str = "customer_id") -> None:
    """Refuse when a key that is bound to one customer names another's object.

    :raises NotFound: if there is no such object
    :raises WrongTenant: if it is another customer's
    """
    if client.customer_id is None:
        return
    owner = model._default_manager.filter(pk=pk).values_list(customer_column, flat=True).first()
    if owner != client.customer_id:
        if model._default_manager.filter(pk=pk).exists():
            raise WrongTenant(f"{model._meta.model_name}:{pk}")
        raise NotFound("There is no such object.")


def customer_of(client: Client, wanted: dict[str, Any]) -> int:
    """Return the customer that a body names, or the key's own when it names none.

    :raises NotFound: if there is no such customer, or the key is bound to another
    """
    customer_id = wanted.pop("customer", None) or client.customer_id
    if customer_id is None:
        raise FieldsRefused([{"field": "customer", "message": "Say for which customer."}])
    refuse_other_customer(client, customer_id)
    get_customer(customer_id)
    return int(customer_id)


def ticket_of(client: Client, conversation: str) -> int:
    """Return the case that a body's `conversation` ("ticket:9") names.

    :raises InvalidInput: if it is not written so
    :raises NotFound: if there is no such case, or it is another customer's
    """
    from tickets.models import Ticket

    kind, _, number = conversation.partition(":")
    if kind != "ticket" or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise InvalidInput('conversation: name the case, such as "ticket:9".')
    refuse_others_object(client, Ticket, int(number))
    return int(number)
