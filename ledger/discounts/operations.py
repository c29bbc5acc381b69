"""grant_discount and what becomes of it: approve, decline, end (using.py counts what it is used for)."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django_fsm import can_proceed

from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.authority.policy import Decision
from ledger.customers.external_ids import insert_or_find
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer
from ledger.discounts import policy
from ledger.discounts.models import DiscountGrant
from ledger.discounts.queries import NoSuchDiscount, usual_bill
from ledger.discounts.rules import InvalidDiscount
from ledger.discounts.terms import DiscountTerms, check_terms
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money

ACT = AuthorityLimit.Act.DISCOUNT
SAME = ("customer_id", "name", "percent", "amount_minor", "currency", "targets", "duration")


class DiscountWorthUnknown(InvalidInput):
    """A percentage is to be given to a customer without bills, so nobody can say what it gives away."""


class DiscountIdReused(DomainError):
    """The same external id was used before, for another discount."""


class DiscountNotInState(DomainError):
    """The discount is not in a state in which this can be done."""


@transaction.atomic
def grant_discount(
    customer_id: int,
    *,
    terms: DiscountTerms,
    reason: str,
    source: str = "",
    conversation: str = "",
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> DiscountGrant:
    """This will give a customer a discount: at once within the giver's own limit, above it once somebody approves.

    A repeated `external_id` returns the first one.

    :raises InvalidDiscount: if its terms cannot be
    :raises DiscountWorthUnknown: if it is a percentage of bills nobody knows
    :raises OwnAccount: if a member of staff gives it to themselves
    """
    # The customer first: gifts to one customer are decided one after the other, so split ones are seen.
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("There is no such customer.")
    refuse_own_account(by, customer_id)
    check_terms(terms, customer)
    worth = _worth(terms, customer, at=at)
    decision = authority.decide(ACT, worth, given=_given_lately(customer, by=by, at=at), by=by)
    grant = _new(customer, terms, worth=worth, by=by, at=at)
    grant.reason, grant.source = _words(reason, most=300), source
    grant.conversation, grant.external_id = conversation, external_id
    known = insert_or_find(grant, same=SAME, reused=_reused)
    if known:
        return known
    record(kinds.DISCOUNT_REQUESTED, grant, by=by, at=at, reason=grant.reason, approval=decision.why)
    return _decide(grant, decision, by=by, at=at)


def may_grant(customer_id: int, *, terms: DiscountTerms, by: Actor, at: datetime) -> Decision:
    """Return whether a discount could be given alone now, by the same rules as `grant_discount`; nothing is written.

    :raises InvalidDiscount, DiscountWorthUnknown: as `grant_discount`
    """
    customer = Customer.objects.get(pk=customer_id)
    check_terms(terms, customer)
    return authority.decide(ACT, _worth(terms, customer, at=at), given=_given_lately(customer, by=by, at=at), by=by)


def _decide(grant: DiscountGrant, decision: Decision, *, by: Actor, at: datetime) -> DiscountGrant:
    if decision.alone and decision.limit:
        return _approve(grant, approved_by=decision.limit.reference, by=by, at=at)
    authority.request_approval(
        f"discountgrant:{grant.pk}",
        act=ACT,
        customer_id=grant.customer_id,
        amount=grant.worth,
        why=decision.why,
        by=by,
        at=at,
    )
    return grant


def _reused(external_id: str) -> DomainError:
    return DiscountIdReused(f"{external_id!r} was used before for another discount.")


def _worth(terms: DiscountTerms, customer: Customer, *, at: datetime) -> Money:
    known = [usual_bill(customer.pk, customer.currency, on=customer.local_day(at)), terms.expected_bill]
    usual = max((bill for bill in known if bill), key=lambda bill: bill.minor, default=None)
    worth = policy.worth(
        percent=None if terms.percent is None else Fraction(terms.percent),
        amount=terms.amount,
        duration=terms.duration,
        periods=terms.periods,
        usual=usual,
    )
    if worth is None:
        raise DiscountWorthUnknown("This customer has no bill yet; say what one bill is expected to come to.")
    return worth


def _given_lately(customer: Customer, *, by: Actor, at: datetime) -> Money:
    """Return what was given to this customer within the window and nobody else has approved."""
    since = at - timedelta(hours=authority.longest_window(ACT, customer.currency, by.roles))
    recent = DiscountGrant.objects.filter(customer_id=customer.pk, currency=customer.currency, requested_at__gt=since)
    alone = Q(state=DiscountGrant.State.REQUESTED) | Q(approved_by__startswith="authority:")
    given = recent.filter(alone).aggregate(sum=Sum("worth_minor"))["sum"]
    return Money(int(given or 0), customer.currency)


def _new(customer: Customer, terms: DiscountTerms, *, worth: Money, by: Actor, at: datetime) -> DiscountGrant:
    today = customer.local_day(at)
    amount = terms.amount.minor if terms.amount else None
    first = terms.valid_from or today
    if terms.valid_until and terms.valid_until <= first:
        raise InvalidDiscount("A discount ends after it begins.")
    return DiscountGrant(
        customer_id=customer.pk,
        name=terms.name.strip(),
        percent=terms.percent,
        amount_minor=amount,
        currency=customer.currency,
        targets=sorted(set(terms.targets)),
        priority=terms.priority,
        stacks_on_original=terms.stacks_on_original,
        duration=terms.duration,
        periods_left=terms.periods,
        left_minor=amount if terms.duration == DiscountGrant.Duration.UNTIL_USED_UP else None,
        valid_from=first,
        valid_until=terms.valid_until,
        worth_minor=worth.minor,
        granted_on=today,
        requested_by=str(by),
        requested_at=at,
    )


def record(kind: str, grant: DiscountGrant, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a discount; its worth stands for it where an amount is told."""
    record_event(
        kind,
        subject=grant,
        customer_id=grant.customer_id,
        by=by,
        at=at,
        **{
            "number": grant.name, "amount_minor": grant.worth_minor, "currency": grant.currency,
            "conversation": grant.conversation, **more,
        },
    )  # fmt: skip


def lock_grant(grant_id: int) -> DiscountGrant:
    """Lock a discount for this transaction.

    :raises NoSuchDiscount: if there is none
    """
    grant = DiscountGrant.objects.select_for_update(of=("self",)).filter(pk=grant_id).first()
    if grant is None:
        raise NoSuchDiscount("There is no such discount.")
    return grant


def check_move(grant: DiscountGrant, move: object, words: str) -> None:
    """Refuse a move the diagram does not have.

    :raises DiscountNotInState: if it is not possible now
    """
    if not can_proceed(move):
        raise DiscountNotInState(f"{grant} is {grant.get_state_display().lower()}; it cannot be {words}.")


@transaction.atomic
def approve_grant(grant_id: int, *, by: Actor, at: datetime) -> DiscountGrant:
    """This will approve a discount that was above its giver's limit: the next bill takes it off.

    :raises DiscountNotInState: if it no longer waits for approval
    :raises ApproverIsRequester: if the same person asked for it
    :raises ApprovalLimitExceeded: if it is worth more than their roles may give
    :raises OwnAccount: if it is the approver's own customer account
    """
    grant = lock_grant(grant_id)
    refuse_own_account(by, grant.customer_id)
    check_move(grant, grant.approve, "approved")
    subject = f"discountgrant:{grant.pk}"
    if not authority.agree_to(ACT, subject, amount=grant.worth, requested_by=grant.requested_by, by=by, at=at):
        return grant
    return _approve(grant, approved_by=str(by), by=by, at=at)


def _approve(grant: DiscountGrant, *, approved_by: str, by: Actor, at: datetime) -> DiscountGrant:
    grant.approve(by=approved_by, at=at)
    grant.save()
    record(kinds.DISCOUNT_GRANTED, grant, by=by, at=at, reason=grant.reason, approved_by=approved_by)
    return grant


@transaction.atomic
def decline_grant(grant_id: int, *, reason: str, by: Actor, at: datetime) -> DiscountGrant:
    """This will decline a requested discount, with the reason for who asked.

    :raises DiscountNotInState: if it no longer waits for approval
    """
    grant = lock_grant(grant_id)
    refuse_own_account(by, grant.customer_id)
    check_move(grant, grant.decline, "declined")
    authority.check_approver(ACT, grant.worth, requested_by=grant.requested_by, by=by)
    grant.decline(by=str(by), at=at, reason=_words(reason))
    grant.save()
    authority.close_declined(f"discountgrant:{grant.pk}", reason=grant.close_reason, by=by, at=at)
    record(kinds.DISCOUNT_DECLINED, grant, by=by, at=at, reason=grant.close_reason)
    return grant


@transaction.atomic
def end_grant(grant_id: int, *, reason: str, by: Actor, at: datetime) -> DiscountGrant:
    """This will end a discount before its time, or take back the request for it; bills issued already keep it.

    :raises DiscountNotInState: if it is over already
    """
    grant = lock_grant(grant_id)
    refuse_own_account(by, grant.customer_id)
    check_move(grant, grant.end, "ended")
    grant.end(by=str(by), at=at, reason=_words(reason))
    grant.save()
    authority.close_cancelled(f"discountgrant:{grant.pk}", by=by, at=at)
    record(kinds.DISCOUNT_ENDED, grant, by=by, at=at, reason=grant.close_reason)
    return grant


def _words(reason: str, *, most: int = 500) -> str:
    if not 1 <= len(reason.strip()) <= most:
        raise InvalidInput(f"Say why, in at most {most} characters.")
    return reason.strip()
