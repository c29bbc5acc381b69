"""Every read of the price book: which version of a price applies, to whom, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.catalogue.models import Price, Product
from ledger.errors import NotFound
from ledger.periods import MONTHLY, QUARTERLY, WEEKLY, YEARLY, Interval

#: How far one billing day is from the next, by the interval of a product.
INTERVALS: dict[str, Interval] = {
    Product.Interval.WEEK.value: WEEKLY,
    Product.Interval.MONTH.value: MONTHLY,
    Product.Interval.QUARTER.value: QUARTERLY,
    Product.Interval.YEAR.value: YEARLY,
}


class NoSuchProduct(NotFound):
    """There is no such product."""


def get_product(code: str) -> Product:
    """Return the product with a code, on sale or not.

    :raises NoSuchProduct: if there is none
    """
    product = Product.objects.filter(code=code).first()
    if product is None:
        raise NoSuchProduct(f"There is no product {code!r}.")
    return product


def was_sold(product: Product, currency: str, *, before: date) -> bool:
    """Return whether a product can have been billed in a currency before a day.

    Without a price in force before it, nothing was. A one-off item with one may have been: only its code stands on the
    charge. Of plans and add-ons, somebody must have taken them: any row that points to them says so.
    """
    if not Price.objects.filter(product_id=product.pk, currency=currency, valid_from__lt=before).exists():
        return False
    if product.kind == Product.Kind.ONE_OFF:
        return True
    rows = (relation for relation in Product._meta.related_objects if relation.related_model not in (Price, Product))
    return any(
        relation.related_model._base_manager.filter(**{f"{relation.field.name}_id": product.pk}).exists()
        for relation in rows
    )


def why_not_sold(product: Product, currency: str, *, on: date) -> str | None:
    """Return why nobody new can get a product on a day, in words for the customer, or None when they can."""
    if not product.is_on_sale:
        instead = product.replaced_by if product.replaced_by_id else None
        why = f"{product} is no longer sold. {product.retired_reason}".strip()
        return f"{why} {instead} is offered instead." if instead else why
    if price_for(product, currency, on=on, held_since=on) is None:
        return f"{product} has no price in {currency} on {on}."
    return None


def interval_of(product: Product) -> Interval:
    """Return how far one billing day of a product is from the next."""
    return INTERVALS[product.interval]


def reaches(price: Price, *, on: date, held_since: date) -> bool:
    """Return whether a version may apply on a day to who has held the product since another.

    New holders get what is in force when they begin. Who held it before gets a version from the day it reaches
    running subscriptions, and never when it is for new ones only.
    """
    if price.valid_from > on:
        return False
    if price.valid_from <= held_since:
        return True
    return not price.is_for_new_only and (price.existing_from or price.valid_from) <= on


def in_force(versions: Iterable[Price], *, on: date, held_since: date) -> Price | None:
    """Return the newest of a product's versions in one currency that reaches the holder on a day."""
    found = [price for price in versions if reaches(price, on=on, held_since=held_since)]
    return max(found, key=lambda price: price.valid_from, default=None)


def versions_of(product: Product, currency: str) -> list[Price]:
    """Return every version of a product's price in one currency, the oldest first."""
    return list(Price.objects.filter(product_id=product.pk, currency=currency).order_by("valid_from"))


def price_for(product: Product, currency: str, *, on: date, held_since: date) -> Price | None:
    """Return the version that applies on a day to who has held the product since another; None without a price."""
    return in_force(versions_of(product, currency), on=on, held_since=held_since)


@dataclass(frozen=True, slots=True)
class VersionInForce:
    """A version of a price and the day from which it has applied, or will apply, to one holder."""

    price: Price
    since: date


def history_of(versions: Sequence[Price], *, held_since: date) -> list[VersionInForce]:
    """Return each version a holder has had and will have as planned today, with the day it began to apply to them."""
    days = {day for price in versions for day in (price.valid_from, price.existing_from) if day is not None}
    found: list[VersionInForce] = []
    for day in sorted({held_since, *(day for day in days if day > held_since)}):
        price = in_force(versions, on=day, held_since=held_since)
        if price is not None and (not found or found[-1].price != price):
            found.append(VersionInForce(price, day))
    return found


def version_of(product: Product, currency: str, *, on: date, held_since: date) -> VersionInForce | None:
    """Return which version applies to a holder on a day and since when it has: never before they held the product."""
    past = [one for one in history_of(versions_of(product, currency), held_since=held_since) if one.since <= on]
    return past[-1] if past else None


def coming_version(product: Product, currency: str, *, on: date, held_since: date) -> VersionInForce | None:
    """Return the next version a holder will get after a day, with its first day, or None while none is planned."""
    history = history_of(versions_of(product, currency), held_since=held_since)
    return next((one for one in history if one.since > on), None)


class PriceBook:
    """All price versions in memory, read by one query, for work on many subscriptions: the rule of `price_for`."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._versions: dict[tuple[int, str], list[Price]] = {}
        for price in prices:
            self._versions.setdefault((price.product_id, price.currency), []).append(price)

    @classmethod
    def load(cls, currencies: Iterable[str] | None = None) -> PriceBook:
        """Read the versions in some currencies, or in all, each with its product."""
        prices = Price.objects.select_related("product")
        return cls(prices if currencies is None else prices.filter(currency__in=list(currencies)))

    def price(self, product_id: int, currency: str, *, on: date, held_since: date) -> Price | None:
        """Return the version that applies on a day to who has held the product since another; None without one."""
        return in_force(self._versions.get((product_id, currency), ()), on=on, held_since=held_since)
