"""The signed events of Stripe: checked by its own library, read into our terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import stripe
from django.conf import settings

from ledger.errors import InvalidInput
from ledger.payments.gateway_answers import GatewayAnswer
from ledger.payments.gateways_stripe import answer_of
from ledger.payments.stripe_told import Told, read_told

INTENTS = frozenset({"payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed"})


class UnreadableReport(InvalidInput):
    """An event is signed, but does not have the shape Stripe documents."""


@dataclass(frozen=True, slots=True)
class StripeReport:
    """What one signed event says: `answer` of one of our attempts, `told` of disputes and refunds."""

    report_id: str
    kind: str
    reference: str = ""
    key: str = ""
    answer: GatewayAnswer | None = None
    told: tuple[Told, ...] = ()


def read_stripe_report(body: bytes, signature: str) -> StripeReport:
    """Return what a webhook of Stripe says, if it is signed with our secret and not old.

    :raises InvalidInput: if it is not signed so, or not an event
    :raises UnreadableReport: if it is, but not as Stripe documents it
    """
    try:
        event = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
    except (ValueError, stripe.SignatureVerificationError) as problem:
        raise InvalidInput("This is not an event that Stripe signed for us.") from problem
    said: dict[str, Any] = event.to_dict()
    try:
        return _read(said)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise UnreadableReport(f"This event does not have the shape Stripe documents: {said.get('type')}.") from problem


def _read(said: dict[str, Any]) -> StripeReport:
    kind, thing = str(said["type"]), said["data"]["object"]
    if kind in INTENTS:
        key = str((thing.get("metadata") or {}).get("key") or "")
        return StripeReport(str(said["id"]), kind, str(thing["id"]), key, answer_of(thing))
    told = read_told(kind, thing, said["data"].get("previous_attributes") or {})
    return StripeReport(str(said["id"]), kind, told=told)
