"""give_adjustment and what becomes of it: approve, decline, cancel, reverse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from ledger.adjustments import giving
from ledger.adjustments.models import Adjustment, AdjustmentReason
from ledger.adjustments.queries import NoSuchAdjustment, possible_again
from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.customers.external_ids import insert_or_find, known_by_external_id
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.numbering import next_number
from ledger.money import Money

ACT = AuthorityLimit.Act.CREDIT
SAME = ("customer_id", "amount_minor", "currency", "reason_id", "line_id")


class GivenTooOften(DomainError):
    """The customer has had as many of these as twelve months allow."""


class AdjustmentNotInState(DomainError):
    """The adjustment is not in a state in which this can be done."""


class AdjustmentIdReused(DomainError):
    """The same external id was used before, for another adjustment."""


@dataclass(frozen=True, slots=True)
class Gift:
    """What is to be given: the reason's code, how much, and why here; a fee waiver names the line of the bill."""

    reason: str
    amount: Money
    why: str
    line_id: int | None = None
    team: str = ""
    problem: str = ""


@transaction.atomic
def give_adjustment(
    customer_id: int, *, gift: Gift, conversation: str = "", external_id: str | None = None, by: Actor, at: datetime
) -> Adjustment:
    """This will give a customer something: at once within the giver's own limit, above it once somebody approves.

    :raises InvalidInput: if there is no such reason, no explanation, or the amount cannot be
    :raises GivenTooOften: if the reason is used up for this customer; the message names the day from which it is not
    :raises BudgetSpent: if the team's month has not so much left
    :raises OwnAccount: if a member of staff gives it to themselves
    """
    # The customer first: gifts to one customer are decided one after the other, so split and repeated ones are seen.
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("There is no such customer.")
    refuse_own_account(by, customer_id)
    adjustment = _new(customer, gift, by=by, at=at)
    adjustment.conversation, adjustment.external_id = conversation, external_id
    if not known_by_external_id(Adjustment, external_id):
        check_not_too_often(adjustment, at=at)
        giving.check(adjustment)
    given = authority.given_lately(ACT, customer_id, gift.amount.currency, by=by, at=at)
    decision = authority.decide(ACT, gift.amount, given=given, by=by)
    known = insert_or_find(adjustment, same=SAME, reused=_reused)
    if known:
        return known
    record(kinds.ADJUSTMENT_REQUESTED, adjustment, by=by, at=at, approval=decision.why)
    subject = f"adjustment:{adjustment.pk}"
    asked: dict[str, Any] = {"act": ACT, "customer_id": customer_id, "amount": gift.amount, "by": by, "at": at}
    if decision.alone and decision.limit:
        authority.record_alone(subject, limit=decision.limit, why=decision.why, **asked)
        return _grant(adjustment, granted_by=decision.limit.reference, by=by, at=at)
    authority.request_approval(subject, why=decision.why, reason=adjustment.why, **asked)
    return adjustment


def _reused(external_id: str) -> DomainError:
    return AdjustmentIdReused(f"{external_id!r} was used before for another adjustment.")


def _new(customer: Customer, gift: Gift, *, by: Actor, at: datetime) -> Adjustment:
    reason = AdjustmentReason.objects.filter(code__iexact=gift.reason.strip(), is_in_use=True).first()
    if reason is None:
        raise InvalidInput(f"There is no reason {gift.reason.strip()!r} to give something for.")
    if not 1 <= len(gift.why.strip()) <= 300:
        raise InvalidInput("Say why it is given, in at most 300 characters.")
    if gift.amount.minor <= 0 or gift.amount.currency != customer.currency:
        raise InvalidInput(f"What is given is above zero and in {customer.currency}.")
    return Adjustment(
        number=next_number("ADJ", customer.local_day(at).year),
        customer=customer,
        reason=reason,
        amount_minor=gift.amount.minor,
        currency=gift.amount.currency,
        line_id=gift.line_id,
        team=gift.team.strip(),
        why=gift.why.strip(),
        problem=gift.problem.strip(),
        requested_by=str(by),
        requested_at=at,
    )


def check_not_too_often(adjustment: Adjustment, *, at: datetime) -> None:
    """Refuse one more than the reason allows one customer in twelve months.

    :raises GivenTooOften: with the day from which it is possible again
    """
    again = possible_again(adjustment.customer, adjustment.reason, at=at, leave_out=adjustment.pk or 0)
    if again:
        raise GivenTooOften(
            f"{adjustment.reason.title} was given within the last year; it is possible again on {again}."
        )


def record(kind: str, adjustment: Adjustment, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to an adjustment, with what customers and integrations are told about it."""
    record_event(
        kind,
        subject=adjustment,
        customer_id=adjustment.customer_id,
        by=by,
        at=at,
        **{
            "number": adjustment.number, "amount_minor": adjustment.amount_minor, "currency": adjustment.currency,
            "what": adjustment.reason.title, "given_as": adjustment.reason.kind, "cause": adjustment.reason.cause,
            "conversation": adjustment.conversation, **more,
        },
    )  # fmt: skip


def _lock(adjustment_id: int, *, by: Actor) -> Adjustment:
    customer_id = Adjustment.objects.filter(pk=adjustment_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchAdjustment("There is no such adjustment.")
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    refuse_own_account(by, customer_id)
    locked = Adjustment.objects.select_for_update(of=("self",)).select_related("customer", "reason")
    return locked.get(pk=adjustment_id)


def _check_move(adjustment: Adjustment, move: object, words: str) -> None:
    if not can_proceed(move):
        raise AdjustmentNotInState(f"{adjustment.number} is {adjustment.state}; it cannot be {words}.")


def _check_approver(adjustment: Adjustment, *, by: Actor) -> None:
    subject = f"adjustment:{adjustment.pk}"
    authority.check_approver(ACT, adjustment.amount, requested_by=adjustment.requested_by, subject=subject, by=by)


@transaction.atomic
def approve_adjustment(adjustment_id: int, *, by: Actor, at: datetime) -> Adjustment:
    """This will give what a colleague asked for; where several must agree, the last of them gives it.

    :raises AdjustmentNotInState: if it no longer waits
    :raises ApproverIsRequester: if the same person asked
    :raises ApprovalLimitExceeded: if it is more than they may give
    """
    adjustment = _lock(adjustment_id, by=by)
    _check_move(adjustment, adjustment.grant, "approved")
    subject, asker = f"adjustment:{adjustment.pk}", adjustment.requested_by
    agreed = authority.agree_to(ACT, subject, amount=adjustment.amount, requested_by=asker, by=by, at=at)
    check_not_too_often(adjustment, at=at)
    if not agreed:
        return adjustment
    return _grant(adjustment, granted_by=str(by), by=by, at=at)


def _grant(adjustment: Adjustment, *, granted_by: str, by: Actor, at: datetime) -> Adjustment:
    giving.spend_budget(adjustment, at=at)
    adjustment.grant(by=granted_by, at=at)
    giving.give(adjustment, by=by, at=at)
    adjustment.save()
    record(kinds.ADJUSTMENT_GRANTED, adjustment, by=by, at=at, approved_by=granted_by)
    return adjustment


@transaction.atomic
def decline_adjustment(adjustment_id: int, *, reason: str, by: Actor, at: datetime) -> Adjustment:
    """This will decline what a colleague asked for, with the reason they read.

    :raises AdjustmentNotInState: if it no longer waits
    """
    adjustment = _lock(adjustment_id, by=by)
    _check_move(adjustment, adjustment.decline, "declined")
    _check_approver(adjustment, by=by)
    adjustment.decline(by=str(by), at=at, reason=_words(reason))
    adjustment.save()
    authority.close_declined(f"adjustment:{adjustment.pk}", reason=adjustment.close_reason, by=by, at=at)
    record(kinds.ADJUSTMENT_DECLINED, adjustment, by=by, at=at, reason=adjustment.close_reason)
    return adjustment


@transaction.atomic
def cancel_adjustment(adjustment_id: int, *, reason: str, by: Actor, at: datetime) -> Adjustment:
    """This will take back a request before anybody decided it.

    :raises AdjustmentNotInState: if it no longer waits
    """
    adjustment = _lock(adjustment_id, by=by)
    _check_move(adjustment, adjustment.cancel, "cancelled")
    adjustment.cancel(by=str(by), at=at, reason=_words(reason))
    adjustment.save()
    authority.close_cancelled(f"adjustment:{adjustment.pk}", by=by, at=at)
    record(kinds.ADJUSTMENT_CANCELLED, adjustment, by=by, at=at, reason=adjustment.close_reason)
    return adjustment


@transaction.atomic
def reverse_adjustment(adjustment_id: int, *, reason: str, by: Actor, at: datetime) -> Adjustment:
    """This will take back what was given by mistake; the customer is told why, and the budget has it again.

    :raises AdjustmentNotInState: if nothing was given
    :raises ApprovalLimitExceeded: if it is more than they may give
    :raises AlreadyUsed: if the customer has used the credit or the discount
    """
    adjustment = _lock(adjustment_id, by=by)
    _check_move(adjustment, adjustment.reverse, "taken back")
    if not authority.decide(ACT, adjustment.amount, given=Money(0, adjustment.currency), by=by).alone:
        raise authority.ApprovalLimitExceeded(f"{adjustment.amount} is more than you may take back.")
    giving.take_back(adjustment, reason=_words(reason), by=by, at=at)
    giving.return_to_budget(adjustment)
    adjustment.reverse(by=str(by), at=at, reason=_words(reason))
    adjustment.save()
    record(kinds.ADJUSTMENT_REVERSED, adjustment, by=by, at=at, reason=adjustment.close_reason)
    return adjustment


def _words(reason: str) -> str:
    if not 1 <= len(reason.strip()) <= 300:
        raise InvalidInput("Say why, in at most 300 characters.")
    return reason.strip()
