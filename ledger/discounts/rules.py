"""What discounts take off the lines of a bill (pure).

Discounts apply one after the other on what is left: the narrowest target first, then by priority, then the oldest. What
one takes off is decided once for all its lines and then shared out over them, so the shares always add up:

- an amount takes at most what is left of its lines; what does not fit is lost, unless it stays until it is used up;
- a percentage leaves the rest of its lines' total, rounded once, half away from zero, and takes off the difference. One
  that stacks on the original takes its part of the total before any discount instead.

No line falls below zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ledger.charges.basis import AppliedDiscount
from ledger.errors import InvalidInput
from ledger.money import CurrencyMismatch, Money, allocate, exact_number, round_half_away

Line = tuple[str, Money]


class InvalidDiscount(InvalidInput):
    """A discount takes off a percentage above 0 up to 100, or an amount; never both, never below zero."""


@dataclass(frozen=True, slots=True)
class Discount:
    """One discount: a percentage or an amount off the lines of some products, or of all when it names none.

    `left` is what is still to be used of an amount that stays until it is used up; `grant` the grant it comes from.
    A lower `priority` goes first.
    """

    name: str
    percent: Fraction | None = None
    amount: Money | None = None
    targets: frozenset[str] = frozenset()
    priority: int = 100
    granted_on: date = date.min
    stacks_on_original: bool = False
    until_used_up: bool = False
    left: Money | None = None
    grant: int | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.amount is None):
            raise InvalidDiscount("A discount takes off either a percentage or an amount.")
        if self.percent is not None and not 0 < exact_number(self.percent) <= 100:
            raise InvalidDiscount("A percentage is above 0 and at most 100.")
        if any(money is not None and money.minor < 0 for money in (self.amount, self.left)):
            raise InvalidDiscount("A discount never takes off less than nothing.")
        if self.until_used_up and self.amount is None:
            raise InvalidDiscount("Only an amount can be used up.")


def in_order(discounts: Iterable[Discount]) -> list[Discount]:
    """Return discounts as they apply: the fewest products named first, none named last; then priority, then age."""

    def place(one: Discount) -> tuple[Any, ...]:
        # The rest only makes sure that the order in which they are handed over decides nothing.
        rest = (
            one.grant or 0,
            one.name,
            one.stacks_on_original,
            one.percent or 0,
            one.amount.minor if one.amount else 0,
        )
        return (not one.targets, len(one.targets), one.priority, one.granted_on, *rest)

    return sorted(discounts, key=place)


def apply_discounts(lines: Sequence[Line], discounts: Iterable[Discount]) -> list[tuple[AppliedDiscount, ...]]:
    """Return what is taken off each line, a tuple per line in their order; a share of nothing is left out.

    :raises InvalidDiscount: if a line is below zero
    :raises CurrencyMismatch: if lines, or an amount off, are in different currencies
    """
    originals = [amount.minor for _, amount in lines]
    if any(minor < 0 for minor in originals):
        raise InvalidDiscount("A line to discount is not below zero.")
    if len({amount.currency for _, amount in lines}) > 1:
        raise CurrencyMismatch("Lines in different currencies are discounted apart.")
    left = list(originals)
    applied: list[list[AppliedDiscount]] = [[] for _ in lines]
    for discount in in_order(discounts) if lines else []:
        _check_currency(discount, lines[0][1].currency)
        wanted = [
            place for place, (product, _) in enumerate(lines) if not discount.targets or product in discount.targets
        ]
        for place, share in _shares(discount, wanted, originals=originals, left=left):
            left[place] -= share
            applied[place].append(AppliedDiscount(discount.name, share, discount.percent, discount.grant))
    return [tuple(taken) for taken in applied]


def _check_currency(discount: Discount, currency: str) -> None:
    if discount.amount is not None and discount.amount.currency != currency:
        raise CurrencyMismatch(f"{discount.name} is in {discount.amount.currency}, the bill in {currency}.")


def _shares(
    discount: Discount, wanted: Sequence[int], *, originals: Sequence[int], left: Sequence[int]
) -> list[tuple[int, int]]:
    """Return what comes off each wanted line, by the line's place: in proportion to what is left of it."""
    remaining = [left[place] for place in wanted]
    total = sum(remaining)
    base = sum(originals[place] for place in wanted) if discount.stacks_on_original else total
    off = min(_off(discount, base), total)
    if not off:
        return []
    shares = allocate(off, remaining)
    return [(place, share) for place, share in zip(wanted, shares, strict=True) if share]


def _off(discount: Discount, base: int) -> int:
    if discount.amount is not None:
        return (discount.left if discount.until_used_up and discount.left is not None else discount.amount).minor
    percent = exact_number(discount.percent or 0)
    # What is left to pay is the amount that is rounded: three in a row leave 72.68 of 100.00, not 72.67.
    return base - round_half_away(base * (100 - percent) / 100)


def discounted_total(lines: Sequence[Line], discounts: Iterable[Discount]) -> Money:
    """Return what is left to pay of some lines together.

    :raises InvalidDiscount: if there are no lines, whose currency nobody knows
    """
    if not lines:
        raise InvalidDiscount("Nothing to discount.")
    taken = sum(one.minor for line in apply_discounts(lines, discounts) for one in line)
    return Money(sum(amount.minor for _, amount in lines) - taken, lines[0][1].currency)


def discounted_change(before: Sequence[Line], after: Sequence[Line], discounts: Sequence[Discount]) -> Money:
    """Return what a change of quantity costs: both totals are discounted whole, then subtracted."""
    return discounted_total(after, discounts) - discounted_total(before, discounts)


def taken_by_grant(applied: Iterable[Iterable[AppliedDiscount]]) -> dict[int, int]:
    """Return how many minor units each grant took off a bill: what its use is counted with."""
    taken: defaultdict[int, int] = defaultdict(int)
    for line in applied:
        for one in line:
            if one.grant is not None:
                taken[one.grant] += one.minor
    return dict(taken)
