"""Subscriptions read as rating sees them: one for a change, or many at once for the billing run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from ledger.catalogue.models import Product
from ledger.catalogue.queries import INTERVALS
from ledger.periods import Period
from ledger.subscriptions.agreed import AgreedTerms
from ledger.subscriptions.models import Subscription, SubscriptionAddOn, SubscriptionTerms
from ledger.subscriptions.proration import Basis
from ledger.subscriptions.rating import Facts, Item, Sold
from ledger.usage.queries import Wanted, quantities


def sold(product: Product) -> Sold:
    """Return what rating has to know of a product."""
    return Sold(
        id=product.pk,
        code=product.code,
        name=product.name,
        interval=INTERVALS[product.interval],
        unit=product.unit,
        meter=product.meter,
        tax_category=product.tax_category,
        proration=Basis(product.proration_basis),
        is_last_day_billed=product.is_last_day_billed,
        notice_days=product.notice_days,
        longest_pause_days=product.longest_pause_days,
        usage_limit=product.usage_limit,
        features=tuple(str(feature) for feature in product.features),
    )


def facts_of(subscription: Subscription) -> Facts:
    """Return one subscription's facts; its customer, plan and add-ons are read where they are not loaded yet."""
    plan = Item(sold(subscription.plan), subscription.quantity, subscription.priced_on or subscription.anchor_on)
    taken = sorted(subscription.add_ons.all(), key=lambda row: row.pk)
    return Facts(
        subscription_id=subscription.pk,
        customer_id=subscription.customer_id,
        currency=subscription.currency,
        time_zone=subscription.customer.time_zone,
        anchor_on=subscription.anchor_on,
        renews_on=subscription.renews_on,
        metered_on=subscription.metered_on or subscription.renews_on,
        items=(plan, *(_add_on(row) for row in taken)),
        trial_ends_on=subscription.trial_ends_on,
        ends_on=subscription.ends_on,
        agreed=in_order(subscription.agreed_terms.all()),
    )


def in_order(rows: Iterable[SubscriptionTerms]) -> tuple[AgreedTerms, ...]:
    """Return the terms agreed for one subscription, in the order they were agreed in."""
    return tuple(
        AgreedTerms(
            product_id=row.product_id,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            price_minor=row.price_minor,
            percent=None if row.percent is None else Fraction(row.percent),
            source=row.source,
            ends_on=row.ends_on,
            renews_months=row.renews_months,
            notice_days=row.notice_days,
        )
        for row in sorted(rows, key=lambda row: row.pk)
    )


def _add_on(row: SubscriptionAddOn) -> Item:
    return Item(
        sold(row.product),
        row.quantity,
        held_since=row.priced_on or row.since,
        since=row.since,
        until=row.until,
        row=row.pk,
    )


def load_facts(subscription_ids: Sequence[int]) -> dict[int, Facts]:
    """Return the facts of many subscriptions, in three queries whatever their number."""
    add_ons = Prefetch("add_ons", SubscriptionAddOn.objects.select_related("product"))
    found = Subscription.objects.filter(pk__in=list(subscription_ids)).select_related("plan", "customer")
    return {each.pk: facts_of(each) for each in found.prefetch_related(add_ons, "agreed_terms")}


def midnight(facts: Facts, day: date) -> datetime:
    """Return the moment at which a day begins where the customer lives."""
    return datetime.combine(day, time(), ZoneInfo(facts.time_zone))


def wanted_use(facts: Facts, span: Period) -> dict[str, Wanted]:
    """Return by meter what to ask `ledger.usage.queries.quantities` for the days of a span.

    Days begin at midnight where the customer lives.
    """
    begins, ends = midnight(facts, span.start), midnight(facts, span.end)
    return {
        meter: Wanted(facts.customer_id, meter, begins, ends, facts.subscription_id) for meter in sorted(facts.meters)
    }


def use_in(facts: Facts, span: Period) -> dict[str, Decimal]:
    """Return how much was used in a span of days, by meter."""
    wanted = wanted_use(facts, span)
    return dict(zip(wanted, quantities(list(wanted.values())), strict=True))
