"""Sign-in of customers by one-time link, and who is signed in now.

Customers have no password. Whoever opens a mailbox on file proves that they hold it; that is as strong as what we ask
of them anywhere else, and lasts for one session.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from billing_desk.models import SignInLink
from ledger.customers.acceptance import Acceptance
from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import contact_points, find_by_contact
from ledger.errors import DomainError
from ledger.events.actor import Actor
from notifications.delivery.operations import queue_message
from notifications.preferences.models import Preference
from notifications.preferences.queries import language_of
from verification.operations import sign_in_check

LINK_MINUTES = 15
#: How many links one address gets in an hour, so that nobody's mailbox is flooded through our form.
MOST_LINKS_AN_HOUR = 5
#: A portal session ends after this long, used or not.
SESSION_HOURS = 8
#: Keys in Django's session: who is signed in, which address was just proved, where they wanted to go.
SIGNED_IN, PROVED, WANTED = "portal", "portal_proved", "portal_wanted"


class LinkNotValid(DomainError):
    """The sign-in link was used already, is too old, or never existed: the three are not told apart."""


@dataclass(frozen=True)
class SignedIn:
    """A customer's contact who is signed in to the portal, and the language they read."""

    customer: Customer
    contact: ContactPoint
    reference: str
    language: str = "en"

    @property
    def may_see_money(self) -> bool:
        """Whether bills, balances and plans are theirs to see; contacts with the right `user` only ask and read."""
        return self.contact.may_move_money

    @property
    def conversation(self) -> str:
        """What the proof of this session is bound to."""
        return f"portal:{self.reference}"

    @property
    def name(self) -> str:
        """Whom we greet."""
        return self.contact.person or self.customer.name

    @property
    def today(self) -> date:
        """The day it is where the customer lives."""
        return self.customer.local_day(timezone.now())

    @property
    def actor(self) -> Actor:
        """The doer of what is done in this session."""
        return Actor.customer(self.customer.pk, name=self.name)


def digest(token: str) -> str:
    """Return what is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def accounts_of(address: str) -> list[ContactPoint]:
    """Return the live contacts with this address, of customers that are still open."""
    return [contact for contact in find_by_contact("email", address) if contact.customer.closed_at is None]


def send_link(address: str, *, at: datetime) -> None:
    """Send a one-time link to an address on file.

    Does nothing for an unknown address or one that got enough links this hour: the page says the same in every case,
    so that nobody learns who our customers are.
    """
    accounts = accounts_of(address)
    if not accounts:
        return
    contact = accounts[0]
    recent = SignInLink.objects.filter(contact_point_id=contact.pk, sent_at__gt=at - timedelta(hours=1))
    if recent.count() >= MOST_LINKS_AN_HOUR:
        return
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = SignInLink.objects.create(
            contact_point_id=contact.pk,
            customer_id=contact.customer_id,
            hash=digest(token),
            sent_at=at,
            expires_at=at + timedelta(minutes=LINK_MINUTES),
        )
        queue_message(
            key=f"sign_in_link:{link.pk}",
            customer_id=contact.customer_id,
            template="sign_in_link",
            values={
                "link": settings.PUBLIC_URL + reverse("portal:confirm", args=[token]),
                "minutes": str(LINK_MINUTES),
            },
            contact_point=contact,
            is_secret=True,
            at=at,
        )


def is_usable(token: str, *, at: datetime) -> bool:
    """Return whether a link would sign somebody in now; looking at it does not use it up."""
    return SignInLink.objects.filter(hash=digest(token), used_at=None, expires_at__gt=at).exists()


def use_link(token: str, *, at: datetime) -> list[ContactPoint]:
    """Use a link up and return the accounts its address may enter, at least one.

    :raises LinkNotValid: if it was used already, is too old or unknown, or its contact is no longer on file
    """
    refusal = LinkNotValid("This link was used already or is too old. Please ask for a new one.")
    used = SignInLink.objects.filter(hash=digest(token), used_at=None, expires_at__gt=at).update(used_at=at)
    if not used:
        raise refusal
    link = SignInLink.objects.get(hash=digest(token))
    contact = _live_contact(link.customer_id, link.contact_point_id)
    if contact is None:
        raise refusal
    return accounts_of(contact.value)


def remember_proved(request: HttpRequest, address: str, *, at: datetime) -> None:
    """Keep for a few minutes that this browser's user holds the address, while they choose an account."""
    request.session.cycle_key()
    request.session[PROVED] = {"address": address, "until": (at + timedelta(minutes=LINK_MINUTES)).isoformat()}


def proved_accounts(request: HttpRequest, *, at: datetime) -> list[ContactPoint]:
    """Return the accounts that may be entered now: of the address just proved, or of whoever is signed in."""
    proved = request.session.get(PROVED)
    if proved and at < datetime.fromisoformat(proved["until"]):
        return accounts_of(proved["address"])
    who = current(request, at=at)
    return accounts_of(who.contact.value) if who else []


def enter(request: HttpRequest, contact: ContactPoint, *, at: datetime) -> None:
    """Sign a contact in under a new session key, and record the proof that the sign-in is."""
    reference = secrets.token_hex(12)
    sign_in_check(customer_id=contact.customer_id, contact_point_id=contact.pk, session_reference=reference, at=at)
    request.session.pop(PROVED, None)
    request.session.cycle_key()
    request.session[SIGNED_IN] = {
        "contact_point_id": contact.pk,
        "customer_id": contact.customer_id,
        "reference": reference,
        "since": at.isoformat(),
    }


def current(request: HttpRequest, *, at: datetime) -> SignedIn | None:
    """Return who is signed in; nobody once the session is too old or the contact is no longer on file."""
    kept: dict[str, Any] | None = request.session.get(SIGNED_IN)
    if not kept or at >= datetime.fromisoformat(kept["since"]) + timedelta(hours=SESSION_HOURS):
        return None
    contact = _live_contact(kept["customer_id"], kept["contact_point_id"])
    if contact is None or contact.customer.closed_at is not None:
        return None
    return SignedIn(contact.customer, contact, kept["reference"], _language_of(contact.customer))


def leave(request: HttpRequest) -> None:
    """Sign out; a member of staff signed in with the same browser stays so, under a new session key."""
    for key in (SIGNED_IN, PROVED, WANTED):
        request.session.pop(key, None)
    if request.user.is_authenticated:
        request.session.cycle_key()
    else:
        request.session.flush()


def _language_of(customer: Customer) -> str:
    """Return the language we write to a customer in; their pages are in the same."""
    return language_of(customer, Preference.objects.filter(customer=customer).first())


def _live_contact(customer_id: int, contact_point_id: int) -> ContactPoint | None:
    found = (contact for contact in contact_points(customer_id) if contact.pk == contact_point_id)
    return next(found, None)


def accepted_here(request: HttpRequest, who: SignedIn) -> Acceptance:
    """Return the yes that a page sends, with who gave it and from where."""
    return Acceptance(
        wording_hash=request.POST.get("wording_hash", ""),
        accepted_by=who.name,
        contact_point_id=who.contact.pk,
        ip_address=request.META.get("REMOTE_ADDR") or None,
        user_agent=request.headers.get("User-Agent", ""),
    )
