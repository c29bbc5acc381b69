"""Who may post to /hooks/: a Standard Webhooks signature, or the secret as a bearer token.

Source: Standard Webhooks 1.0.0, "Verifying webhook authenticity": HMAC-SHA256 over id.timestamp.body, five minutes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ValidationError

from billing_desk.api.errors import FieldsRefused, answer, field_errors, problem, problem_of, status_of
from ledger.errors import DomainError

TOLERANCE_S = 300

Hook = Callable[[HttpRequest, datetime], HttpResponse]


def signed_hook(hook: Hook) -> Callable[[HttpRequest], HttpResponse]:
    """Turn a function into a hook: POST only, signed (so without CSRF token), refusals answered as problems."""

    @csrf_exempt
    @require_POST
    @wraps(hook)
    def view(request: HttpRequest) -> HttpResponse:
        at = timezone.now()
        try:
            body = request.body
        except RequestDataTooBig:
            return answer(413, problem(413, "too_large", "The body is larger than we take."))
        if not is_signed(request, body, at=at):
            detail = "Sign the request after Standard Webhooks, or send the secret as a bearer token."
            return answer(401, problem(401, "not_signed", detail), **{"WWW-Authenticate": "Bearer"})
        try:
            return hook(request, at)
        except ValidationError as refusal:
            refused = FieldsRefused(list(field_errors(refusal.detail)))
            return answer(422, problem_of(refused))
        except DomainError as refusal:
            return answer(status_of(refusal), problem_of(refusal))

    return view


def is_signed(request: HttpRequest, body: bytes, *, at: datetime) -> bool:
    """Return whether a request proves that it knows the secret; without a secret nobody does."""
    secret = settings.INBOUND_HOOK_SECRET
    if not secret:
        return False
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), secret.encode())
    message_id, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not message_id or not _is_recent(stamp, at=at):
        return False
    expected = sign(secret, message_id, stamp, body)
    passed = request.headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in passed)


def sign(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """Return the signature of a body; unlike the library's it takes bytes, because a mail need not be UTF-8."""
    text = f"{message_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), text, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_") + "==")
        except binascii.Error:
            return secret.encode()
    return secret.encode()


def _is_recent(stamp: str, *, at: datetime) -> bool:
    return stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(at.timestamp() - int(stamp)) <= TOLERANCE_S
