"""The next bills of a subscription: exact where prices are fixed, a range where use decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from ledger.discounts.rules import taken_by_grant
from ledger.money import Money
from ledger.periods import Period
from ledger.subscriptions.discounting import DiscountsToCome
from ledger.subscriptions.expecting import Expected, expected_use
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.planning import plan_change
from ledger.subscriptions.preview import PreviewLine, bill_rated, billed_lines
from ledger.subscriptions.rating import (
    Facts,
    Rated,
    period_due,
    rate_period,
    rate_usage,
    usage_span,
    with_discounts,
)
from ledger.subscriptions.reckoning import Case, worth_billing
from ledger.subscriptions.telling import NoSuchSubscription
from ledger.subscriptions.terms import Change, What

BILLS = 3


@dataclass(frozen=True, slots=True)
class Forecast:
    """One bill to come, with tax; `lines` are those of the likely one.

    Where nothing is metered it `is_exact`, and `low`, `likely` and `high` are the same.
    """

    on: date
    period: Period
    low: Money
    likely: Money
    high: Money
    is_exact: bool
    lines: tuple[PreviewLine, ...]


def forecast(subscription_id: int, *, at: datetime, bills: int = BILLS) -> list[Forecast]:
    """Return the next bills in their order, with what is arranged to change before each; fewer when service ends.

    :raises NoSuchSubscription: if there is none
    :raises PriceMissing: if something has no price then
    """
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription("There is no such subscription.")
    case = Case(found, at=at)
    arranged = list(found.changes.filter(state=SubscriptionChange.State.SCHEDULED).order_by("effective_on", "pk"))
    if found.state == Subscription.State.PAUSED and not arranged:
        return []
    return _forecast(case, arranged, bills)


def _forecast(case: Case, arranged: list[SubscriptionChange], bills: int) -> list[Forecast]:
    facts, found = case.facts, list[Forecast]()
    discounts = DiscountsToCome(facts.customer_id)
    while len(found) < bills:
        changed = _with_arranged(case, facts, arranged)
        if changed is None:
            break
        period, facts = period_due(changed), changed
        if period is None:
            last = _last_use(case, facts, discounts)
            return [*found, last] if last else found
        fixed = rate_period(facts, period, cause="renewal", prices=case.prices)
        found.append(_bill(case, facts, fixed, period, discounts))
        facts = replace(facts, renews_on=period.end, metered_on=max(facts.metered_on, period.start))
    return found


def _with_arranged(case: Case, facts: Facts, arranged: list[SubscriptionChange]) -> Facts | None:
    """Return the facts with what is arranged up to the next bill; None when a pause comes first."""
    for row in list(arranged):
        if row.effective_on > facts.renews_on and row.what != What.RESUME:
            break
        arranged.remove(row)
        if row.what == What.PAUSE:
            return None
        then = Case(case.subscription, at=case.at)
        then.facts = facts
        facts = plan_change(then, Change.from_json(row.wanted), on=row.effective_on).reckoning.after
    return facts


def _last_use(case: Case, facts: Facts, discounts: DiscountsToCome) -> Forecast | None:
    if facts.ends_on is None or usage_span(facts, facts.ends_on) is None:
        return None
    return _bill(case, facts, [], Period(facts.metered_on, facts.ends_on), discounts, on=facts.ends_on)


def _bill(
    case: Case,
    facts: Facts,
    fixed: Sequence[Rated],
    period: Period,
    discounts: DiscountsToCome,
    *,
    on: date | None = None,
) -> Forecast:
    """Return one bill, three times: for the least use to expect, the likely one and the most."""
    day = on or period.start
    span = usage_span(facts, day)
    expected = expected_use(case, facts, span) if span else Expected({}, {}, {})
    part = Fraction(1) if on else Fraction(period.days, facts.series.containing(period.start).days)

    def lines(used: dict[str, Decimal]) -> list[Rated]:
        use = rate_usage(facts, span, used=used, prices=case.prices) if span else []
        return with_discounts([*fixed, *use], discounts.on(day), part=part)

    likely = worth_billing(lines(expected.likely))
    shown = billed_lines(case, likely, day)
    total = sum((line.total for line in shown), Money(0, facts.currency))
    ends = [total, total]
    if span:
        ends = [bill_rated(case, worth_billing(lines(used)), day).total for used in (expected.low, expected.high)]
    discounts.use(taken_by_grant(line.basis.discounts for line in likely))
    return Forecast(day, period, min(*ends, total), total, max(*ends, total), not span, shown)
