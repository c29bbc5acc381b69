"""One Idempotency-Key, one effect.

The key's row is inserted first, in the transaction of the effect. A repeat at the same moment waits on the unique index
until the first has committed, and then answers what the first answered: refusals like successes. Source of the header:
draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from billing_desk.api.errors import answer, audit_refusal, problem_of, status_of
from billing_desk.models import ApiCall
from ledger.errors import DomainError
from ledger.events.operations import caused_by

#: Does the one thing a request is for; returns the status and the body to answer.
Effect = Callable[[datetime], tuple[int, Any]]

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

CLAIM = """
INSERT INTO billing_desk_apicall (key_id, idempotency_key, request_hash, called_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (key_id, idempotency_key) DO NOTHING RETURNING id
"""


class IdempotencyKeyMissing(DomainError):
    """What moves money is asked for under a key, so that a repeated request cannot move it twice."""


class IdempotencyKeyInvalid(DomainError):
    """The key is empty, too long, or not printable ASCII."""


class IdempotencyKeyReused(DomainError):
    """The key stands for another request."""


def once(request: Request, effect: Effect, *, is_required: bool = True) -> HttpResponse:
    """Do the effect under the request's key, or answer what it answered before.

    :raises IdempotencyKeyMissing: if there is no key and the effect must not happen twice
    :raises IdempotencyKeyReused: if the key stands for another request
    """
    key = request.headers.get(HEADER, "")
    if HEADER not in request.headers and is_required:
        raise IdempotencyKeyMissing(f"Send an {HEADER} header: a repeated request must not move money twice.")
    if HEADER in request.headers and not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise IdempotencyKeyInvalid(f"The {HEADER} has 1 to 255 printable ASCII characters.")
    at = timezone.now()
    with transaction.atomic():
        call_id = _claim(request, key, at=at) if key else None
        if key and call_id is None:
            return _replay(request, key)
        with caused_by(f"apicall:{call_id}" if call_id else "api"):
            status, body = _attempt(request, effect, at=at)
        if call_id:
            ApiCall.objects.filter(pk=call_id).update(status=status, answer=body)
    return answer(status, body)


def fingerprint(request: Request) -> str:
    """Return what a request asks for: method, address and body, whatever the order of its fields."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _claim(request: Request, key: str, *, at: datetime) -> int | None:
    """Insert the key's row; return None when somebody has done so before, after waiting until they are done."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [request.user.key_id, key, fingerprint(request), at])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _replay(request: Request, key: str) -> HttpResponse:
    call = ApiCall.objects.get(key_id=request.user.key_id, idempotency_key=key)
    if call.request_hash != fingerprint(request):
        raise IdempotencyKeyReused(f"This {HEADER} was used for another request. Take a new one.")
    return answer(call.status or 500, call.answer, **{REPLAYED: "true"})


def _attempt(request: Request, effect: Effect, *, at: datetime) -> tuple[int, Any]:
    """Do the effect in a savepoint, so that a refusal undoes it and still leaves its answer and its audit line."""
    try:
        with transaction.atomic():
            status, body = effect(at)
    except DomainError as refusal:
        audit_refusal(refusal, request.user, subject=f"api:{request.path}"[:60], at=at)
        status, body = status_of(refusal), problem_of(refusal)
    # As it will come back from the database, so that the first answer and its repeats are the same.
    return status, orjson.loads(orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z))
