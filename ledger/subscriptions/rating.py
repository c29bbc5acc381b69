"""What a subscription costs for a period (pure): the one place where its facts become the basis of charges.

Fixed prices (plan, add-ons) are billed in advance for the period; metered products in arrears for the days since use
was last billed. Only days with service cost anything: trial days, days before something was taken and days after it
ended are left out, and the part of a period is counted as the product says (`ledger.subscriptions.proration`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from ledger.charges.basis import Basis, amount, list_amount
from ledger.discounts.rules import Discount, apply_discounts
from ledger.errors import DomainError
from ledger.money import Money, exact_number
from ledger.periods import Interval, Period, Series
from ledger.subscriptions import proration
from ledger.subscriptions.agreed import AgreedTerms, with_agreed_price

if TYPE_CHECKING:
    from ledger.catalogue.models import Price
    from ledger.catalogue.queries import PriceBook


class PriceMissing(DomainError):
    """What is to be billed has no price in the currency on the day."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What rating has to know of a product."""

    id: int
    code: str
    name: str
    interval: Interval
    unit: str = ""
    meter: str = ""
    tax_category: str = "standard"
    proration: proration.Basis = proration.Basis.DAY
    is_last_day_billed: bool = False
    notice_days: int = 0
    longest_pause_days: int = 92
    usage_limit: Decimal | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Something taken: the plan or an add-on, so many of it, from one day up to, not including, another.

    `held_since` is the day whose price version it keeps; `row` the add-on's own row, None for the plan.
    """

    product: Sold
    quantity: int
    held_since: date
    since: date = date.min
    until: date | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A subscription as rating sees it; the first item is the plan.

    `renews_on` is the first day not yet billed, `metered_on` the first day whose use is not yet billed.
    """

    subscription_id: int
    customer_id: int
    currency: str
    time_zone: str
    anchor_on: date
    renews_on: date
    metered_on: date
    items: tuple[Item, ...]
    trial_ends_on: date | None = None
    ends_on: date | None = None
    agreed: tuple[AgreedTerms, ...] = ()

    @property
    def plan(self) -> Item:
        """What the subscription is for."""
        return self.items[0]

    @property
    def series(self) -> Series:
        """Its billing days."""
        return Series(self.anchor_on, self.plan.product.interval)

    @property
    def meters(self) -> frozenset[str]:
        """The meters that decide a part of its bills."""
        return frozenset(item.product.meter for item in self.items if item.product.meter)


@dataclass(frozen=True, slots=True)
class Rated:
    """One amount to charge: its basis, and how it reads on a bill."""

    basis: Basis
    product: Sold
    kind: str
    period: Period
    description: str
    tax_rate: Decimal | None
    tax_category: str
    #: Whether its discounts are used by it; the rest of a billed period bears those of that period again.
    uses_discounts: bool = True

    @property
    def amount(self) -> Money:
        """What is charged; with tax inside where the price includes it."""
        return amount(self.basis)

    @property
    def list_amount(self) -> Money:
        """The same before discounts."""
        return list_amount(self.basis)


def period_due(facts: Facts) -> Period | None:
    """Return the next period to bill in advance, or None when service ends before it.

    From the first day not yet billed to the next billing day: after a move of the billing day, a stub.
    """
    end = facts.series.containing(facts.renews_on).end
    if facts.ends_on is not None:
        end = min(end, facts.ends_on)
    return Period(facts.renews_on, end) if end > facts.renews_on else None


def usage_span(facts: Facts, until: date) -> Period | None:
    """Return the days whose metered use a bill on a day charges, or None when there are none or nothing is metered."""
    end = until if facts.ends_on is None else min(until, facts.ends_on)
    return Period(facts.metered_on, end) if facts.meters and end > facts.metered_on else None


def rate_period(
    facts: Facts,
    period: Period,
    *,
    cause: str,
    prices: PriceBook,
    used: Mapping[str, Decimal] | None = None,
    discounts: Sequence[Discount] = (),
    priced_on: date | None = None,
    moment: datetime | None = None,
    whole: Period | None = None,
) -> list[Rated]:
    """Return what a period costs: fixed prices for it, then what `used` (by meter) says of the days before it.

    Lines of zero are returned too. `priced_on` is the day whose price counts (the period's first, unless a change
    continues a period billed before); `moment` when the period's first day begins for products counted by the second;
    `whole` the period it is a part of, where the series was moved since. Without `used`, metered products are left out.

    :raises PriceMissing: if something has no price in the currency
    """
    how = _How(cause, prices, priced_on, moment, whole or facts.series.containing(period.start))
    rated = [_fixed(facts, item, period, how) for item in facts.items if not item.product.meter]
    lines = [line for line in rated if line is not None]
    span = usage_span(facts, period.start)
    if used is not None and span is not None:
        lines += rate_usage(facts, span, used=used, prices=prices)
    return with_discounts(lines, discounts, part=Fraction(period.days, how.whole.days))


@dataclass(frozen=True, slots=True)
class _How:
    """What all lines of one rating share."""

    cause: str
    prices: PriceBook
    priced_on: date | None
    moment: datetime | None
    whole: Period


def _fixed(facts: Facts, item: Item, period: Period, how: _How) -> Rated | None:
    served = served_days(facts, item, period)
    if served is None:
        return None
    part = proration.part_with_service(
        how.whole, served, basis=item.product.proration, zone=facts.time_zone, moment=how.moment
    )
    day = max(how.priced_on, item.held_since) if how.priced_on else period.start
    price = price_in_force(facts, item, how.prices, day)
    kind = "plan" if item is facts.plan else "add_on"
    basis = _basis(item, price, kind=kind, quantity=Fraction(item.quantity), cause=how.cause)
    basis = with_agreed_price(basis, facts.agreed, item.product.id, day)
    basis = replace(basis, part=part, days=served.days, of_days=how.whole.days)
    return _rated(basis, item, price, served, f"{_counted(item)}, {days_in_words(served)}")


def served_days(facts: Facts, item: Item, period: Period) -> Period | None:
    """Return the days of a period on which an item is served and paid for, or None when there are none."""
    starts = [period.start, item.since, facts.trial_ends_on]
    ends = [period.end, item.until, facts.ends_on]
    start = max(day for day in starts if day is not None)
    end = min(day for day in ends if day is not None)
    return Period(start, end) if end > start else None


def rate_usage(facts: Facts, span: Period, *, used: Mapping[str, Decimal], prices: PriceBook) -> list[Rated]:
    """Return what metered use in a span of days costs, per product that was taken in it.

    The price is the one in force on the first of the days; steps of a price count from zero in each span.

    :raises PriceMissing: if a metered product has no price in the currency
    """
    lines = []
    for item in facts.items:
        served = served_days(facts, item, span) if item.product.meter else None
        if served is None:
            continue
        price = price_in_force(facts, item, prices, served.start)
        quantity = max(exact_number(used.get(item.product.meter, Decimal(0))), Fraction(0))
        basis = _basis(item, price, kind="usage", quantity=quantity, cause="usage")
        basis = with_agreed_price(basis, facts.agreed, item.product.id, served.start)
        basis = replace(basis, days=served.days, of_days=served.days)
        words = f"{item.product.name}: {figure(quantity)} {item.product.unit or item.product.meter}"
        lines.append(_rated(basis, item, price, served, f"{words}, {days_in_words(served)}"))
    return lines


def price_in_force(facts: Facts, item: Item, prices: PriceBook, day: date) -> Price:
    """Return the version of an item's price on a day.

    :raises PriceMissing: if there is none
    """
    price = prices.price(item.product.id, facts.currency, on=day, held_since=item.held_since)
    if price is None:
        raise PriceMissing(f"{item.product.name} has no price in {facts.currency} for {day}.")
    return price


def _basis(item: Item, price: Price, *, kind: str, quantity: Fraction, cause: str) -> Basis:
    return Basis(
        kind=kind,
        product=item.product.code,
        name=item.product.name,
        tariff=price.tariff,
        quantity=quantity,
        cause=cause,
        unit=item.product.unit,
        price_id=price.pk,
        price_from=price.valid_from,
        includes_tax=price.includes_tax,
    )


def _rated(basis: Basis, item: Item, price: Price, served: Period, words: str) -> Rated:
    return Rated(basis, item.product, basis.kind, served, words[:200], price.tax_rate, item.product.tax_category)


def with_discounts(lines: Sequence[Rated], discounts: Sequence[Discount], *, part: Fraction) -> list[Rated]:
    """Return the lines with what the discounts take off each; of an amount per period, the part that is billed.

    What a discount has left to be used up is not cut to the part: it is a sum of money, not a price.
    """
    if not lines or not discounts:
        return list(lines)
    cut = [
        replace(discount, amount=discount.amount.times(part))
        if discount.amount is not None and not discount.until_used_up and part < 1
        else discount
        for discount in discounts
    ]
    taken = apply_discounts([(line.product.code, line.list_amount) for line in lines], cut)
    return [
        replace(line, basis=replace(line.basis, discounts=shares)) for line, shares in zip(lines, taken, strict=True)
    ]


def _counted(item: Item) -> str:
    if item.quantity == 1:
        return item.product.name
    return f"{item.product.name} × {item.quantity}" + (f" {item.product.unit}" if item.product.unit else "")


def figure(quantity: Fraction) -> str:
    """Write a quantity as a plain decimal of at most six digits after the point, without trailing zeros."""
    written = f"{Decimal(quantity.numerator) / Decimal(quantity.denominator):.6f}"
    return written.rstrip("0").rstrip(".")


def days_in_words(period: Period) -> str:
    """Write a period as people read it: its first and its last day."""
    return f"{period.start.isoformat()} to {(period.end - timedelta(days=1)).isoformat()}"
