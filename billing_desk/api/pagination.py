"""Cursor pages: newest first, by the primary key, so a page never shifts while rows are added."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from billing_desk.api.errors import FieldsRefused, answer

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100
LARGEST_ID = 2**63 - 1
LONGEST_CODE = 40

Row = dict[str, Any]


def list_page(request: Request, rows: QuerySet[Any, Row], *, shape: Callable[[Row], Row]) -> HttpResponse:
    """Answer one page of a `.values()` queryset in one query: `{"data": […], "next": cursor or null}`."""
    limit, before = _limit(request), _cursor(request)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    following = encode_cursor(found[limit - 1]["id"]) if len(found) > limit else None
    return answer(200, {"data": [shape(row) for row in found[:limit]], "next": following})


def query_number(request: Request, name: str, *, smallest: int = 1, largest: int = LARGEST_ID) -> int | None:
    """Return a whole number of the address, or None when it is not there.

    :raises FieldsRefused: if it is not a whole number within the bounds
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and smallest <= int(text) <= largest):
        raise FieldsRefused([{"field": name, "message": f"Give a whole number from {smallest} to {largest}."}])
    return int(text)


def query_day(request: Request, name: str) -> date | None:
    """Return a day of the address (2026-01-31), or None when it is not there.

    :raises FieldsRefused: if it is not a day
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        if len(text) != len("2026-01-31"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as problem:
        raise FieldsRefused([{"field": name, "message": "Give a day, such as 2026-01-31."}]) from problem


def query_choice(request: Request, name: str, choices: Collection[str]) -> str | None:
    """Return one of the choices named in the address, or None when it is not there.

    :raises FieldsRefused: if it is none of them
    """
    text = request.query_params.get(name)
    if text is not None and text not in choices:
        raise FieldsRefused([{"field": name, "message": f"Give one of: {', '.join(choices)}."}])
    return text


def query_text(request: Request, name: str) -> str | None:
    """Return a short text of the address (a code, a country), or None when it is not there.

    :raises FieldsRefused: if it is empty, longer than a code, or cannot be kept in a database
    """
    text = request.query_params.get(name)
    if text is not None and not (0 < len(text) <= LONGEST_CODE and text.isprintable()):
        raise FieldsRefused([{"field": name, "message": f"Give 1 to {LONGEST_CODE} printable characters."}])
    return text


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Refuse a filter that does not exist: a misspelt one would silently answer everything.

    :raises FieldsRefused: naming the parameters that are not known
    """
    if unknown := sorted(set(request.query_params) - set(known)):
        raise FieldsRefused([{"field": name, "message": "There is no such parameter."} for name in unknown])


def encode_cursor(last_id: int) -> str:
    """Return an opaque cursor that continues below an id."""
    return base64.urlsafe_b64encode(f"id<{last_id}".encode()).decode().rstrip("=")


def _limit(request: Request) -> int:
    return query_number(request, "limit", largest=LARGEST_LIMIT) or DEFAULT_LIMIT


def _cursor(request: Request) -> int | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        plain = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        last = int(plain.removeprefix("id<"))
    except ValueError:
        last = 0
    if not 0 < last <= LARGEST_ID:
        raise FieldsRefused([{"field": "cursor", "message": "Give a cursor as an earlier page returned it."}])
    return last
