"""One kind of object as the API shows it, and the two views that most kinds need: a page of them, and one of them.

The library's generic views want a serializer for every row and a queryset of models; ours answer `.values()` rows in
one query, so only its way of describing an inherited method (`extend_schema_view`) is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.errors import answer
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import (
    Row,
    list_page,
    query_choice,
    query_day,
    query_number,
    query_text,
    refuse_unknown,
)
from billing_desk.api.resources import (
    PAGE,
    Resource,
    page_of,
    problems,
    refuse_bound,
    refuse_other_customer,
    refuse_others_object,
    state_parameter,
)
from ledger.errors import NotFound


@dataclass(frozen=True, slots=True)
class Narrows:
    """A parameter that narrows a list: by one of some choices, a number, a day or a short text."""

    name: str
    column: str
    by: Collection[str] | type
    words: str = ""

    @property
    def parameter(self) -> OpenApiParameter:
        """The parameter in the schema."""
        if isinstance(self.by, type):
            kind = {"type": "integer", "minimum": 1} if self.by is int else self.by
            return OpenApiParameter(self.name, kind, description=self.words)
        return OpenApiParameter(self.name, str, enum=list(self.by), description=self.words)

    def read(self, request: Request) -> Any:
        """Return what the address asks for, None where it does not."""
        if not isinstance(self.by, type):
            return query_choice(request, self.name, self.by)
        return {int: query_number, str: query_text}.get(self.by, query_day)(request, self.name)


class Shown:
    """One kind of object as the API shows it: its columns, read by `.values()`, and the last touch to each row."""

    model: type[Model]
    columns: tuple[str, ...]
    #: The schema of a row in a list, and of one object with its parts.
    body: type[serializers.Serializer[Any]]
    whole_body: type[serializers.Serializer[Any]] | None = None
    #: As operations call it (`list_credit_notes`), as people do where that differs, and what one has ("its parts").
    name: str
    noun: str = ""
    nouns: str = ""
    parts: str = ""
    #: Where the customer's id is found; every row is checked against the key's customer by it. None: it is nobody's.
    customer_column: str | None = "customer_id"
    #: Figures of the whole company: a key that is bound to one customer is refused.
    is_of_all: bool = False
    states: tuple[str, ...] = ()
    narrows: tuple[Narrows, ...] = ()

    @classmethod
    def shape(cls, row: Row) -> Row:
        """Fold amounts and rename columns, in place."""
        return row

    @classmethod
    def visible(cls, client: Client) -> QuerySet[Any]:
        """Return the objects of this kind that are shown at all."""
        return cls.model._default_manager.all()

    @classmethod
    def rows(cls, client: Client) -> QuerySet[Any, Row]:
        """Return what a key may see."""
        rows = cls.visible(client)
        if client.customer_id is not None and cls.customer_column is not None:
            rows = rows.filter(**{cls.customer_column: client.customer_id})
        return rows.values(*cls.columns)

    @classmethod
    def page(cls, request: Request) -> HttpResponse:
        """Answer one page, narrowed where the address says so."""
        refuse_unknown(request, {parameter.name for parameter in cls.parameters()})
        if cls.is_of_all:
            refuse_bound(request.user)
        rows = cls.rows(request.user)
        if cls.customer_column and (customer_id := query_number(request, "customer")) is not None:
            refuse_other_customer(request.user, customer_id)
            rows = rows.filter(**{cls.customer_column: customer_id})
        if cls.states and (state := query_choice(request, "state", cls.states)):
            rows = rows.filter(state=state)
        for each in cls.narrows:
            if (wanted := each.read(request)) is not None:
                rows = rows.filter(**{each.column: wanted})
        return list_page(request, rows, shape=cls.shape)

    @classmethod
    def parameters(cls) -> list[OpenApiParameter]:
        """Return the schema of what narrows a list."""
        found = [*(PAGE if cls.customer_column else PAGE[:2])]
        found += [state_parameter(list(cls.states))] if cls.states else []
        return found + [each.parameter for each in cls.narrows]

    @classmethod
    def one(cls, client: Client, pk: int) -> Row:
        """Return one object as a list shows it.

        :raises NotFound: if there is none, or it is another customer's (which is kept in the audit trail)
        """
        if cls.is_of_all:
            refuse_bound(client)
        if cls.customer_column is not None:
            refuse_others_object(client, cls.model, pk, customer_column=cls.customer_column)
        row = cls.visible(client).filter(pk=pk).values(*cls.columns).first()
        if row is None:
            raise NotFound("There is no such object.")
        return cls.shape(row)

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one object with its parts, as its own address shows it."""
        return cls.one(client, pk)

    @classmethod
    def created(
        cls, request: Request, make: Callable[..., Model], *subject: Any, is_required: bool = True, **wanted: Any
    ) -> HttpResponse:
        """Do an operation that makes an object, once for the request's key, and answer the object with 201."""

        def effect(at: datetime) -> tuple[int, Row]:
            made = make(*subject, **wanted, by=request.user.actor, at=at)
            return 201, cls.whole(request.user, made.pk)

        return once(request, effect, is_required=is_required)

    @classmethod
    def moved(cls, request: Request, pk: int, act: Callable[..., object], **wanted: Any) -> HttpResponse:
        """Do an operation on one object, once for the request's key, and answer the object as it is then."""
        if cls.customer_column is not None:
            refuse_others_object(request.user, cls.model, pk, customer_column=cls.customer_column)

        def effect(at: datetime) -> tuple[int, Row]:
            act(pk, **wanted, by=request.user.actor, at=at)
            return 200, cls.whole(request.user, pk)

        return once(request, effect)


class Listing(Resource):
    """A page of objects of one kind; what is created is posted to the same address."""

    shown: type[Shown]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        shown = cls.shown
        nouns = shown.nouns or f"{shown.noun or shown.name.replace('_', ' ')}s"
        listed = extend_schema(
            operation_id=f"list_{shown.name}s",
            description=f"List {nouns}, the newest first.",
            parameters=shown.parameters(),
            responses={200: page_of(shown.body), **problems()},
        )
        extend_schema_view(get=listed)(cls)

    def get(self, request: Request) -> HttpResponse:
        """Answer one page."""
        return self.shown.page(request)


class Single(Resource):
    """One object of a kind, with its parts."""

    shown: type[Shown]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        shown = cls.shown
        noun = shown.noun or shown.name.replace("_", " ")
        one = extend_schema(
            operation_id=f"get_{shown.name}",
            description=f"Return one {noun} with {shown.parts}." if shown.parts else f"Return one {noun}.",
            responses={200: shown.whole_body or shown.body, **problems()},
        )
        extend_schema_view(get=one)(cls)

    def get(self, request: Request, pk: int) -> HttpResponse:
        """Answer one object."""
        return answer(200, self.shown.whole(request.user, pk))
