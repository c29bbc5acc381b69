"""Every read of subscriptions worth a name."""

from __future__ import annotations

from datetime import date

from ledger.catalogue.models import Plan, Price
from ledger.subscriptions.models import Subscription

INTERVAL_MONTHS = {Plan.Interval.MONTH.value: 1, Plan.Interval.YEAR.value: 12}


def price_on(plan: Plan, currency: str, day: date) -> Price | None:
    """Return the price in force on a day, or None when the plan has none in the currency."""
    prices = Price.objects.filter(plan=plan, currency=currency, valid_from__lte=day)
    return prices.order_by("-valid_from").first()


def next_price(subscription: Subscription) -> Price | None:
    """Return what the next period costs, net."""
    return price_on(subscription.plan, subscription.currency, subscription.renews_on)


def subscriptions_of(customer_id: int) -> list[Subscription]:
    """Return a customer's subscriptions, running ones first."""
    found = Subscription.objects.filter(customer_id=customer_id).select_related("plan", "customer")
    return sorted(found.order_by("-pk"), key=lambda subscription: subscription.state == Subscription.State.CANCELLED)
