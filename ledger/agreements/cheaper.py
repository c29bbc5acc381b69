"""cheaper_plan: the plan that would have cost less for what was really used, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from ledger.agreements.costing import rate_plan, used_in
from ledger.catalogue.models import Product
from ledger.money import Money
from ledger.periods import Period
from ledger.subscriptions.billed import lines_reaching
from ledger.subscriptions.facts import sold
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.planning import ALLOWED
from ledger.subscriptions.preview import bill_rated
from ledger.subscriptions.rating import Item, PriceMissing, Sold
from ledger.subscriptions.reckoning import Case
from ledger.subscriptions.telling import NoSuchSubscription
from ledger.subscriptions.terms import What

#: How many full periods have to speak for it.
PERIODS = 3


@dataclass(frozen=True, slots=True)
class PeriodCost:
    """What one period cost, and what it would have cost; with tax, before promotions."""

    period: Period
    paid: Money
    would_pay: Money

    @property
    def saving(self) -> Money:
        """What would have been saved."""
        return self.paid - self.would_pay


@dataclass(frozen=True, slots=True)
class CheaperPlan:
    """A plan that would have cost less, with the figures and what is lost by it; or, without a plan, why not."""

    why: str
    plan: str = ""
    plan_name: str = ""
    costs: tuple[PeriodCost, ...] = ()
    lost_features: tuple[str, ...] = ()

    @property
    def paid(self) -> Money:
        """What the periods cost together."""
        return _sum([cost.paid for cost in self.costs])

    @property
    def would_pay(self) -> Money:
        """What they would have cost together."""
        return _sum([cost.would_pay for cost in self.costs])

    @property
    def saving(self) -> Money:
        """What would have been saved in all of them."""
        return self.paid - self.would_pay


@dataclass(frozen=True, slots=True)
class _Span:
    """One full period: how many of the plan were taken in which part of it, and what was used."""

    period: Period
    pieces: tuple[tuple[Period, int], ...]
    used: Mapping[str, Decimal]


def cheaper_plan(subscription_id: int, *, at: datetime) -> CheaperPlan:
    """Return the plan on sale that would have saved most in the last three full periods, for exactly their use.

    Only plans billed in the same interval count, that allow what was used in each of the periods and cost less from
    the next billing day on too. Where there is none, `plan` is empty and `why` says so.
    """
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription("There is no such subscription.")
    if found.state not in ALLOWED[What.PLAN][0]:
        return CheaperPlan(f"This subscription is {found.get_state_display().lower()}.")
    case = Case(found, at=at)
    spans = _spans(case)
    if len(spans) < PERIODS:
        return CheaperPlan(f"Only {len(spans)} full periods on {found.plan.name} lie behind; {PERIODS} have to.")
    current = case.facts.plan.product
    plans = Product.objects.filter(kind=Product.Kind.PLAN, is_on_sale=True, interval=found.plan.interval)
    offers = [_offer(case, sold(plan), spans) for plan in plans.exclude(pk=current.id).order_by("code")]
    cheaper = [offer for offer in offers if offer is not None]
    if not cheaper:
        return CheaperPlan(f"No plan on sale would have cost less than {current.name} for what was used.")
    return max(cheaper, key=lambda offer: offer.saving.minor)


def _spans(case: Case) -> list[_Span]:
    """Return the last full periods in which the plan was had, the oldest first; today's is not full yet."""
    facts = case.facts
    served_from = facts.trial_ends_on or case.customer.local_day(case.subscription.started_at)
    began = max(served_from, facts.plan.held_since)
    periods, end = list[Period](), facts.series.containing(case.today).start
    while len(periods) < PERIODS:
        before = facts.series.containing(end - timedelta(days=1))
        if before.start < began:
            break
        periods.insert(0, before)
        end = before.start
    if not periods:
        return []
    billed = _billed(case, periods[0].start)
    return [
        _Span(period, pieces_of(period, billed, usual=facts.plan.quantity), used_in(facts, period))
        for period in periods
    ]


def _billed(case: Case, since: date) -> list[tuple[Period, int]]:
    """Return how many of the plan each bill was for, by its days, the oldest bill first."""
    lines = lines_reaching(case.subscription.pk, since)
    of_plan = [line for line in lines if line.basis.product == case.facts.plan.product.code]
    return [(line.period, int(line.basis.quantity)) for line in of_plan if line.basis.kind == "plan"]


def pieces_of(period: Period, billed: Sequence[tuple[Period, int]], *, usual: int) -> tuple[tuple[Period, int], ...]:
    """Return the parts of a period with the quantity billed for each: a later bill counts from its first day on."""
    pieces: list[tuple[Period, int]] = []
    for days, quantity in billed:
        start, end = max(days.start, period.start), min(days.end, period.end)
        if start < end:
            before = [(Period(part.start, min(part.end, start)), many) for part, many in pieces if part.start < start]
            pieces = [*before, (Period(start, end), quantity)]
    return tuple(pieces) or ((period, usual),)


def _offer(case: Case, plan: Sold, spans: list[_Span]) -> CheaperPlan | None:
    current = case.facts.plan.product
    if any(not _allows(plan, span) for span in spans):
        return None
    if current.meter and plan.meter not in ("", current.meter):
        return None
    try:
        costs = tuple(_cost(case, plan, span) for span in spans)
        coming = Period(case.facts.renews_on, case.facts.series.containing(case.facts.renews_on).end)
        ahead = _cost(case, plan, replace(spans[-1], period=coming, pieces=((coming, case.facts.plan.quantity),)))
    except PriceMissing:
        return None
    lost = tuple(feature for feature in current.features if feature not in plan.features)
    offer = CheaperPlan("", plan.code, plan.name, costs, lost)
    if offer.saving.minor <= 0 or ahead.saving.minor <= 0:
        return None
    per_period = "; ".join(f"{cost.paid} would have been {cost.would_pay}" for cost in costs)
    words = f"On {plan.name} the last {len(costs)} periods would have cost {offer.would_pay} instead of {offer.paid}"
    return replace(offer, why=f"{words} ({per_period}).")


def _allows(plan: Sold, span: _Span) -> bool:
    if plan.usage_limit is None:
        return True
    counted = (used for meter, used in span.used.items() if meter == (plan.meter or meter))
    return all(used <= plan.usage_limit for used in counted)


def _cost(case: Case, plan: Sold, span: _Span) -> PeriodCost:
    """Return what a period cost and would have cost, each at the prices of its first day."""
    wanted, on = Item(plan, 1, held_since=span.period.start), span.period.start
    paid = rate_plan(case, case.facts.plan, span.period, used=span.used, pieces=span.pieces, agreed=case.facts.agreed)
    instead = rate_plan(case, wanted, span.period, used=span.used, pieces=span.pieces)
    return PeriodCost(span.period, bill_rated(case, paid, on).total, bill_rated(case, instead, on).total)


def _sum(amounts: list[Money]) -> Money:
    total = amounts[0]
    for amount in amounts[1:]:
        total = total + amount
    return total
