"""Six digits to a contact point already on file: to whom it may go, how often, and how it is compared."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

from django.conf import settings

from ledger.customers.models import ContactPoint
from ledger.errors import DomainError, InvalidInput, NotFound
from notifications.delivery.channels import working_channels
from notifications.delivery.operations import queue_message
from notifications.preferences.queries import find_preference, language_of
from verification import policy
from verification.models import Challenge, Check

KIND_OF_CHANNEL = {"email": ContactPoint.Kind.EMAIL, "sms": ContactPoint.Kind.PHONE}


class TooManyCodes(DomainError):
    """The hour's codes for this customer are used up."""


class ContactTooNew(DomainError):
    """The contact was put on file too recently to prove anything."""


class NoContactToAsk(DomainError):
    """There is no contact on file to which a code could go."""


def refuse_too_many(customer_id: int, *, at: datetime) -> None:
    """Refuse another code when the hour's are used up, however many conversations they were for.

    :raises TooManyCodes: with when to try again
    """
    sent = Challenge.objects.filter(
        identity_check__customer_id=customer_id,
        method=Challenge.Method.ONE_TIME_CODE,
        sent_at__gt=at - timedelta(hours=1),
    ).count()
    if sent >= policy.MOST_CODES_PER_HOUR:
        raise TooManyCodes(f"{policy.MOST_CODES_PER_HOUR} codes went out within the hour. Please try again later.")


def choose_contact(customer_id: int, contact_point_id: int | None, *, at: datetime) -> ContactPoint:
    """Return the contact on file the code goes to: the one named, else the oldest that may move money.

    :raises NotFound: if the one named is not on file for this customer
    :raises ContactTooNew: if it was added less than a week ago
    :raises NoContactToAsk: if there is none we can reach
    """
    on_file = ContactPoint.objects.filter(customer_id=customer_id, removed_at=None).select_related("customer")
    if contact_point_id is not None:
        named = on_file.filter(pk=contact_point_id).first()
        if named is None:
            raise NotFound("This contact is not on file for the customer.")
        refuse_too_new(named, at=at)
        return named
    kinds = [KIND_OF_CHANNEL[channel] for channel in sorted(working_channels())]
    able = [contact for contact in on_file.filter(kind__in=kinds).order_by("pk") if contact.may_move_money]
    if not able:
        raise NoContactToAsk("There is no contact on file to which a code could go. Please call the customer back.")
    old_enough = [contact for contact in able if not is_too_new(contact, at=at)]
    if not old_enough:
        refuse_too_new(able[0], at=at)
    return old_enough[0]


def is_too_new(contact: ContactPoint, *, at: datetime) -> bool:
    """Return whether a contact was added within the last week."""
    return at - contact.added_at < timedelta(days=policy.CONTACT_MUST_BE_DAYS_OLD)


def refuse_too_new(contact: ContactPoint, *, at: datetime) -> None:
    """Refuse a contact that was added within the last week.

    :raises ContactTooNew: always then, with the rule
    """
    if is_too_new(contact, at=at):
        days = policy.CONTACT_MUST_BE_DAYS_OLD
        raise ContactTooNew(f"This contact was added less than {days} days ago and cannot be used to verify yet.")


def send_code(check: Check, contact: ContactPoint, *, at: datetime) -> Challenge:
    """Make a code, keep only its keyed hash, and queue it to the contact as a secret message."""
    code = f"{secrets.randbelow(10**policy.CODE_DIGITS):0{policy.CODE_DIGITS}d}"
    token = secrets.token_urlsafe(32)
    challenge = Challenge.objects.create(
        identity_check=check,
        method=Challenge.Method.ONE_TIME_CODE,
        sent_to=contact.masked,
        token=token,
        answer_hash=hash_of(token, code),
        attempts=guesses_spent(check.customer_id, at=at),
        most_attempts=policy.MOST_GUESSES,
        sent_at=at,
        expires_at=check.expires_at,
    )
    language = language_of(contact.customer, find_preference(contact.customer_id))
    queue_message(
        key=f"code:{challenge.pk}",
        customer_id=check.customer_id,
        template="one_time_code",
        values={
            "code": code,
            "purpose": policy.what_for(check.purpose, language),
            "minutes": str(policy.CODE_MINUTES),
            "link": f"{settings.PUBLIC_URL}/account/verify/{token}",
        },
        about=f"check:{check.pk}",
        conversation=check.conversation,
        contact_point=contact,
        is_secret=True,
        at=at,
    )
    return challenge


def guesses_spent(customer_id: int, *, at: datetime) -> int:
    """Return the wrong guesses a new code starts with: asking for another code does not give new guesses.

    Source: NIST SP 800-63B-4, 3.2.2: a new code shall not reset the count of failures.
    """
    newest = (
        Challenge.objects.filter(
            identity_check__customer_id=customer_id,
            method=Challenge.Method.ONE_TIME_CODE,
            sent_at__gt=at - timedelta(minutes=policy.LOCK_MINUTES),
        )
        .select_related("identity_check")
        .order_by("-pk")
        .first()
    )
    if newest is None or newest.used_at or newest.identity_check.state == Check.State.LOCKED:
        return 0
    return min(newest.attempts, newest.most_attempts - 1)


def clean_code(answer: str) -> str:
    """Return the six digits somebody typed, without spaces and hyphens.

    :raises InvalidInput: if it cannot be a code; that costs no guess
    """
    digits = "".join(each for each in unicodedata.normalize("NFKC", answer) if not each.isspace() and each != "-")
    if len(digits) != policy.CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(f"The code has {policy.CODE_DIGITS} digits.")
    return digits


def hash_of(token: str, code: str) -> str:
    """Return the keyed hash under which a code is kept; the token makes equal codes look different."""
    key = hashlib.sha256(f"one-time-code:{settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, f"{token}:{code}".encode(), hashlib.sha256).hexdigest()


def is_right(challenge: Challenge, code: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(challenge.answer_hash, hash_of(challenge.token, code))
