"""request_approval and its decisions; nobody approves what they asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from ledger.authority import policy
from ledger.authority.models import Approval, ApprovalRule, ApprovalVote, AuthorityLimit
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money


class ApproverIsRequester(DomainError):
    """The person who asked cannot be the one who approves."""


class ApprovalLimitExceeded(DomainError):
    """The amount is above what the approver's roles may give."""


class ApprovedAlready(DomainError):
    """The same person agreed before; somebody else has to."""


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
    subject: str,
    *,
    act: str,
    customer_id: int | None,
    amount: Money,
    why: str,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Approval:
    """This will put a request on the approval list; one open request per subject. `reason` is what it is asked for.

    How many people have to agree, and of which roles, is settled here by the rules of the day: with what was asked
    for the same customer within the rule's window, so that split requests need as many as one.
    """
    rule = rule_of(act, amount, customer_id=customer_id, at=at)
    return Approval.objects.create(
        subject=subject,
        act=act,
        customer_id=customer_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        needed=rule.approvers,
        roles=sorted(rule.roles),
        why=why,
        reason=reason,
        requested_by=str(by),
        requested_at=at,
    )


def rule_of(act: str, amount: Money, *, customer_id: int | None = None, at: datetime | None = None) -> policy.Rule:
    """Return the rule for an amount, with what else was asked for the customer within the longest window."""
    rows = ApprovalRule.objects.filter(act=act, currency=amount.currency)
    rules = [
        policy.Rule(Money(row.above_minor, row.currency), row.approvers, frozenset(row.roles), row.window_hours)
        for row in rows
    ]
    if not rules or customer_id is None or at is None:
        return policy.rule_for(amount, rules)
    since = at - timedelta(hours=max(rule.window_hours for rule in rules))
    asked = Approval.objects.filter(act=act, customer_id=customer_id, currency=amount.currency, requested_at__gt=since)
    live = asked.filter(state__in=[Approval.State.WAITING, Approval.State.APPROVED])
    before = int(live.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    return policy.rule_for(amount + Money(before, amount.currency), rules)


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


class Limits:
    """The limits in force, each act and currency read once: for a page of requests."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], list[policy.Limit]] = {}

    def of(self, act: str, currency: str) -> list[policy.Limit]:
        """Return the limits for an act in a currency."""
        if (act, currency) not in self._read:
            self._read[act, currency] = limits_for(act, currency)
        return self._read[act, currency]


def why_not_decide(approval: Approval, limits: Limits, *, by: Actor) -> str:
    """Return why somebody may not decide a request, read with its votes; empty when they may."""
    try:
        voted = {vote.voter for vote in approval.votes.all()}
        _check(approval.act, approval.amount, approval.requested_by, voted, approval.roles, limits, by=by)
    except DomainError as refusal:
        return str(refusal)
    return ""


def check_approver(act: str, amount: Money, *, requested_by: str, subject: str = "", by: Actor) -> None:
    """Refuse an approver who asked for it themselves, agreed before, or may not give as much.

    :raises ApproverIsRequester: if the same person asked
    :raises ApprovedAlready: if they agreed to this `subject` before and others are still needed
    :raises ApprovalLimitExceeded: if none of their roles may give the amount
    """
    waiting = Approval.objects.filter(subject=subject, state=Approval.State.WAITING).first() if subject else None
    voted = set(waiting.votes.values_list("voter", flat=True)) if waiting else set()
    _check(act, amount, requested_by, voted, waiting.roles if waiting else [], Limits(), by=by)


def _check(
    act: str, amount: Money, requested_by: str, voted: set[str], roles: list[str], limits: Limits, *, by: Actor
) -> None:
    if requested_by == str(by):
        raise ApproverIsRequester("Somebody else has to approve this: you asked for it.")
    if str(by) in voted:
        raise ApprovedAlready("You have agreed to this already; somebody else has to agree too.")
    if roles:
        if not by.roles & frozenset(roles):
            allowed = " or ".join(role.replace("_", " ") for role in roles)
            raise ApprovalLimitExceeded(f"{amount} has to be approved by: {allowed}.")
        return
    mine = limits.of(act, amount.currency)
    if not policy.decide(amount, given=Money(0, amount.currency), limits=mine, roles=by.roles).alone:
        raise ApprovalLimitExceeded(f"{amount} is more than you may approve.")


def check_decider(act: str, amount: Money, *, requested_by: str, by: Actor) -> None:
    """Refuse who asked for something as the one who undoes it, and whose roles the rule for it does not name.

    :raises ApproverIsRequester: if the same person asked
    :raises ApprovalLimitExceeded: if their roles may not
    """
    if requested_by == str(by):
        raise ApproverIsRequester("Somebody else has to do this: you asked for it in the first place.")
    rule = rule_of(act, amount)
    may = (
        bool(by.roles & rule.roles) if rule.roles else decide(act, amount, given=Money(0, amount.currency), by=by).alone
    )
    if not may:
        raise ApprovalLimitExceeded("This is not part of what your roles may decide.")


def waiting_for(subject: str) -> Approval | None:
    """Return the open request of a subject, locked for this transaction, if there is one."""
    waiting = Approval.objects.filter(subject=subject, state=Approval.State.WAITING)
    return waiting.select_for_update().first()


def agree_to(act: str, subject: str, *, amount: Money, requested_by: str, by: Actor, at: datetime) -> bool:
    """This will count a person's yes to what somebody else asked for, where they may give it; one door for every act.

    :returns: whether nobody else has to agree; if somebody has to, do nothing yet
    :raises ApproverIsRequester, ApprovedAlready, ApprovalLimitExceeded: if it is not theirs to give
    """
    check_approver(act, amount, requested_by=requested_by, subject=subject, by=by)
    return close_approved(subject, by=by, at=at)


def close_approved(subject: str, *, by: Actor, at: datetime) -> bool:
    """This will count a person's yes to the open request of a subject; the last one that is needed approves it.

    :returns: whether nobody else has to agree (so it is where nothing waits); if somebody has to, do nothing yet
    :raises ApprovedAlready: if the same person agreed before
    """
    approval = waiting_for(subject)
    if approval is None:
        return True
    _, is_new = ApprovalVote.objects.get_or_create(approval=approval, voter=str(by), defaults={"voted_at": at})
    if not is_new:
        raise ApprovedAlready("You have agreed to this already; somebody else has to agree too.")
    given = approval.votes.count()
    if given < approval.needed:
        record_event(
            kinds.APPROVAL_VOTED,
            subject=subject,
            customer_id=approval.customer_id,
            by=by,
            at=at,
            given=given,
            needed=approval.needed,
        )
        return False
    approval.approve(by=str(by), at=at)
    approval.save()
    return True


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
