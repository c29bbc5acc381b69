"""Which channel, address, language and hour for this customer."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from ledger.customers.models import ContactPoint, Customer
from ledger.errors import DomainError
from notifications.preferences.models import Consent, Preference

EMAIL_ONLY: Set[str] = frozenset({"email"})
KIND_OF_CHANNEL = {"email": "email", "sms": "phone"}


class NobodyToReach(DomainError):
    """The customer has no address on file at which we may talk about money."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach a customer now. `not_before` is when their quiet hours end, for what can wait.

    `fell_back` says that they wanted another channel than the one we can use.
    """

    channel: str
    recipient: str
    language: str
    not_before: datetime
    fell_back: bool = False


def how_to_reach(customer: Customer, at: datetime, *, working: Set[str] = EMAIL_ONLY) -> Reach:
    """Return the preferred working channel and the oldest contact on it that may see money and takes our mail.

    :raises NobodyToReach: if no such contact is on file for any working channel
    """
    preference = find_preference(customer.pk)
    wanted = preference.channel if preference else "email"
    if wanted == "sms" and not has_consent(customer.pk, "sms", default=True):
        wanted = "email"
    order = [wanted, *(channel for channel in ("email", "sms") if channel != wanted)]
    may_see_money = [ContactPoint.Right.OWNER, ContactPoint.Right.FINANCE]
    contacts = ContactPoint.objects.filter(customer=customer, removed_at=None, failed_at=None, right__in=may_see_money)
    oldest: dict[str, str] = {}
    for contact in contacts.order_by("id"):
        oldest.setdefault(contact.kind, contact.value)
    for channel in order:
        if channel in working and KIND_OF_CHANNEL[channel] in oldest:
            return Reach(
                channel,
                oldest[KIND_OF_CHANNEL[channel]],
                language_of(customer, preference),
                end_of_quiet(preference, zone_of(customer), at),
                fell_back=channel != wanted,
            )
    raise NobodyToReach("There is no address on file at which we may write to this customer about money.")


def find_preference(customer_id: int) -> Preference | None:
    """Return what the customer chose, or None."""
    return Preference.objects.filter(customer_id=customer_id).first()


def language_of(customer: Customer, preference: Preference | None) -> str:
    """Return the language chosen, else the account's."""
    return (preference.language if preference else "") or customer.language


def has_consent(customer_id: int, kind: str, *, default: bool = False) -> bool:
    """Return the newest answer to a kind of message; `default` where nobody asked."""
    newest = Consent.objects.filter(customer_id=customer_id, kind=kind).order_by("-pk").first()
    return newest.granted if newest else default


def zone_of(customer: Customer) -> ZoneInfo:
    """Return the customer's time zone; an unknown one counts as the desk's."""
    try:
        return ZoneInfo(customer.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def end_of_quiet(preference: Preference | None, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the first moment from `at` on that is outside the customer's quiet hours (which may span midnight)."""
    if preference is None or preference.quiet_from is None or preference.quiet_until is None:
        return at
    local = at.astimezone(zone)
    if not is_quiet(local.time(), preference.quiet_from, preference.quiet_until):
        return at
    end = datetime.combine(local.date(), preference.quiet_until, tzinfo=zone)
    return (
        end if end > local else datetime.combine(local.date() + timedelta(days=1), preference.quiet_until, tzinfo=zone)
    )


def is_quiet(now: time, quiet_from: time, quiet_until: time) -> bool:
    """Return whether a time of day lies in [from, until), also across midnight."""
    if quiet_from <= quiet_until:
        return quiet_from <= now < quiet_until
    return now >= quiet_from or now < quiet_until
