"""DiscountTerms: what a discount gives, before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.catalogue.models import Product
from ledger.customers.models import Customer
from ledger.discounts import policy
from ledger.discounts.models import DiscountGrant
from ledger.discounts.rules import InvalidDiscount
from ledger.money import Money


@dataclass(frozen=True, slots=True)
class DiscountTerms:
    """What is given: a percentage or an amount, off some products (all when none is named), for how long.

    `periods` is the number of bills of a discount for some bills; `valid_until` the first day it no longer applies.
    `expected_bill` says what one bill will come to where there is none yet to see it from.
    """

    name: str
    percent: Decimal | None = None
    amount: Money | None = None
    targets: tuple[str, ...] = ()
    duration: str = DiscountGrant.Duration.ONCE.value
    periods: int | None = None
    priority: int = 100
    stacks_on_original: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    expected_bill: Money | None = None


def check_terms(terms: DiscountTerms, customer: Customer) -> None:
    """Refuse terms that cannot be given to a customer.

    :raises InvalidDiscount: saying which and why
    """
    if not 1 <= len(terms.name.strip()) <= 60:
        raise InvalidDiscount("A discount has a name of at most 60 characters; it stands on the bill.")
    if (terms.percent is None) == (terms.amount is None):
        raise InvalidDiscount("A discount takes off either a percentage or an amount.")
    if terms.percent is not None and not (
        terms.percent.is_finite() and 0 < terms.percent <= 100 and terms.percent == round(terms.percent, 6)
    ):
        raise InvalidDiscount("A percentage is above 0 and at most 100, with at most 6 digits after the point.")
    if terms.amount is not None and (terms.amount.minor <= 0 or terms.amount.currency != customer.currency):
        raise InvalidDiscount(f"An amount off is above zero, in {customer.currency}, which this customer is billed in.")
    if terms.expected_bill is not None and terms.expected_bill.currency != customer.currency:
        raise InvalidDiscount(f"This customer is billed in {customer.currency}.")
    _check_time(terms)
    unknown = set(terms.targets) - set(Product.objects.filter(code__in=terms.targets).values_list("code", flat=True))
    if unknown:
        raise InvalidDiscount(f"There is no product {', '.join(sorted(unknown))}.")


def _check_time(terms: DiscountTerms) -> None:
    if terms.duration not in DiscountGrant.Duration.values:
        raise InvalidDiscount("A discount holds once, for some bills, forever, or until it is used up.")
    if (terms.duration == DiscountGrant.Duration.PERIODS) != (terms.periods is not None):
        raise InvalidDiscount("Say for how many bills it holds, exactly when it holds for some.")
    if terms.periods is not None and not 1 <= terms.periods <= policy.MOST_BILLS:
        raise InvalidDiscount(f"A discount holds for 1 to {policy.MOST_BILLS} bills.")
    if terms.duration == DiscountGrant.Duration.UNTIL_USED_UP and terms.amount is None:
        raise InvalidDiscount("Only an amount can be used up; a percentage holds once, for some bills, or forever.")
    if terms.valid_from and terms.valid_until and terms.valid_until <= terms.valid_from:
        raise InvalidDiscount("A discount ends after it begins.")
    if not 0 <= terms.priority <= 1_000:
        raise InvalidDiscount("A priority is from 0, which goes first, to 1000.")
