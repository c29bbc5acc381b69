"""What a wanted change means for one subscription: may it be made, from which day, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from ledger.catalogue.models import Product
from ledger.catalogue.tariff import exact_price
from ledger.errors import DomainError
from ledger.subscriptions import terms
from ledger.subscriptions.facts import sold
from ledger.subscriptions.held import free_on
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.rating import Facts, Rated, Sold, price_in_force
from ledger.subscriptions.reckoning import (
    Case,
    Reckoning,
    caught_up,
    cut_lines,
    first_new_day,
    reckon_stop,
    reckon_terms,
    worth_billing,
)
from ledger.subscriptions.terms import Change, UnusedPart, What, When

State = Subscription.State
#: In which states what may be asked for, and how a refusal puts it.
ALLOWED: dict[What, tuple[frozenset[str], str]] = {
    What.PLAN: (frozenset({State.TRIAL, State.ACTIVE, State.PAST_DUE}), "changed"),
    What.QUANTITY: (frozenset({State.TRIAL, State.ACTIVE, State.PAST_DUE}), "changed"),
    What.TAKE_ADD_ON: (frozenset({State.TRIAL, State.ACTIVE, State.PAST_DUE}), "changed"),
    What.DROP_ADD_ON: (frozenset({State.TRIAL, State.ACTIVE, State.PAST_DUE}), "changed"),
    What.BILLING_DAY: (frozenset({State.TRIAL, State.ACTIVE, State.PAST_DUE}), "moved"),
    What.PAUSE: (frozenset({State.ACTIVE}), "paused"),
    What.RESUME: (frozenset({State.PAUSED}), "resumed"),
    What.CANCEL: (frozenset({State.TRIAL, State.ACTIVE, State.PAST_DUE, State.PAUSED}), "cancelled"),
    What.REINSTATE: (frozenset({State.CANCELLED}), "reinstated"),
}


class PlanNotOnSale(DomainError):
    """The plan or add-on does not exist, is not sold any more, or not in the customer's currency."""


class SubscriptionNotInState(DomainError):
    """The subscription is not in a state in which this can be done."""


class NothingToChange(DomainError):
    """It is as wanted already, or arranged to be: the second press of a button changes nothing."""


class AddOnDoesNotFit(DomainError):
    """An add-on is billed in another interval than the plan."""


class PauseTooLong(DomainError):
    """The plan allows no pause of that length."""


class NotBilledHere(DomainError):
    """What was billed for the rest of the period is not in our books, so it cannot be given back."""


class ServiceHasEnded(DomainError):
    """The last day of service is over: a new subscription is needed."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A wanted change as it will be made: from which day, now or planned, and what it comes to."""

    change: Change
    on: date
    is_now: bool
    reckoning: Reckoning


def plan_change(case: Case, change: Change, *, on: date | None = None) -> Planned:
    """Return what a change comes to; `on` is the day a planned one has come to.

    :raises DomainError: if it cannot be made; the message says why
    """
    states, words = ALLOWED[change.what]
    if case.subscription.state not in states:
        raise SubscriptionNotInState(f"This subscription is {_state(case)}; it cannot be {words}.")
    if change.what == What.CANCEL:
        return _cancel(case, change)
    if change.what in (What.RESUME, What.REINSTATE, What.BILLING_DAY):
        return _without_money(case, change, on or case.asked_on)
    if change.what == What.PAUSE:
        return _pause(case, change, on)
    make, is_less = MAKERS[change.what](case, change, on is not None)
    day = on or _day(case, change, is_less=is_less)
    if day > case.today:
        return Planned(change, day, False, _later(case, change.what, day, make))
    _check_billed_here(case, day)
    return Planned(change, day, True, reckon_terms(case, change.what, day, make))


def _state(case: Case) -> str:
    return str(State(case.subscription.state).label).lower()


def _later(case: Case, what: What, day: date, make: Callable[[Facts, date], Facts]) -> Reckoning:
    then = replace(case.facts, renews_on=max(day, case.facts.renews_on))
    return Reckoning(what, case.facts, make(then, day), day)


def _day(case: Case, change: Change, *, is_less: bool) -> date:
    """Return the day a change counts from: less comes at the end of the period, more at once, unless said otherwise."""
    in_trial = case.facts.trial_ends_on is not None and case.asked_on < case.facts.trial_ends_on
    usual = When.PERIOD_END if is_less and not in_trial else When.NOW
    return case.asked_on if (change.when or usual) == When.NOW else end_of_period(case)


def end_of_period(case: Case, *, notice_days: int = 0) -> date:
    """Return the first day after the period in which the request came, or after a later one, if notice must be given.

    What was billed says where the period ends, also when the billing day was moved since or the next one is billed.
    """
    facts, day = case.facts, case.asked_on
    if facts.trial_ends_on is not None and day < facts.trial_ends_on:
        return facts.trial_ends_on
    ends = [line.period.end for line in case.running if line.period.start <= day]
    is_billed = bool(ends) or day <= facts.renews_on
    end = min([*ends, facts.renews_on]) if is_billed else facts.series.containing(day).end
    while end < day + timedelta(days=notice_days):
        end = facts.series.containing(end).end
    return end


def _check_billed_here(case: Case, day: date) -> None:
    """Refuse a change at once where the rest of the period was billed elsewhere: nobody would get it back."""
    facts = case.facts
    if any(line.period.end > day for line in case.lines) or day >= facts.renews_on:
        return
    part = facts.series.containing(day)
    rest = replace(part, start=day, end=min(part.end, facts.renews_on))
    if worth_billing(case.rate(facts, rest, cause="change")):
        raise NotBilledHere(
            f"What was billed up to {facts.renews_on} is not in our books; the change can be made from that day on."
        )


# Terms


def _find(case: Case, code: str, kind: str, *, is_agreed: bool) -> Sold:
    """Return a product that can be had now; what was agreed while it was sold is kept to.

    :raises PlanNotOnSale: with the reason it was retired for, if one is given
    """
    product = Product.objects.filter(code=code, kind=kind).first()
    currency = case.facts.currency
    if product is None:
        raise PlanNotOnSale(f"The {Product.Kind(kind).label.lower()} {code!r} is not sold in {currency}.")
    if not (product.is_on_sale or is_agreed):
        why = product.retired_reason or "It is not sold any more."
        raise PlanNotOnSale(f"{product.name} cannot be had in {currency}: {why}")
    if case.prices.price(product.pk, currency, on=case.today, held_since=case.today) is None:
        raise PlanNotOnSale(f"{product.name} is not sold in {currency}.")
    return sold(product)


def _to_plan(case: Case, change: Change, is_agreed: bool) -> tuple[Callable[[Facts, date], Facts], bool]:
    facts, old = case.facts, case.facts.plan
    quantity = change.quantity or old.quantity
    if change.plan == old.product.code:
        if quantity == old.quantity:
            raise NothingToChange(f"The plan is {old.product.name} already.")
        return _to_quantity(case, replace(change, what=What.QUANTITY), is_agreed)
    new = _find(case, change.plan, Product.Kind.PLAN, is_agreed=is_agreed)
    for item in facts.items[1:]:
        if item.until is None and item.product.interval != new.interval:
            raise AddOnDoesNotFit(f"{item.product.name} is not billed in the interval of {new.name}; end it first.")
    changed = terms.with_plan(facts, new, quantity=quantity, on=case.today)
    is_less = _per_year(case, changed) < _per_year(case, facts)
    return lambda before, first: terms.with_plan(before, new, quantity=quantity, on=first), is_less


def _per_year(case: Case, facts: Facts) -> Fraction:
    """Return what a plan costs a year at list price, to tell an upgrade from a downgrade."""
    interval, day = facts.plan.product.interval, max(case.today, facts.plan.held_since)
    price = price_in_force(facts, facts.plan, case.prices, day)
    quantity = 0 if facts.plan.product.meter else facts.plan.quantity
    yearly = exact_price(price.tariff, quantity)
    return yearly * 12 / interval.months if interval.months else yearly * 365 / interval.days


def _to_quantity(case: Case, change: Change, is_agreed: bool) -> tuple[Callable[[Facts, date], Facts], bool]:
    quantity = change.quantity or 1
    if quantity == case.facts.plan.quantity:
        raise NothingToChange(f"The quantity is {quantity} already.")
    return lambda before, _: terms.with_quantity(before, quantity), quantity < case.facts.plan.quantity


def _take(case: Case, change: Change, is_agreed: bool) -> tuple[Callable[[Facts, date], Facts], bool]:
    quantity, before = change.quantity or 1, terms.taken(case.facts, change.add_on)
    if before is not None and before.quantity == quantity:
        raise NothingToChange(f"{before.product.name} is taken already.")
    add_on = before.product if before else _find(case, change.add_on, Product.Kind.ADD_ON, is_agreed=is_agreed)
    if add_on.interval != case.facts.plan.product.interval:
        raise AddOnDoesNotFit(f"{add_on.name} is not billed in the interval of {case.facts.plan.product.name}.")
    is_less = before is not None and quantity < before.quantity
    return lambda facts, first: terms.with_add_on(facts, add_on, quantity=quantity, on=first), is_less


def _drop(case: Case, change: Change, is_agreed: bool) -> tuple[Callable[[Facts, date], Facts], bool]:
    if terms.taken(case.facts, change.add_on) is None:
        raise NothingToChange(f"The add-on {change.add_on!r} is not taken.")
    return lambda facts, first: terms.without_add_on(facts, change.add_on, on=first), True


MAKERS = {What.PLAN: _to_plan, What.QUANTITY: _to_quantity, What.TAKE_ADD_ON: _take, What.DROP_ADD_ON: _drop}


# Service


def _without_money(case: Case, change: Change, day: date) -> Planned:
    """Plan what moves no money by itself; the next bill says what follows from it."""
    facts = case.facts
    if change.what == What.BILLING_DAY:
        after = terms.with_bill_day(facts, change.bill_day or 1)
        if _next_days(after) == _next_days(facts):
            raise NothingToChange(f"The billing day is the {change.bill_day}. already.")
    elif change.what == What.RESUME:
        starts = max(day, facts.renews_on)
        after = replace(facts, renews_on=starts, metered_on=max(facts.metered_on, day))
    else:
        if facts.ends_on is None or case.today >= facts.ends_on:
            raise ServiceHasEnded(f"Service ended on {facts.ends_on}; please start a new subscription.")
        after = replace(facts, ends_on=None)
    return Planned(change, day, True, Reckoning(change.what, facts, after, day))


def _next_days(facts: Facts) -> list[date]:
    days, day = [], facts.renews_on
    for _ in range(12):
        day = facts.series.containing(day).end
        days.append(day)
    return days


def _pause(case: Case, change: Change, on: date | None) -> Planned:
    day = on or _day(case, change, is_less=False)
    longest = case.facts.plan.product.longest_pause_days
    until = change.pause_until or day + timedelta(days=longest)
    if not day < until <= day + timedelta(days=longest):
        raise PauseTooLong(
            f"A pause of {case.facts.plan.product.name} lasts from 1 to {longest} days."
            if longest
            else f"{case.facts.plan.product.name} cannot be paused."
        )
    wanted = replace(change, pause_until=until)
    if day > case.today:
        return Planned(wanted, day, False, Reckoning(What.PAUSE, case.facts, case.facts, day))
    reckoning = reckon_stop(case, What.PAUSE, day)
    return Planned(wanted, day, True, reckoning)


def _cancel(case: Case, change: Change) -> Planned:
    """Plan the end: at the end of the period in which the request came, or at once; a later bill is given back."""
    facts = case.facts
    ends_on = _ends_on(case, change)
    before, rated = facts, list[Rated]()
    if case.subscription.state == State.PAUSED:
        # Nothing was served since the pause began, so no run has anything to bill up to the end.
        before = replace(facts, renews_on=max(facts.renews_on, ends_on), metered_on=max(facts.metered_on, ends_on))
    elif ends_on <= case.today:
        before, rated, _ = caught_up(case, ends_on)
        rated += case.rate_use(before, ends_on)
        before = replace(before, metered_on=max(before.metered_on, ends_on))
    gives_back = change.unused == UnusedPart.CREDITED
    lines = [line for line in case.lines if gives_back or line.period.start >= ends_on]
    unused = cut_lines(case, lines, ends_on)
    kept = [line for line in case.lines if line not in lines and line.period.end > ends_on]
    renews_on = before.renews_on if kept or ends_on > before.renews_on else ends_on
    after = replace(before, ends_on=ends_on, renews_on=renews_on)
    reckoning = Reckoning(What.CANCEL, facts, after, ends_on, unused, worth_billing(rated))
    return Planned(change, ends_on, True, reckoning)


def _ends_on(case: Case, change: Change) -> date:
    at_once = case.subscription.state == State.PAUSED or change.when == When.NOW
    free = free_on(case, at_once=at_once)
    if case.subscription.state == State.PAUSED:
        return case.asked_on
    if at_once:
        return first_new_day(case.facts, case.asked_on)
    end = end_of_period(case, notice_days=case.facts.plan.product.notice_days)
    while end < free:
        end = case.facts.series.containing(end).end
    return end
