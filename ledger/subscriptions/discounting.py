"""Which discounts count for days of a subscription: those of the bill that paid for them, else those in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from ledger.charges.basis import AppliedDiscount
from ledger.discounts.models import DiscountGrant
from ledger.discounts.queries import as_discount, discounts_in_force
from ledger.discounts.rules import Discount
from ledger.money import Money, round_half_away
from ledger.subscriptions.billed import BilledLine


def discounts_in_force_of(customer_id: int, on: date) -> list[Discount]:
    """Return the discounts a customer has on a day."""
    return discounts_in_force([customer_id], on).get(customer_id, [])


def discounts_kept(lines: Sequence[BilledLine], *, until: date) -> list[Discount]:
    """Return the discounts that the bills for the rest of a period took off, for lines that replace theirs.

    A change within a period neither loses the period's discount nor takes it twice: what the old lines give back is
    without it, and the new ones bear it for the same days. An amount is what it took off a whole period.
    """
    running = {line.basis.product: line for line in lines if line.period.end == until}
    found: dict[tuple[str, int | None], AppliedDiscount] = {}
    whole: defaultdict[tuple[str, int | None], Fraction] = defaultdict(Fraction)
    for line in running.values():
        for one in line.basis.discounts:
            found[one.name, one.grant] = one
            whole[one.name, one.grant] += one.minor / line.basis.part
    grants = DiscountGrant.objects.in_bulk([one.grant for one in found.values() if one.grant])
    currency = next((line.net.currency for line in running.values()), "")
    return [
        _kept(one, grants.get(one.grant or 0), Money(round_half_away(whole[key]), currency))
        for key, one in found.items()
    ]


def _kept(one: AppliedDiscount, grant: DiscountGrant | None, off: Money) -> Discount:
    """Return one discount as it was applied; of an amount, what it took off, and no more of what it has left."""
    if grant is None:
        return Discount(one.name, percent=one.percent, amount=None if one.percent else off)
    discount = as_discount(grant)
    return discount if discount.percent else replace(discount, amount=off, until_used_up=False, left=None)


class DiscountsToCome:
    """A customer's discounts over the bills to come: each used up as those bills would use it."""

    def __init__(self, grants: Iterable[DiscountGrant]) -> None:
        self._grants = {grant.pk: grant for grant in grants}

    @classmethod
    def load(cls, customer_ids: Iterable[int]) -> dict[int, list[DiscountGrant]]:
        """Return what each customer has that may still take something off, by one query."""
        found = DiscountGrant.objects.filter(customer_id__in=list(customer_ids), state=DiscountGrant.State.ACTIVE)
        given: defaultdict[int, list[DiscountGrant]] = defaultdict(list)
        for grant in found.order_by("pk"):
            given[grant.customer_id].append(grant)
        return given

    def on(self, day: date) -> list[Discount]:
        """Return those in force on a day that have something left."""
        return [
            as_discount(grant)
            for grant in self._grants.values()
            if grant.valid_from <= day and (grant.valid_until is None or day < grant.valid_until)
        ]

    def use(self, taken: Mapping[int, int]) -> None:
        """Count what a bill takes off, by grant; nothing is written."""
        for grant_id, minor in taken.items():
            grant = self._grants[grant_id]
            if grant.left_minor is not None:
                grant.left_minor -= minor
            if grant.periods_left is not None:
                grant.periods_left -= 1
            if grant.duration == DiscountGrant.Duration.ONCE or 0 in (grant.left_minor, grant.periods_left):
                del self._grants[grant_id]
