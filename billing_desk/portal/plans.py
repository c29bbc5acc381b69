"""The plan page: what is taken, what was used, the next bills, what is arranged, and what can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.plan_words import arranged_words, priced
from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.change_kinds import KINDS, is_possible
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.reading import reader
from billing_desk.tiers import Tier, tiers_at
from ledger.agreements.models import Agreement
from ledger.agreements.queries import list_agreements
from ledger.catalogue.explaining import display_number
from ledger.catalogue.models import Price
from ledger.catalogue.queries import PriceBook
from ledger.catalogue.tariff import price_of
from ledger.errors import DomainError
from ledger.money import Money
from ledger.periods import Period
from ledger.subscriptions.facts import load_facts, use_in
from ledger.subscriptions.forecast import Forecast, forecast
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.queries import subscriptions_of
from ledger.subscriptions.rating import Facts, Item

State = Subscription.State


@dataclass(frozen=True)
class Taken:
    """The plan or an add-on with what it costs a period; metered ones cost by use."""

    name: str
    quantity: int
    unit: str
    until: date | None
    price: Price | None
    cost: Money | None


@dataclass(frozen=True)
class Used:
    """What was used of a meter since it was last billed, what that costs so far, and the steps of its price."""

    name: str
    quantity: str
    unit: str
    since: date
    so_far: Money
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class PlanView:
    """One subscription as the page shows it; `no_forecast` is why the next bills cannot be told."""

    subscription: Subscription
    plan: Taken
    add_ons: Sequence[Taken]
    used: Sequence[Used]
    bills: Sequence[Forecast]
    no_forecast: str
    arranged: Sequence[tuple[SubscriptionChange, str]]
    changes: Sequence[tuple[str, str]]
    offers: Sequence[Agreement]
    agreed: Agreement | None


@require_GET
@sees_money
def plans(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the customer's plans, the running ones first."""
    found = subscriptions_of(who.customer.pk)
    facts = load_facts([each.pk for each in found])
    book = PriceBook.load({each.currency for each in found}) if found else PriceBook([])
    at = timezone.now()
    agreements = list_agreements(who.customer.pk)
    shown = [view_of(each, facts[each.pk], book, agreements, who.today, at=at) for each in found]
    return page(request, who, "portal/plans.html", plans=shown)


@require_GET
@sees_money
def plan(request: HttpRequest, who: SignedIn, subscription_id: int) -> HttpResponse:
    """Take the address that our messages name to the place of that plan on the page."""
    own_plan(subscription_id, who)
    return redirect(f"{reverse('portal:plans')}#plan-{subscription_id}")


def own_plan(subscription_id: int, who: SignedIn) -> Subscription:
    """Return a subscription of this customer; anybody else's answers 404, and the try is recorded."""
    found = next((one for one in subscriptions_of(who.customer.pk) if one.pk == subscription_id), None)
    if found is None:
        refuse_foreign(f"subscription:{subscription_id}", who)
    return found


def view_of(
    plan: Subscription, facts: Facts, book: PriceBook, agreements: Sequence[Agreement], today: date, *, at: datetime
) -> PlanView:
    """Return one subscription with everything the page says about it."""
    bills, why = _next_bills(plan, today, at=at)
    waiting = plan.changes.filter(state=SubscriptionChange.State.SCHEDULED).order_by("effective_on", "pk")
    own = [each for each in agreements if each.subscription_id == plan.pk]
    taken = [_taken(facts, item, book, today) for item in facts.items if item.until is None or item.until > today]
    return PlanView(
        subscription=plan,
        plan=taken[0],
        add_ons=taken[1:],
        used=_used(facts, book, today),
        bills=bills,
        no_forecast=why,
        arranged=[(row, arranged_words(row)) for row in waiting],
        changes=[(name, str(kind.short)) for name, kind in KINDS.items() if is_possible(kind, plan, today)],
        offers=[each for each in own if each.state == Agreement.State.OFFERED],
        agreed=next((each for each in own if each.state == Agreement.State.ACCEPTED), None),
    )


def _next_bills(plan: Subscription, today: date, *, at: datetime) -> tuple[list[Forecast], str]:
    if plan.state in (State.CANCELLED, State.EXPIRED) and (plan.ends_on is None or plan.ends_on <= today):
        return [], ""
    try:
        return forecast(plan.pk, at=at), ""
    except DomainError as refusal:
        return [], say(refusal)


def _taken(facts: Facts, item: Item, book: PriceBook, today: date) -> Taken:
    price, tariff = priced(facts, item, book, max(facts.renews_on, today, item.held_since))
    cost = price_of(tariff, item.quantity) if tariff and not item.product.meter else None
    return Taken(item.product.name, item.quantity, item.product.unit, item.until, price, cost)


def _used(facts: Facts, book: PriceBook, today: date) -> list[Used]:
    if not facts.meters or today < facts.metered_on:
        return []
    counted = use_in(facts, Period(facts.metered_on, today + timedelta(days=1)))
    shown = []
    for item in facts.items:
        _, tariff = priced(facts, item, book, today)
        if not item.product.meter or tariff is None:
            continue
        quantity = max(Fraction(counted[item.product.meter]), Fraction(0))
        unit, tiers = item.product.unit or item.product.meter, tiers_at(tariff, quantity)
        amount = price_of(tariff, quantity)
        written = display_number(quantity, reader())
        shown.append(Used(item.product.name, written, unit, facts.metered_on, amount, tiers))
    return shown
