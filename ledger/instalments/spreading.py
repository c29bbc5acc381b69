"""How payments, credits and disputes change the instalments of a plan (pure); nothing is lost to rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.money import allocate


@dataclass(frozen=True, slots=True)
class Share:
    """One instalment in minor units: paid + waived + left = amount. `is_ahead`: its day has not passed."""

    amount: int
    paid: int = 0
    waived: int = 0
    is_ahead: bool = True

    @property
    def left(self) -> int:
        """What is still to be paid of it."""
        return self.amount - self.paid - self.waived


@dataclass(frozen=True, slots=True)
class Facts:
    """What the covered bills say now: paid since the plan began, due, and how much more is disputed than before."""

    paid: int
    due: int
    newly_disputed: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """The instalments afterwards, and by how much each cause changed what the plan covers or asks for."""

    shares: tuple[Share, ...]
    disputed: int = 0
    credited: int = 0
    owed_again: int = 0

    @property
    def left(self) -> int:
        """What is still to be paid in all."""
        return sum(share.left for share in self.shares)


def follow(shares: Sequence[Share], facts: Facts) -> Followed:
    """Return the instalments as the bills have them: what was paid counts to the oldest, what is credited shortens the
    plan from its end, what is disputed leaves it and the rest is spread anew, what is owed again comes back.
    """
    paid = max(facts.paid, 0)
    before = sum(share.amount - share.waived for share in shares)
    change = paid + facts.due - before
    if change >= 0:
        grown = grow(count_paid(shares, min(paid, before)), change)
        return Followed(tuple(count_paid(grown, paid)), owed_again=change)
    disputed = min(-change, max(facts.newly_disputed, 0))
    credited = -change - disputed
    shrunk = spread(count_paid(shares, paid), -disputed)
    return Followed(tuple(waive_from_end(shrunk, credited)), disputed=disputed, credited=credited)


def count_paid(shares: Sequence[Share], paid: int) -> list[Share]:
    """Count what was paid in all, the oldest instalment first."""
    counted, left = list[Share](), paid
    for share in shares:
        part = min(left, share.amount - share.waived)
        counted.append(replace(share, paid=part))
        left -= part
    return counted


def waive_from_end(shares: Sequence[Share], amount: int) -> list[Share]:
    """Take an amount off what is left, the last instalment first."""
    kept, left = list(shares), amount
    for place in range(len(kept) - 1, -1, -1):
        part = min(left, kept[place].left)
        kept[place] = replace(kept[place], waived=kept[place].waived + part)
        left -= part
    return kept


def spread(shares: Sequence[Share], change: int) -> list[Share]:
    """Change what is left by an amount, in proportion over the instalments with something left."""
    lefts = [share.left for share in shares]
    if not change or not any(lefts):
        return list(shares)
    return [
        replace(share, amount=share.amount - share.left + left)
        for share, left in zip(shares, allocate(sum(lefts) + change, lefts), strict=True)
    ]


def grow(shares: Sequence[Share], amount: int) -> list[Share]:
    """Add an amount: in proportion where something is left, else equally on the days ahead, else to the last one."""
    if not amount:
        return list(shares)
    if any(share.left for share in shares):
        return spread(shares, amount)
    ahead = [int(share.is_ahead) for share in shares]
    weights = ahead if any(ahead) else [0] * (len(shares) - 1) + [1]
    return [
        replace(share, amount=share.amount + more)
        for share, more in zip(shares, allocate(amount, weights), strict=True)
    ]
