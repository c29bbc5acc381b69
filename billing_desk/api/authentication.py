"""Bearer key → ApiKey → Actor and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from billing_desk.api.errors import ScopeMissing
from billing_desk.keys import hash_of
from billing_desk.models import ApiKey
from billing_desk.roles import INTEGRATION
from ledger.events.actor import Actor

if TYPE_CHECKING:
    from rest_framework.views import APIView

#: `last_used_at` is for people who tidy up keys: a write a minute is enough.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls: an integration, what its key opens, and the one customer it may be bound to."""

    key_id: int
    name: str
    scopes: frozenset[str]
    customer_id: int | None
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> int:
        """The key's id; request logs name the caller by it."""
        return self.key_id

    @property
    def actor(self) -> Actor:
        """The doer of everything this request does."""
        return Actor.integration(self.key_id, name=self.name, roles=frozenset({INTEGRATION}))

    def __str__(self) -> str:
        return self.name


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer bd_…`; a key that is unknown, malformed or revoked gets the same 401."""

    def authenticate(self, request: Request) -> tuple[Client, ApiKey] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        key = ApiKey.objects.filter(hash=hash_of(secret.strip()), revoked_at=None).first()
        if key is None:
            raise AuthenticationFailed("This API key is not valid.")
        note_use(key, at=timezone.now())
        return Client(key.pk, key.name, frozenset(key.scopes), key.customer_id), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Keep when a key was last used, at most once a minute."""
    if key.last_used_at and at - key.last_used_at < USE_NOTED_EVERY:
        return
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=at - USE_NOTED_EVERY)
    ApiKey.objects.filter(long_ago, pk=key.pk).update(last_used_at=at)


class HasScope(BasePermission):
    """The key carries the scope that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed = getattr(view, "scopes", {}).get("GET" if request.method == "HEAD" else request.method)
        if needed and needed not in request.user.scopes:
            raise ScopeMissing(needed)
        return True
