"""propose_amendment: the next version of an agreement, before anybody decided (deciding.py, offering.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from ledger.agreements.costing import giveaway
from ledger.agreements.models import Agreement
from ledger.agreements.moving import reason_in_words, record
from ledger.agreements.queries import OPEN, last_accepted
from ledger.agreements.terms import LONGEST_TERM_MONTHS, InvalidTerms, Proposal, Terms, check_proposal, earliest_start
from ledger.agreements.wording import words_for
from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.authority.policy import Decision
from ledger.catalogue.models import Product
from ledger.catalogue.queries import why_not_sold
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.periods import Interval, add_months
from ledger.subscriptions.agreed import term_end
from ledger.subscriptions.facts import sold
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.planning import PlanNotOnSale, SubscriptionNotInState
from ledger.subscriptions.rating import Facts
from ledger.subscriptions.reckoning import Case
from ledger.subscriptions.telling import lock_subscription

ACT = AuthorityLimit.Act.AGREEMENT
RUNNING = (Subscription.State.TRIAL, Subscription.State.ACTIVE, Subscription.State.PAST_DUE)


class AmendmentIsOpen(DomainError):
    """Another amendment of the subscription is not decided yet."""


class StartsTooEarly(DomainError):
    """The day the terms are to begin on is billed already, or over."""


class PlanDoesNotFit(DomainError):
    """The plan is billed in another interval; it is changed without an agreement."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a version will say, and what it is decided by."""

    case: Case
    plan: Product
    old: Agreement | None
    terms: Terms
    earliest_on: date
    worth: Money


@transaction.atomic
def propose_amendment(
    subscription_id: int, *, proposal: Proposal, reason: str, conversation: str = "", by: Actor, at: datetime
) -> Agreement:
    """This will write the next version of an agreement: ready to be offered within the proposer's own authority,
    waiting for somebody else's approval beyond it. Nothing is billed by it until the customer accepts.

    Its first day is the first billing day from `starts_on` on, or from when other terms can be had by right.

    :raises InvalidTerms: if an agreement cannot say this
    :raises AmendmentIsOpen: if one is not decided yet
    :raises StartsTooEarly: if its first day is billed already
    """
    # The customer first: gifts to one customer are decided one after the other, so split ones are seen.
    Customer.objects.select_for_update(no_key=True).filter(subscriptions=subscription_id).first()
    subscription = lock_subscription(subscription_id)
    refuse_own_account(by, subscription.customer_id)
    _check(subscription, proposal)
    draft = _draft(subscription, proposal, at=at)
    given = authority.given_lately(ACT, subscription.customer_id, subscription.currency, by=by, at=at)
    decision = authority.decide(ACT, draft.worth, given=given, by=by)
    agreement = _new(draft, subscription, decision, by=by, at=at)
    agreement.reason, agreement.conversation = reason_in_words(reason, most=300), conversation
    agreement.save(force_insert=True)
    _ask_or_keep(agreement, decision, by=by, at=at)
    record(kinds.AGREEMENT_PROPOSED, agreement, by=by, at=at, reason=agreement.reason, approval=decision.why)
    return agreement


def _check(subscription: Subscription, proposal: Proposal) -> None:
    check_proposal(proposal, subscription.currency)
    if subscription.state not in RUNNING:
        state = subscription.get_state_display().lower()
        raise SubscriptionNotInState(f"This subscription is {state}; nothing can be agreed on for it.")
    waiting = Agreement.objects.filter(subscription=subscription, state__in=OPEN).first()
    if waiting is not None:
        state = waiting.get_state_display().lower()
        raise AmendmentIsOpen(f"Version {waiting.version} is {state}; decide that one first, or take it back.")


def _draft(subscription: Subscription, proposal: Proposal, *, at: datetime) -> _Draft:
    case, old = Case(subscription, at=at), last_accepted(subscription.pk)
    plan = _plan(case, proposal.plan)
    standing = old.terms if old is not None and _stands(old, case.today) else None
    earliest = first_billing_day(case.facts, earliest_start(standing, case.today))
    starts_on = earliest
    if proposal.starts_on is not None:
        if proposal.starts_on < case.today:
            raise StartsTooEarly(f"{proposal.starts_on} is over; the earliest possible day is {case.facts.renews_on}.")
        if proposal.starts_on > add_months(case.today, LONGEST_TERM_MONTHS):
            raise InvalidTerms(f"An agreement begins within {LONGEST_TERM_MONTHS} months.")
        starts_on = first_billing_day(case.facts, proposal.starts_on)
    terms = Terms(
        plan=plan.code,
        plan_name=plan.name,
        starts_on=starts_on,
        price=proposal.price,
        percent=proposal.percent,
        ends_on=add_months(starts_on, proposal.term_months) if proposal.term_months else None,
        renews_months=proposal.renews_months,
        notice_days=proposal.notice_days,
    )
    return _Draft(case, plan, old, terms, earliest, giveaway(case, plan, standing, terms))


def _stands(agreement: Agreement, today: date) -> bool:
    end = term_end(agreement.terms, today)
    return end is None or end > today


def first_billing_day(facts: Facts, day: date) -> date:
    """Return the first billing day from a day on that is not billed yet."""
    found = facts.renews_on
    while found < day:
        found = facts.series.containing(found).end
    return found


def _plan(case: Case, code: str) -> Product:
    running = case.subscription.plan
    if code in ("", running.code):
        return Product.objects.get(pk=running.pk)
    plan = Product.objects.filter(code=code, kind=Product.Kind.PLAN).first()
    if plan is None:
        raise PlanNotOnSale(f"There is no plan {code!r}.")
    why = why_not_sold(plan, case.facts.currency, on=case.today)
    if why is not None:
        raise PlanNotOnSale(why)
    interval: Interval = case.facts.plan.product.interval
    if sold(plan).interval != interval:
        raise PlanDoesNotFit(f"{plan.name} is not billed in the interval of {running.name}.")
    return plan


def _new(draft: _Draft, subscription: Subscription, decision: Decision, *, by: Actor, at: datetime) -> Agreement:
    terms, customer = draft.terms, subscription.customer
    last = Agreement.objects.filter(subscription=subscription).aggregate(last=Max("version"))["last"] or 0
    words = words_for(
        terms,
        customer=customer.name,
        number=subscription.pk,
        version=last + 1,
        before=draft.old.version if draft.old else None,
        language=customer.language,
    )
    limit = decision.limit if decision.alone else None
    return Agreement(
        state=Agreement.State.PROPOSED if limit else Agreement.State.WAITING_APPROVAL,
        approved_by=limit.reference if limit else "",
        approved_at=at if limit else None,
        customer=customer,
        subscription=subscription,
        version=last + 1,
        replaces=draft.old,
        plan=draft.plan,
        currency=subscription.currency,
        price_minor=terms.price.minor if terms.price is not None else None,
        percent=terms.percent,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        renews_months=terms.renews_months,
        notice_days=terms.notice_days,
        earliest_on=draft.earliest_on,
        language=words.language,
        wording=words.text,
        wording_hash=words.hash,
        worth_minor=draft.worth.minor,
        requested_by=str(by),
        requested_at=at,
    )


def _ask_or_keep(agreement: Agreement, decision: Decision, *, by: Actor, at: datetime) -> None:
    """Put it on the approval list, or keep that it was given within the proposer's own limit."""
    subject = f"agreement:{agreement.pk}"
    about: dict[str, Any] = {
        "act": ACT, "customer_id": agreement.customer_id, "amount": agreement.worth, "why": decision.why,
    }  # fmt: skip
    if decision.alone and decision.limit:
        authority.record_alone(subject, limit=decision.limit, by=by, at=at, **about)
    else:
        authority.request_approval(subject, by=by, at=at, **about)
