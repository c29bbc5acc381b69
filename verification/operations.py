"""start_check, answer_challenge and the checks made without a code: every write of verification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from ledger.customers.models import ContactPoint
from ledger.customers.operations import OwnAccount, refuse_own_account
from ledger.errors import DomainError, InvalidInput, NotAllowed
from ledger.events.actor import Actor, ActorKind
from verification import events, policy, steps
from verification.methods import account_facts, one_time_code
from verification.methods.one_time_code import ContactTooNew, NoContactToAsk, TooManyCodes
from verification.models import Challenge, Check
from verification.steps import CheckLocked, CheckUnderWay

__all__ = [
    "CheckLocked",
    "CheckUnderWay",
    "CodeNotRight",
    "ContactTooNew",
    "NoContactToAsk",
    "OwnAccount",
    "TooManyCodes",
    "answer_challenge",
    "expire_checks",
    "record_facts_check",
    "record_manual_check",
    "sign_in_check",
    "start_check",
]


class CodeNotRight(DomainError):
    """The code is wrong, used, expired or unknown: the four are never told apart."""


@transaction.atomic
def start_check(
    *, customer_id: int, conversation: str, purpose: str, contact_point_id: int | None = None, by: Actor, at: datetime
) -> Check:
    """Send a one-time code to a contact on file; answered, it proves level 2 in this conversation.

    Starting again replaces the open check of the conversation: the code before it is void. `purpose` is an action of
    policy.NEEDED; the customer reads it in the message.

    :raises OwnAccount: if the agent is this customer
    :raises CheckLocked: within fifteen minutes after too many wrong answers, in whichever conversation
    :raises TooManyCodes: if five codes went out within the hour
    :raises ContactTooNew, NoContactToAsk, NotFound: if the code has nowhere to go
    """
    steps.lock_customer(customer_id)
    refuse_own_account(by, customer_id)
    steps.refuse_locked(customer_id, at=at)
    one_time_code.refuse_too_many(customer_id, at=at)
    contact = one_time_code.choose_contact(customer_id, contact_point_id, at=at)
    lasts = timedelta(minutes=policy.CODE_MINUTES)
    check = steps.open_check(
        customer_id, conversation, purpose, level=policy.POSSESSION, contact=contact, lasts=lasts, by=by, at=at
    )
    challenge = one_time_code.send_code(check, contact, at=at)
    steps.record_check(events.CHECK_STARTED, check, by=by, at=at, method=challenge.method)
    steps.record_check(events.CODE_SENT, check, by=by, at=at, sent_to=challenge.sent_to)
    return check


def answer_challenge(token: str, *, answer: str, by: Actor, at: datetime) -> Check:
    """Judge one guess. It is counted before it is compared, and the count stays whatever comes after.

    :raises InvalidInput: if it is not six digits; that costs no guess
    :raises CodeNotRight: if it is wrong, used, expired, locked or unknown, in the same words
    :raises OwnAccount: if the agent who types it is this customer
    """
    code = one_time_code.clean_code(answer)
    # Durable: were this part of a larger transaction, the refusal below would roll the count back.
    with transaction.atomic(durable=True):
        passed = _judge(token, code, by=by, at=at)
    if passed is None:
        raise CodeNotRight("That code is not right or no longer valid.")
    return passed


def _judge(token: str, code: str, *, by: Actor, at: datetime) -> Check | None:
    """Count, then compare; return the check when it passed."""
    # One statement without joins: of any number at once, PostgreSQL lets at most `most_attempts` through.
    counted = Challenge.objects.filter(
        token=token,
        method=Challenge.Method.ONE_TIME_CODE,
        used_at=None,
        expires_at__gt=at,
        attempts__lt=F("most_attempts"),
    ).update(attempts=F("attempts") + 1)
    if not counted:
        return None
    challenge = Challenge.objects.get(token=token)
    check = Check.objects.select_for_update().get(pk=challenge.identity_check_id)
    refuse_own_account(by, check.customer_id)
    if check.state != Check.State.OPEN:
        return None
    if not one_time_code.is_right(challenge, code):
        steps.count_wrong(check, challenge, by=by, at=at)
        return None
    Challenge.objects.filter(pk=challenge.pk).update(used_at=at)
    return steps.pass_check(check, method=challenge.method, by=by, at=at)


def record_facts_check(
    *, customer_id: int, conversation: str, purpose: str, answers: Mapping[str, str], by: Actor, at: datetime
) -> Check:
    """Compare what a customer said with the ledger; passed proves level 1 and moves no money.

    The state of the returned check says "matches" (passed) or "does not match" (open, locked): nobody is told which
    fact was wrong, nor the right answer. Three failures lock the customer for fifteen minutes.

    :raises InvalidInput: if fewer facts are answered than are needed, or one is not asked here
    :raises OwnAccount, CheckLocked: as start_check
    :raises CheckUnderWay: if a code sent in this conversation waits for its answer
    """
    account_facts.refuse_unusable(answers)
    with transaction.atomic(durable=True):
        steps.lock_customer(customer_id)
        refuse_own_account(by, customer_id)
        steps.refuse_locked(customer_id, at=at)
        check = steps.open_facts_check(customer_id, conversation, purpose, by=by, at=at)
        challenge = check.challenges.get()
        Challenge.objects.filter(pk=challenge.pk).update(attempts=F("attempts") + 1)
        challenge.refresh_from_db()
        if not account_facts.matches(customer_id, answers):
            steps.count_wrong(check, challenge, by=by, at=at)
            return check
        Challenge.objects.filter(pk=challenge.pk).update(used_at=at)
        return steps.pass_check(check, method=challenge.method, by=by, at=at)


@transaction.atomic
def record_manual_check(
    *,
    customer_id: int,
    conversation: str,
    purpose: str,
    level: int,
    reason: str,
    contact_point_id: int | None = None,
    by: Actor,
    at: datetime,
) -> Check:
    """Record a check made by a person: level 1 by what was shown or said, level 3 by calling back the number on file.

    :raises InvalidInput: if the level is neither, or nothing says how the check was made
    :raises NotAllowed: if the doer's role does not include it (a call back needs a supervisor)
    :raises OwnAccount, CheckLocked: as start_check
    :raises NotFound, ContactTooNew: if the number called is not on file, or was added within the week
    """
    if level not in (policy.KNOWLEDGE, policy.STRONG):
        raise InvalidInput("A check by hand is level 1 (knowledge) or level 3 (call back).")
    if len(reason.strip()) < 5:
        raise InvalidInput("Please say how the customer was verified.")
    steps.lock_customer(customer_id)
    refuse_own_account(by, customer_id)
    steps.refuse_locked(customer_id, at=at)
    if by.kind is not ActorKind.AGENT or not policy.may_record(level, by.roles):
        raise NotAllowed("A call back counts only when a supervisor records it." if level > 1 else "Staff only.")
    contact = steps.number_called(customer_id, contact_point_id, at=at) if level == policy.STRONG else None
    return _passed_at_once(
        customer_id, conversation, purpose, level, contact, Challenge.Method.MANUAL, by=by, at=at, reason=reason.strip()
    )


@transaction.atomic
def sign_in_check(customer_id: int, contact_point_id: int, session_reference: str, at: datetime) -> Check:
    """Record that a customer opened a one-time link: level 3 in `portal:<session>`.

    A contact added within the last week proves level 1 only: whoever took an account over cannot move money with it.

    :raises NotFound: if the contact is not on file for this customer
    """
    steps.lock_customer(customer_id)
    contact = steps.contact_on_file(customer_id, contact_point_id)
    level = policy.KNOWLEDGE if one_time_code.is_too_new(contact, at=at) else policy.STRONG
    customer = Actor.customer(customer_id, name=contact.person)
    return _passed_at_once(
        customer_id,
        f"portal:{session_reference}",
        "sign_in",
        level,
        contact,
        Challenge.Method.PORTAL_LINK,
        by=customer,
        at=at,
    )


def expire_checks(*, at: datetime, limit: int = 1000) -> int:
    """Close questions nobody answered and proofs that are used up; return how many. Safe to run at the same time."""
    with transaction.atomic():
        lapsed = Check.objects.filter(state__in=[Check.State.OPEN, Check.State.PASSED], expires_at__lte=at)
        found = list(lapsed.order_by("expires_at").select_for_update(skip_locked=True)[:limit])
        for check in found:
            was_open = check.state == Check.State.OPEN
            check.expire()
            check.save(update_fields=["state"])
            steps.record_check(
                events.CHECK_EXPIRED, check, by=Actor.system("expire_checks"), at=at, unanswered=was_open
            )
    return len(found)


def _passed_at_once(
    customer_id: int,
    conversation: str,
    purpose: str,
    level: int,
    contact: ContactPoint | None,
    method: Challenge.Method,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> Check:
    """Open and pass a check whose answer is known already."""
    lasts = policy.proof_lasts(level)
    check = steps.open_check(
        customer_id, conversation, purpose, level=level, contact=contact, lasts=lasts, by=by, at=at
    )
    steps.add_challenge(check, method, sent_to=contact.masked if contact else "", used_at=at, at=at)
    return steps.pass_check(check, method=method.value, by=by, at=at, reason=reason)
