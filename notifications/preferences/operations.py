"""set_preference, record_consent, withdraw_consent: what a customer wants to hear, and how."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.db import transaction

from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from notifications import events
from notifications.preferences.models import Consent, Preference

CHANNELS = ("email", "sms")


@transaction.atomic
def set_preference(
    customer_id: int,
    *,
    channel: str = "email",
    language: str = "",
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    by: Actor,
    at: datetime,
) -> Preference:
    """Replace a customer's choice of channel, language and quiet hours.

    :raises InvalidInput: if the channel is unknown, or quiet hours have only one end, or none between their ends
    """
    if channel not in CHANNELS:
        raise InvalidInput("The channel is email or sms.")
    if (quiet_from is None) != (quiet_until is None):
        raise InvalidInput("Quiet hours need a beginning and an end.")
    if quiet_from is not None and quiet_from == quiet_until:
        raise InvalidInput("Quiet hours cannot begin and end at the same time.")
    if len(language) > 12:
        raise InvalidInput("The language is written like de or de-DE.")
    chosen = {"channel": channel, "language": language, "quiet_from": quiet_from, "quiet_until": quiet_until}
    preference, _ = Preference.objects.update_or_create(customer_id=customer_id, defaults={**chosen, "changed_at": at})
    said: dict[str, Any] = {
        name: value.isoformat("minutes") if isinstance(value, time) else value for name, value in chosen.items()
    }
    record_event(events.PREFERENCE_CHANGED, subject=preference, customer_id=customer_id, by=by, at=at, **said)
    return preference


def record_consent(customer_id: int, *, kind: str, source: str, by: Actor, at: datetime) -> Consent:
    """Keep that a customer said yes to a kind of message."""
    return _say(customer_id, kind=kind, granted=True, source=source, by=by, at=at)


def withdraw_consent(customer_id: int, *, kind: str, source: str, by: Actor, at: datetime) -> Consent:
    """Keep that a customer said no; from now on this kind is not sent. Saying no twice is harmless."""
    return _say(customer_id, kind=kind, granted=False, source=source, by=by, at=at)


@transaction.atomic
def _say(customer_id: int, *, kind: str, granted: bool, source: str, by: Actor, at: datetime) -> Consent:
    if not kind.strip() or not source.strip():
        raise InvalidInput("A consent names what it is for and how it was given.")
    said = Consent.objects.create(
        customer_id=customer_id, kind=kind[:40], granted=granted, source=source[:120], recorded_at=at
    )
    record_event(
        events.CONSENT_RECORDED,
        subject=said,
        customer_id=customer_id,
        by=by,
        at=at,
        what=said.kind,
        granted=granted,
        source=said.source,
    )
    return said
