"""request_approval and its decisions; nobody approves what they asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from ledger.authority import policy
from ledger.authority.models import Approval, AuthorityLimit
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.money import Money


class ApproverIsRequester(DomainError):
    """The person who asked cannot be the one who approves."""


class ApprovalLimitExceeded(DomainError):
    """The amount is above what the approver's roles may give."""


def limits_for(act: str, currency: str) -> list[policy.Limit]:
    """Return the limits in force for an act in a currency."""
    rows = AuthorityLimit.objects.filter(act=act, currency=currency)
    return [policy.Limit(f"authority:{row.pk}", row.role, row.amount, row.window_hours) for row in rows]


def longest_window(act: str, currency: str, roles: Iterable[str]) -> int:
    """Return the longest window, in hours, of the roles' limits; 24 when there is none."""
    held = frozenset(roles)
    return max((limit.window_hours for limit in limits_for(act, currency) if limit.role in held), default=24)


def decide(act: str, amount: Money, *, given: Money, by: Actor) -> policy.Decision:
    """Return whether `by` may give an amount alone, with what was given already."""
    return policy.decide(amount, given=given, limits=limits_for(act, amount.currency), roles=by.roles)


def request_approval(
    subject: str, *, act: str, customer_id: int, amount: Money, why: str, reason: str = "", by: Actor, at: datetime
) -> Approval:
    """This will put a request on the approval list; one open request per subject. `reason` is what it is asked for."""
    return Approval.objects.create(
        subject=subject,
        act=act,
        customer_id=customer_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        why=why,
        reason=reason,
        requested_by=str(by),
        requested_at=at,
    )


def record_alone(
    subject: str, *, act: str, customer_id: int, amount: Money, limit: policy.Limit, why: str, by: Actor, at: datetime
) -> Approval:
    """This will keep what somebody gave within their own limit, so that the next gift is added to it."""
    approval = request_approval(subject, act=act, customer_id=customer_id, amount=amount, why=why, by=by, at=at)
    approval.approve(by=limit.reference, at=at)
    approval.save()
    return approval


def given_lately(act: str, customer_id: int, currency: str, *, by: Actor, at: datetime) -> Money:
    """Return what was given to a customer within the window, or waits, without a second person's word."""
    since = at - timedelta(hours=longest_window(act, currency, by.roles))
    alone = Q(state=Approval.State.WAITING) | Q(state=Approval.State.APPROVED, decided_by__startswith="authority:")
    recent = Approval.objects.filter(alone, act=act, customer_id=customer_id, currency=currency, requested_at__gt=since)
    return Money(int(recent.aggregate(sum=Sum("amount_minor"))["sum"] or 0), currency)


def check_approver(act: str, amount: Money, *, requested_by: str, by: Actor) -> None:
    """Refuse an approver who asked for it themselves, or whose limit is below the amount.

    :raises ApproverIsRequester: if the same person asked
    :raises ApprovalLimitExceeded: if none of their roles may give the amount
    """
    if requested_by == str(by):
        raise ApproverIsRequester("Somebody else has to approve this: you asked for it.")
    if not decide(act, amount, given=Money(0, amount.currency), by=by).alone:
        raise ApprovalLimitExceeded(f"{amount} is more than you may approve.")


def waiting_for(subject: str) -> Approval | None:
    """Return the open request of a subject, locked for this transaction, if there is one."""
    waiting = Approval.objects.filter(subject=subject, state=Approval.State.WAITING)
    return waiting.select_for_update().first()


def close_approved(subject: str, *, by: Actor, at: datetime) -> None:
    """Close the open request of a subject as approved, if there is one."""
    approval = waiting_for(subject)
    if approval:
        approval.approve(by=str(by), at=at)
        approval.save()


def close_declined(subject: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Close the open request of a subject as declined, if there is one."""
    approval = waiting_for(subject)
    if approval:
        approval.decline(by=str(by), at=at, reason=reason)
        approval.save()


def close_cancelled(subject: str, *, by: Actor, at: datetime) -> None:
    """Close the open request of a subject as taken back, if there is one."""
    approval = waiting_for(subject)
    if approval:
        approval.cancel(by=str(by), at=at)
        approval.save()
