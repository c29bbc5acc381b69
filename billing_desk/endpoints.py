"""Webhook endpoints: opened with a secret that is shown once, given a new one, and given-up deliveries tried again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from billing_desk.models import WebhookDelivery, WebhookEndpoint
from billing_desk.outgoing import check_address
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds, outbox
from ledger.events.actor import Actor
from ledger.events.configuration import record_change
from ledger.later import run_later


class DeliveredAlready(DomainError):
    """The endpoint has taken this event."""


def new_secret() -> str:
    """Return a signing secret as Standard Webhooks writes it: 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def check_kinds(wanted: Sequence[str]) -> None:
    """Refuse a kind that no event has.

    :raises InvalidInput: naming it
    """
    if unknown := [kind for kind in wanted if outbox.handlers_of(kind) is None]:
        raise InvalidInput(f"There is no event kind {', '.join(unknown)}.")


@transaction.atomic
def open_endpoint(
    *, name: str, url: str, kinds_wanted: Sequence[str] = (), by: Actor, at: datetime
) -> tuple[WebhookEndpoint, str]:
    """This will post events to an address from now on; returns its secret, which is not shown again.

    :raises UnsafeAddress: if we do not post there
    :raises InvalidInput: if a kind does not exist
    """
    check_address(url)
    check_kinds(kinds_wanted)
    secret = new_secret()
    endpoint = WebhookEndpoint.objects.create(
        name=name, url=url, secret=secret, kinds=list(kinds_wanted), created_at=at
    )
    after = {"name": name, "url": url, "kinds": list(kinds_wanted)}
    record_change(
        kinds.CONFIGURATION_CHANGED, endpoint, what="webhook endpoint added", before={}, after=after, by=by, at=at
    )
    return endpoint, secret


@transaction.atomic
def renew_secret(endpoint_id: int, *, by: Actor, at: datetime) -> tuple[WebhookEndpoint, str]:
    """This will sign with a new secret from the next delivery on; the old one is worth nothing any more."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret"])
    record_change(
        kinds.CONFIGURATION_CHANGED, endpoint, what="webhook secret renewed", before={}, after={}, by=by, at=at
    )
    return endpoint, endpoint.secret


def retry_delivery(delivery_id: int, *, by: Actor, at: datetime) -> None:
    """This will make a delivery due again that was given up.

    :raises DeliveredAlready: if it arrived
    """
    if not WebhookDelivery.objects.filter(pk=delivery_id, delivered_at=None).update(due_at=at, given_up_at=None):
        raise DeliveredAlready("The endpoint has taken this event.")
    subject = f"webhookdelivery:{delivery_id}"
    record_change(kinds.CONFIGURATION_CHANGED, subject, what="webhook tried again", before={}, after={}, by=by, at=at)
    run_later("billing_desk.api.tasks.deliver_due_webhooks")
