"""What the plan panel shows of one subscription: prices and since when, use, next bills, what is arranged or agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from billing_desk.plan_words import arranged_words, priced
from billing_desk.tiers import Tier, tiers_at
from ledger.agreements.cheaper import CheaperPlan, cheaper_plan
from ledger.agreements.models import Agreement
from ledger.catalogue.explaining import display_number
from ledger.catalogue.models import Price
from ledger.catalogue.queries import PriceBook
from ledger.catalogue.tariff import price_of
from ledger.errors import DomainError
from ledger.money import Money
from ledger.periods import Period
from ledger.subscriptions.facts import facts_of, use_in
from ledger.subscriptions.forecast import Forecast, forecast
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.rating import Facts, Item

STAFF_LANGUAGE = "en"
#: Versions of an agreement that are listed; the newest first.
VERSIONS = 4
GONE = (Agreement.State.DECLINED, Agreement.State.LAPSED)


@dataclass(frozen=True)
class Taken:
    """The plan or an add-on, what it costs a period, and which version of its price it is on."""

    name: str
    quantity: int
    until: date | None
    price: Price | None
    held_since: date
    cost: Money | None
    used: Decimal | None
    used_since: date
    unit: str
    tiers: tuple[Tier, ...]

    @property
    def used_words(self) -> str:
        """What was used, as people write it: 12,500."""
        return display_number(Fraction(self.used or 0), STAFF_LANGUAGE)


@dataclass(frozen=True)
class PlanView:
    """One subscription as the panel shows it; `no_forecast` is why the next bills cannot be told."""

    subscription: Subscription
    taken: list[Taken]
    bills: list[Forecast]
    no_forecast: str
    arranged: list[tuple[SubscriptionChange, str]]
    cheaper: CheaperPlan | None
    agreements: list[Agreement]


def plan_view(subscription: Subscription, today: date, *, at: datetime) -> PlanView:
    """Return one subscription with everything the panel says about it."""
    facts = facts_of(subscription)
    bills, why = _next_bills(subscription, at=at)
    waiting = subscription.changes.filter(state=SubscriptionChange.State.SCHEDULED).order_by("effective_on", "pk")
    agreements = Agreement.objects.filter(subscription=subscription).exclude(state__in=GONE)
    return PlanView(
        subscription=subscription,
        taken=_taken(facts, today),
        bills=bills,
        no_forecast=why,
        arranged=[(row, arranged_words(row)) for row in waiting],
        cheaper=_cheaper(subscription, at=at),
        agreements=list(agreements.select_related("plan").order_by("-version")[:VERSIONS]),
    )


def _next_bills(subscription: Subscription, *, at: datetime) -> tuple[list[Forecast], str]:
    try:
        return forecast(subscription.pk, at=at), ""
    except DomainError as refusal:
        return [], str(refusal)


def _cheaper(subscription: Subscription, *, at: datetime) -> CheaperPlan | None:
    try:
        found = cheaper_plan(subscription.pk, at=at)
    except DomainError:
        return None
    return found if found.plan else None


def _taken(facts: Facts, today: date) -> list[Taken]:
    book = PriceBook.load([facts.currency])
    counted = {}
    if facts.meters and facts.metered_on <= today:
        counted = use_in(facts, Period(facts.metered_on, today + timedelta(days=1)))
    items = [item for item in facts.items if item.until is None or item.until > today]
    return [_one(facts, item, book, counted.get(item.product.meter), today) for item in items]


def _one(facts: Facts, item: Item, book: PriceBook, used: Decimal | None, today: date) -> Taken:
    price, tariff = priced(facts, item, book, max(facts.renews_on, today, item.held_since))
    quantity = Fraction(item.quantity) if used is None else max(Fraction(used), Fraction(0))
    is_known = tariff is not None and (used is not None or not item.product.meter)
    return Taken(
        name=item.product.name,
        quantity=item.quantity,
        until=item.until,
        price=price,
        held_since=item.held_since,
        cost=price_of(tariff, quantity) if tariff and is_known else None,
        used=used,
        used_since=facts.metered_on,
        unit=item.product.unit or item.product.meter,
        tiers=tiers_at(tariff, quantity) if tariff else (),
    )
