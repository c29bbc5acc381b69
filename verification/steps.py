"""The steps every check is made of: lock the customer, open, count a wrong answer, pass. Used by operations.py only."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from ledger.customers.models import ContactPoint, Customer
from ledger.errors import DomainError, NotFound
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from verification import events, policy
from verification.methods import one_time_code
from verification.models import Challenge, Check


class CheckLocked(DomainError):
    """Too many wrong answers: nobody can be verified for this customer for a while."""


class CheckUnderWay(DomainError):
    """Another question to the customer is open in this conversation."""


def lock_customer(customer_id: int) -> Customer:
    """Make checks of one customer wait for each other; nothing else waits for them.

    :raises NotFound: if there is no such customer
    """
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


def refuse_locked(customer_id: int, *, at: datetime) -> None:
    """Refuse any check of a customer for a while after too many wrong answers, in whichever conversation.

    :raises CheckLocked: in words that do not say why
    """
    if Check.objects.filter(customer_id=customer_id, state=Check.State.LOCKED, expires_at__gt=at).exists():
        raise CheckLocked(
            "We cannot verify anybody for this account right now. Please try again in a quarter of an hour."
        )


def open_check(
    customer_id: int,
    conversation: str,
    purpose: str,
    *,
    level: int,
    contact: ContactPoint | None,
    lasts: timedelta,
    by: Actor,
    at: datetime,
) -> Check:
    """Close the open check of the conversation, if there is one, and open a new one."""
    before = Check.objects.select_for_update().filter(
        customer_id=customer_id, conversation=conversation, state=Check.State.OPEN
    )
    for check in before:
        check.expire()
        check.save(update_fields=["state"])
        record_check(events.CHECK_EXPIRED, check, by=by, at=at, unanswered=True)
    return Check.objects.create(
        customer_id=customer_id,
        contact_point=contact,
        conversation=conversation,
        purpose=purpose[:40],
        level=level,
        started_by=str(by),
        started_at=at,
        expires_at=at + lasts,
    )


def open_facts_check(customer_id: int, conversation: str, purpose: str, *, by: Actor, at: datetime) -> Check:
    """Return the conversation's open question for facts, so that failures add up; a new one where there is none.

    :raises CheckUnderWay: if a code sent in this conversation waits for its answer
    """
    found = Check.objects.select_for_update().filter(
        customer_id=customer_id, conversation=conversation, state=Check.State.OPEN, expires_at__gt=at
    )
    check = found.first()
    if check and check.level != policy.KNOWLEDGE:
        raise CheckUnderWay("A code is on its way to the customer; please ask for that instead.")
    if check:
        return check
    lasts = timedelta(minutes=policy.LOCK_MINUTES)
    check = open_check(
        customer_id, conversation, purpose, level=policy.KNOWLEDGE, contact=None, lasts=lasts, by=by, at=at
    )
    add_challenge(check, Challenge.Method.ACCOUNT_FACTS, at=at)
    record_check(events.CHECK_STARTED, check, by=by, at=at, method=Challenge.Method.ACCOUNT_FACTS.value)
    return check


def add_challenge(
    check: Check, method: Challenge.Method, *, sent_to: str = "", used_at: datetime | None = None, at: datetime
) -> Challenge:
    """Write down what was asked without sending anything."""
    return Challenge.objects.create(
        identity_check=check,
        method=method,
        sent_to=sent_to,
        token=secrets.token_urlsafe(32),
        most_attempts=policy.MOST_GUESSES,
        sent_at=at,
        expires_at=check.expires_at,
        used_at=used_at,
    )


def count_wrong(check: Check, challenge: Challenge, *, by: Actor, at: datetime) -> None:
    """Record a wrong answer that was counted already; the last one locks."""
    left = challenge.most_attempts - challenge.attempts
    record_check(events.ANSWER_WRONG, check, by=by, at=at, method=challenge.method, guesses_left=left)
    if left > 0:
        return
    check.lock(until=at + timedelta(minutes=policy.LOCK_MINUTES))
    check.save(update_fields=["state", "expires_at"])
    record_check(events.CHECK_LOCKED, check, by=by, at=at, method=challenge.method)


def pass_check(check: Check, *, method: str, by: Actor, at: datetime, reason: str = "") -> Check:
    """Mark a check passed; from now on, and for as long as its level holds, it is a proof."""
    check.passes(at=at, expires_at=at + policy.proof_lasts(check.level))
    check.save(update_fields=["state", "passed_at", "expires_at"])
    said = {"reason": reason} if reason else {}
    record_check(events.IDENTITY_VERIFIED, check, by=by, at=at, method=method, **said)
    return check


def contact_on_file(customer_id: int, contact_point_id: int | None) -> ContactPoint:
    """Return a live contact of this customer.

    :raises NotFound: if it is not on file, or is another customer's
    """
    found = ContactPoint.objects.filter(customer_id=customer_id, removed_at=None, pk=contact_point_id or 0).first()
    if found is None:
        raise NotFound("This contact is not on file for the customer.")
    return found


def number_called(customer_id: int, contact_point_id: int | None, *, at: datetime) -> ContactPoint:
    """Return the number on file that was called back.

    :raises NotFound: if it is not a number on file
    :raises ContactTooNew: if it was added within the week
    """
    contact = contact_on_file(customer_id, contact_point_id)
    if contact.kind != ContactPoint.Kind.PHONE:
        raise NotFound("A call back goes to a phone number on file.")
    one_time_code.refuse_too_new(contact, at=at)
    return contact


def record_check(kind: str, check: Check, *, by: Actor, at: datetime, **said: Any) -> None:
    """Record an event of a check; never the code, nor an answer."""
    record_event(
        kind,
        subject=check,
        customer_id=check.customer_id,
        by=by,
        at=at,
        conversation=check.conversation,
        purpose=check.purpose,
        level=check.level,
        **said,
    )
