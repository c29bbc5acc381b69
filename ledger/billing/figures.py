"""What a run keeps in memory for all its steps, of bounded size, and what one step reads for its subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings

from ledger.billing.bills import Sums
from ledger.billing.claiming import Claimed, Days
from ledger.catalogue.models import Product
from ledger.catalogue.queries import PriceBook
from ledger.charges.distance import Counted
from ledger.discounts.models import DiscountGrant
from ledger.discounts.queries import as_discount
from ledger.discounts.rules import Discount
from ledger.invoices.book_rates import BookRate, book_rate
from ledger.jurisdictions import tax
from ledger.jurisdictions.models import TaxIdCheck
from ledger.jurisdictions.queries import TaxRules, registrations, rule_book, subject_with
from ledger.jurisdictions.rules import RuleBook
from ledger.jurisdictions.tax import TaxSubject
from ledger.subscriptions import rating
from ledger.subscriptions.agreed import AgreedTerms
from ledger.subscriptions.facts import in_order, sold
from ledger.subscriptions.models import SubscriptionAddOn, SubscriptionTerms
from ledger.subscriptions.rating import Facts, Sold

#: How many different bills are kept for the subscribers who have the same.
KEPT = 4_096


@dataclass(slots=True)
class Figures:
    """Prices, products, tax rules and rates as they were when the run began, and bills that many have alike."""

    days: Days
    prices: PriceBook
    products: dict[int, Sold]
    rules: RuleBook
    rates: dict[tuple[str, date], BookRate] = field(default_factory=dict)
    kept: dict[Any, Sums] = field(default_factory=dict)

    @classmethod
    def load(cls, days: Days) -> Figures:
        """Read what all steps need, once."""
        return cls(days, PriceBook.load(), _products(), rule_book(tax.TAX_KINDS))

    def know(self, products: Iterable[int]) -> None:
        """Read products and prices once more where something is sold that was not known when the run began."""
        if not self.products.keys() >= set(products):
            self.products, self.prices = _products(), PriceBook.load()

    def keep(self, key: Any, sums: Sums) -> None:
        """Keep a bill for those who have the same; of too many, the oldest goes."""
        if len(self.kept) >= KEPT:
            self.kept.pop(next(iter(self.kept)))
        self.kept[key] = sums

    def rate(self, currency: str, on: date) -> BookRate:
        """Return the book rate of a day, asked for once.

        :raises NoRate: if the currency has rates, but none for the day
        """
        known = self.rates.get((currency, on))
        if known is None:
            known = self.rates[currency, on] = book_rate(currency, on)
        return known


AddOnRow = tuple[int, int, int, date, date | None, date | None]


@dataclass(slots=True)
class StepData:
    """What one step reads for the subscriptions it holds, in a constant number of queries."""

    figures: Figures
    add_ons: dict[int, list[AddOnRow]]
    grants: dict[int, list[DiscountGrant]]
    checks: dict[int, TaxIdCheck]
    agreed: dict[int, tuple[AgreedTerms, ...]]
    rules: dict[date, TaxRules] = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)

    @classmethod
    def read(cls, claimed: Sequence[Claimed], figures: Figures) -> StepData:
        """Read add-ons, agreed prices, discounts and VAT id checks."""
        checks = registrations([row.customer_id for row in claimed if row.vat_id])
        customers = {row.customer_id for row in claimed}
        ids = [row.subscription_id for row in claimed]
        add_ons = _add_ons(ids)
        figures.know({row.plan_id for row in claimed} | {row[1] for rows in add_ons.values() for row in rows})
        return cls(figures, add_ons, _grants(customers), checks, _agreed(ids))

    def facts(self, row: Claimed) -> Facts:
        """Return a claimed subscription as rating sees it."""
        products = self.figures.products
        plan = rating.Item(products[row.plan_id], row.quantity, row.priced_on or row.anchor_on)
        taken = (
            rating.Item(products[product], quantity, priced_on or since, since, until, pk)
            for pk, product, quantity, since, until, priced_on in self.add_ons.get(row.subscription_id, ())
        )
        return Facts(
            subscription_id=row.subscription_id,
            customer_id=row.customer_id,
            currency=row.currency,
            time_zone=row.time_zone,
            anchor_on=row.anchor_on,
            renews_on=row.renews_on,
            metered_on=row.metered_on or row.renews_on,
            items=(plan, *taken),
            trial_ends_on=row.trial_ends_on,
            ends_on=row.ends_on,
            agreed=self.agreed.get(row.subscription_id, ()),
        )

    def discounts(self, customer_id: int, on: date) -> list[Discount]:
        """Return what a customer has on a day, in the order it was given."""
        return [
            as_discount(grant)
            for grant in self.grants.get(customer_id, ())
            if grant.valid_from <= on and (grant.valid_until is None or on < grant.valid_until)
        ]

    def subject(self, row: Claimed, on: date) -> TaxSubject:
        """Return what the tax rules of a day need of a customer."""
        subject = subject_with(
            self.checks.get(row.customer_id), country=row.country, region=row.region, kind=row.kind, vat_id=row.vat_id,
            postal_code=row.postal_code, city=row.city,
        )  # fmt: skip
        return self.tax_rules(on).placed(subject)

    def tax_rules(self, on: date) -> TaxRules:
        """Return the tax rules of a day."""
        known = self.rules.get(on)
        if known is None:
            known = self.rules[on] = TaxRules(self.figures.rules, on, settings.SELLER_COUNTRY)
        return known


def _products() -> dict[int, Sold]:
    return {product.pk: sold(product) for product in Product.objects.all()}


def _add_ons(subscription_ids: Iterable[int]) -> dict[int, list[AddOnRow]]:
    found: dict[int, list[AddOnRow]] = {}
    rows = SubscriptionAddOn.objects.filter(subscription_id__in=list(subscription_ids)).order_by("pk")
    for row in rows.values_list("subscription_id", "pk", "product_id", "quantity", "since", "until", "priced_on"):
        found.setdefault(row[0], []).append(row[1:])
    return found


def _agreed(subscription_ids: Sequence[int]) -> dict[int, tuple[AgreedTerms, ...]]:
    found: dict[int, list[SubscriptionTerms]] = {}
    for row in SubscriptionTerms.objects.filter(subscription_id__in=subscription_ids):
        found.setdefault(row.subscription_id, []).append(row)
    return {key: in_order(rows) for key, rows in found.items()}


def _grants(customer_ids: Iterable[int]) -> dict[int, list[DiscountGrant]]:
    found: dict[int, list[DiscountGrant]] = {}
    grants = DiscountGrant.objects.filter(customer_id__in=list(customer_ids), state=DiscountGrant.State.ACTIVE)
    for grant in grants.order_by("pk"):
        found.setdefault(grant.customer_id, []).append(grant)
    return found
