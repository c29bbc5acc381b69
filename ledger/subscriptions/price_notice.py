"""Who gets a higher price and from which bill; and that a new version leaves the days in which they must be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from ledger.catalogue.models import Price, Product
from ledger.catalogue.operations import PriceTerms, first_open_day
from ledger.catalogue.queries import in_force, interval_of
from ledger.catalogue.tariff import Tariff, price_of, tariff_of
from ledger.errors import DomainError
from ledger.jurisdictions.queries import rule_book
from ledger.jurisdictions.rules import Place
from ledger.periods import Series
from ledger.subscriptions.models import Subscription, SubscriptionAddOn, SubscriptionTerms

KIND = "price_change_notice"
State = Subscription.State
RUNNING = (State.TRIAL, State.ACTIVE, State.PAST_DUE)
#: A version reaches a yearly subscription up to a year after its own day.
LONGEST_INTERVAL = timedelta(days=366)


class PriceNoticeTooShort(DomainError):
    """Running subscriptions would get the price before everybody can be told in time."""


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A higher price for what somebody has, from the first bill of a day on."""

    subscription: Subscription
    product: Product
    quantity: int
    old: Price
    new: Price
    on: date


@dataclass(frozen=True, slots=True)
class _Held:
    subscription: Subscription
    product: Product
    quantity: int
    since: date


def check_price_notice(product: Product, terms: PriceTerms, at: datetime) -> None:
    """Refuse a higher price that reaches running subscriptions before the days of notice the rules ask for.

    :raises PriceNoticeTooShort: naming the first day that leaves them
    :raises NoRule: if no rule says how many days a place needs
    """
    versions = list(Price.objects.filter(product_id=product.pk, currency=terms.currency))
    new = tariff_of(
        model=terms.model, currency=terms.currency, amount_minor=terms.amount_minor, unit_minor=terms.unit_minor,
        tiers=terms.tiers,
    )  # fmt: skip
    if terms.is_for_new_only or not any(is_higher(old.tariff, new) for old in versions):
        return
    today = first_open_day(at)
    found = _longest_notice(product, terms.currency, today)
    if found is None:
        return
    days, place = found
    first = today + timedelta(days=days)
    if (terms.existing_from or terms.valid_from) < first:
        raise PriceNoticeTooShort(
            f"Customers have to be told of a higher price {days} days before ({place}): running subscriptions get it "
            f"from {first} at the earliest. Name that day for them, or keep the version for new ones only."
        )


def _longest_notice(product: Product, currency: str, today: date) -> tuple[int, Place] | None:
    """Return the most days of notice anybody who has the product needs, and where; None where nobody has it."""
    having = Q(plan_id=product.pk) | Q(add_ons__product_id=product.pk, add_ons__until=None)
    running = Subscription.objects.filter(having, currency=currency, state__in=RUNNING)
    places = running.order_by().values_list("customer__country", "customer__region", "customer__kind").distinct()
    rules = rule_book([KIND])
    needed = [
        (int(rules.get(KIND, place, today).params["min_days"]), place)
        for place in (Place(country, region, kind) for country, region, kind in places)
    ]
    return max(needed, key=lambda one: one[0], default=None)


def is_higher(old: Tariff, new: Tariff, quantity: int = 1) -> bool:
    """Return whether a price may come to more: of prices in steps nobody can say, so any other one counts."""
    if old.tiers or new.tiers or old.model != new.model:
        return old != new
    return price_of(new, quantity * 1000) > price_of(old, quantity * 1000)


def new_prices(*, today: date, until: date) -> list[NewPrice]:
    """Return every higher price that reaches a running subscription after today, up to a day."""
    days = (today - LONGEST_INTERVAL, until)
    reaching = Q(existing_from__range=days) | Q(existing_from=None, valid_from__range=days)
    products = set(Price.objects.filter(reaching, is_for_new_only=False).values_list("product_id", flat=True))
    if not products:
        return []
    versions: dict[tuple[int, str], list[Price]] = {}
    for price in Price.objects.filter(product_id__in=products):
        versions.setdefault((price.product_id, price.currency), []).append(price)
    held = _held(products)
    fixed = _fixed({one.subscription.pk for one in held})
    found = (_new_price(one, versions.get((one.product.pk, one.subscription.currency), []), today) for one in held)
    return [one for one in found if one and one.on <= until and not _is_fixed(one, fixed)]


def _held(products: Iterable[int]) -> list[_Held]:
    running = Subscription.objects.filter(state__in=RUNNING, plan_id__in=products, customer__closed_at=None)
    plans = running.select_related("plan", "customer")
    taken = SubscriptionAddOn.objects.filter(
        product_id__in=products, until=None, subscription__state__in=RUNNING, subscription__customer__closed_at=None
    ).select_related("product", "subscription__plan", "subscription__customer")
    return [_Held(one, one.plan, one.quantity, one.priced_on or one.anchor_on) for one in plans] + [
        _Held(one.subscription, one.product, one.quantity, one.priced_on or one.since) for one in taken
    ]


def _new_price(held: _Held, versions: list[Price], today: date) -> NewPrice | None:
    """Return the next higher price at a billing day after today."""
    subscription = held.subscription
    series = Series(subscription.anchor_on, interval_of(subscription.plan))
    old = in_force(versions, on=max(subscription.anchor_on, min(today, subscription.renews_on)), held_since=held.since)
    days = sorted({version.existing_from or version.valid_from for version in versions})
    for day in days:
        period = series.containing(max(day, subscription.anchor_on))
        on = max(period.start if period.start >= day else period.end, subscription.renews_on)
        new = in_force(versions, on=on, held_since=held.since)
        if on > today and old and new and new != old and is_higher(old.tariff, new.tariff, held.quantity):
            return NewPrice(subscription, held.product, held.quantity, old, new, on)
    return None


def _fixed(subscription_ids: Iterable[int]) -> Mapping[tuple[int, int], list[SubscriptionTerms]]:
    found: dict[tuple[int, int], list[SubscriptionTerms]] = {}
    for terms in SubscriptionTerms.objects.filter(subscription_id__in=subscription_ids, price_minor__isnull=False):
        found.setdefault((terms.subscription_id, terms.product_id), []).append(terms)
    return found


def _is_fixed(one: NewPrice, fixed: Mapping[tuple[int, int], list[SubscriptionTerms]]) -> bool:
    """Whether the price of that day is agreed, so that the list says nothing."""
    agreed = fixed.get((one.subscription.pk, one.product.pk), ())
    return any(each.valid_from <= one.on and (each.valid_until is None or one.on < each.valid_until) for each in agreed)
