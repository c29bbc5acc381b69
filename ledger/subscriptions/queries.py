"""Every read of subscriptions worth a name."""

from __future__ import annotations

from datetime import date

from ledger.catalogue.models import Price, Product
from ledger.catalogue.queries import price_for
from ledger.subscriptions.models import Subscription, SubscriptionChange

#: What is not served any more, or soon will not be.
OVER = (Subscription.State.CANCELLED, Subscription.State.EXPIRED)


def price_on(plan: Product, currency: str, day: date) -> Price | None:
    """Return the price a new subscription gets on a day, or None when the plan has none in the currency."""
    return price_for(plan, currency, on=day, held_since=day)


def next_price(subscription: Subscription) -> Price | None:
    """Return the version of the plan's price that the next period is billed at."""
    return price_for(
        subscription.plan,
        subscription.currency,
        on=subscription.renews_on,
        held_since=subscription.priced_on or subscription.anchor_on,
    )


def subscriptions_of(customer_id: int) -> list[Subscription]:
    """Return a customer's subscriptions, running ones first."""
    found = Subscription.objects.filter(customer_id=customer_id).select_related("plan", "customer")
    return sorted(found.order_by("-pk"), key=lambda subscription: subscription.state in OVER)


def changes_of(subscription_id: int) -> list[SubscriptionChange]:
    """Return what was asked for a subscription: what waits for its day first, then the newest first."""
    found = SubscriptionChange.objects.filter(subscription_id=subscription_id).order_by("-pk")
    return sorted(found, key=lambda change: change.state != SubscriptionChange.State.SCHEDULED)
