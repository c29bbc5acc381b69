"""API keys: made, shown once, kept as a hash, revoked. The admin issues them, the API recognises them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from billing_desk.models import ApiKey
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event

#: What a key can open; `<resource>:read` and `<resource>:write`.
SCOPES: dict[str, str] = {
    "customers:read": "Read customers and their contact points",
    "customers:write": "Open customers, add contact points",
    "charges:read": "Read charges",
    "charges:write": "Add and reverse charges",
    "invoices:read": "Read invoices and their lines",
    "invoices:write": "Draft, issue and void invoices",
    "credit_notes:write": "Issue credit notes",
    "billing:read": "Read billing runs and aged receivables of all customers",
    "catalogue:read": "Read products and prices",
    "catalogue:write": "Add the next versions of prices",
    "agreements:read": "Read agreements and their words",
    "agreements:write": "Propose, offer, accept for a verified customer, decline and end agreements",
    "rules:read": "Read the rules of countries",
    "rules:write": "Propose rules of countries; a person reviews them",
    "rates:read": "Read exchange rates",
    "rates:write": "Add exchange rates",
    "payment_plans:read": "Read payment plans and their instalments",
    "hardship:read": "Read whether customers are helped in hardship",
    "payments:read": "Read payments",
    "payments:write": "Record payments and failed attempts",
    "refunds:read": "Read refunds",
    "refunds:write": "Request, cancel and decide refunds",
    "disputes:read": "Read disputes",
    "disputes:write": "Open and withdraw disputes",
    "disputes:decide": "Read what there is about disputes and decide them",
    "subscriptions:read": "Read subscriptions",
    "subscriptions:write": "Start, change, pause, resume and cancel subscriptions",
    "usage:write": "Report metered usage",
    "tickets:read": "Read cases and their messages",
    "tickets:write": "Open cases, add messages",
    "events:read": "Read the event feed",
    "calls:write": "Report calls",
}


class KeyRevokedAlready(DomainError):
    """The API key was revoked before."""


def hash_of(secret: bytes) -> str:
    """Return what is kept of a key. It is random and long, so a plain digest cannot be searched backwards."""
    return hashlib.sha256(secret).hexdigest()


@transaction.atomic
def issue_key(
    *, name: str, scopes: Sequence[str], customer_id: int | None = None, by: Actor, at: datetime
) -> tuple[ApiKey, str]:
    """Make a key; return it with its secret, which is nowhere else and never shown again.

    :raises InvalidInput: if a scope does not exist
    """
    if unknown := sorted(set(scopes) - SCOPES.keys()):
        raise InvalidInput(f"There is no scope {', '.join(unknown)}.")
    secret = f"bd_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:12],
        hash=hash_of(secret.encode()),
        scopes=sorted(set(scopes)),
        customer_id=customer_id,
        created_at=at,
    )
    record_event(
        kinds.CONFIGURATION_CHANGED,
        subject=key,
        customer_id=customer_id,
        by=by,
        at=at,
        what="API key issued",
        after={"name": name, "prefix": key.prefix, "scopes": key.scopes, "customer_id": customer_id},
    )
    return key, secret


@transaction.atomic
def revoke_key(key_id: int, *, by: Actor, at: datetime) -> ApiKey:
    """Close a key for good: its next request is refused.

    :raises KeyRevokedAlready: if it is revoked already
    """
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.revoked_at:
        raise KeyRevokedAlready("This key was revoked before.")
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    record_event(
        kinds.CONFIGURATION_CHANGED,
        subject=key,
        customer_id=key.customer_id,
        by=by,
        at=at,
        what="API key revoked",
        before={"revoked_at": None},
        after={"revoked_at": at.isoformat()},
    )
    return key
