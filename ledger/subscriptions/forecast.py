"""The next bills of a subscription: exact where prices are fixed, a range where use decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.db.models import Prefetch

from ledger.catalogue.queries import PriceBook
from ledger.discounts.rules import taken_by_grant
from ledger.money import Money
from ledger.periods import Period
from ledger.subscriptions.discounting import DiscountsToCome
from ledger.subscriptions.expecting import Expected, expected_use
from ledger.subscriptions.models import Subscription, SubscriptionAddOn, SubscriptionChange
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
    found = forecasts([subscription_id], at=at, bills=bills)
    if subscription_id not in found:
        raise NoSuchSubscription("There is no such subscription.")
    return found[subscription_id]


def forecasts(subscription_ids: Iterable[int], *, at: datetime, bills: int = BILLS) -> dict[int, list[Forecast]]:
    """Return the next bills of many subscriptions, each as if it were alone; who is not found is left out.

    What they are made from is read together: only metered use and what is arranged is asked for one by one.

    :raises PriceMissing: if something has no price then
    """
    arranged = SubscriptionChange.objects.filter(state=SubscriptionChange.State.SCHEDULED)
    together = (
        Prefetch("add_ons", SubscriptionAddOn.objects.select_related("product")),
        Prefetch("changes", arranged.order_by("effective_on", "pk"), to_attr="arranged"),
        "agreed_terms",
    )
    found = Subscription.objects.filter(pk__in=list(subscription_ids)).select_related("plan", "customer")
    subscriptions = list(found.prefetch_related(*together))
    grants = DiscountsToCome.load({each.customer_id for each in subscriptions})
    books = {currency: PriceBook.load([currency]) for currency in {each.currency for each in subscriptions}}
    told: dict[int, list[Forecast]] = {}
    for each in subscriptions:
        coming: list[SubscriptionChange] = list(vars(each)["arranged"])
        case = Case(each, at=at, prices=books[each.currency])
        is_off = each.state == Subscription.State.PAUSED and not coming
        given = (copy(grant) for grant in grants.get(each.customer_id, ()))
        told[each.pk] = [] if is_off else _forecast(case, coming, DiscountsToCome(given), bills)
    return told


def _forecast(case: Case, arranged: list[SubscriptionChange], discounts: DiscountsToCome, bills: int) -> list[Forecast]:
    facts, found = case.facts, list[Forecast]()
    while len(found) < bills:
        changed = _with_arranged(case, facts, arranged)
        if changed is None:
            break
        period, facts = period_due(changed), changed
        if period is None:
            last = last_use(case, facts, discounts)
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
        then = Case(case.subscription, at=case.at, prices=case.prices)
        then.facts = facts
        facts = plan_change(then, Change.from_json(row.wanted), on=row.effective_on).reckoning.after
    return facts


def last_use(case: Case, facts: Facts, discounts: DiscountsToCome) -> Forecast | None:
    """Return the bill for use up to the end of service; None where nothing is metered or nothing is left to bill."""
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
