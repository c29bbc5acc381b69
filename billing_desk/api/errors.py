"""DomainError → problem+json (RFC 9457): the only place that knows HTTP status codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import exceptions

from ledger.customers.operations import refuse_access
from ledger.errors import DomainError, NotAllowed, NotFound

if TYPE_CHECKING:
    from billing_desk.api.authentication import Client

#: By the error's code or its base's; whatever is not listed is a conflict with the present state: 409.
STATUS = {
    "not_found": 404,
    "invalid_input": 422,
    "not_allowed": 403,
    "proof_missing": 403,
    "own_account": 403,
    "approver_is_requester": 403,
    "approval_limit_exceeded": 403,
    "idempotency_key_missing": 400,
    "idempotency_key_invalid": 400,
    "not_yet_known": 503,
}
CONFLICT = 409
#: Refused attempts of these kinds are kept in the audit trail.
AUDITED = frozenset({403})
#: What a caller may do about an error that names no other time.
RETRY_AFTER_S = {503: "60"}


class ScopeMissing(NotAllowed):
    """The key does not carry the scope that this needs."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This key lacks the scope {scope}.")


class WrongTenant(NotFound):
    """The object exists but belongs to another customer than the key's; the caller sees a plain 404."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__("There is no such object.")

    @classmethod
    def code(cls) -> str:
        """Return the code of the base: the caller must not learn the difference."""
        return NotFound.code()


class FieldsRefused(DomainError):
    """The body was understood as JSON, but these fields break a rule."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        first = errors[0]
        super().__init__(f"{first['field']}: {first['message']}" if first["field"] else first["message"])

    @classmethod
    def code(cls) -> str:
        """Return the code that integrations see."""
        return "invalid_input"


def status_of(refusal: DomainError) -> int:
    """Return the HTTP status of a refusal, by its own code or the nearest base that has one."""
    for base in type(refusal).__mro__:
        if issubclass(base, DomainError) and base.code() in STATUS:
            return STATUS[base.code()]
    return CONFLICT


def problem(status: int, code: str, detail: str, **extra: object) -> dict[str, object]:
    """Return the members of an RFC 9457 problem."""
    title = HTTPStatus(status).phrase
    return {"type": f"/api/v1/docs#{code}", "title": title, "status": status, "code": code, "detail": detail, **extra}


def problem_of(refusal: DomainError) -> dict[str, object]:
    """Return the problem that tells a refusal in its own words."""
    extra = {"errors": refusal.errors} if isinstance(refusal, FieldsRefused) else {}
    return problem(status_of(refusal), refusal.code(), str(refusal), **extra)


def answer(status: int, body: object, **headers: str) -> HttpResponse:
    """Return JSON; problems carry their own media type."""
    kind = "application/problem+json" if status >= 400 else "application/json"
    if status in RETRY_AFTER_S:
        headers = {"Retry-After": RETRY_AFTER_S[status], **headers}
    # Sorted, because a stored answer comes back in the database's order and has to be the same to the byte.
    text = orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return HttpResponse(text, status=status, content_type=kind, headers=headers)


def audit_refusal(refusal: DomainError, client: Client | None, *, subject: str, at: datetime) -> None:
    """Keep a refused attempt in the audit trail when it is of the kind somebody should see later."""
    if client is None or (status_of(refusal) not in AUDITED and not isinstance(refusal, WrongTenant)):
        return
    if isinstance(refusal, WrongTenant):
        subject, why = refusal.subject, "another customer's object"
    else:
        why = str(refusal)
    refuse_access(subject, why=why, customer_id=client.customer_id, by=client.actor, at=at)


def problem_response(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer an exception of a view as problem+json; return None for a bug, which stays loud."""
    request = context.get("request")
    client = getattr(request, "user", None)
    if isinstance(exc, exceptions.ValidationError):
        exc = FieldsRefused(list(field_errors(exc.detail)))
    if isinstance(exc, DomainError):
        path = f"api:{request.path}"[:60] if request else "api"
        audit_refusal(exc, client if hasattr(client, "scopes") else None, subject=path, at=timezone.now())
        body = problem_of(exc)
        return answer(status_of(exc), body)
    if isinstance(exc, Http404):
        return answer(404, problem(404, "not_found", "There is no such object."))
    if isinstance(exc, PermissionDenied):
        return answer(403, problem(403, "not_allowed", "This is not allowed."))
    if isinstance(exc, exceptions.APIException):
        headers = {"WWW-Authenticate": exc.auth_header} if getattr(exc, "auth_header", None) else {}
        return answer(exc.status_code, problem(exc.status_code, exc.default_code, str(exc.detail)), **headers)
    return None


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Give every refused field by its path (`amount.currency`) with the rule it breaks."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            inside = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from field_errors(inner, inside)
    elif isinstance(detail, list):
        for inner in detail:
            yield from field_errors(inner, path)
    else:
        yield {"field": path, "message": str(detail)}
