"""Are disputes decided alike (pure)? Approval rates of groups, with intervals, and what stands out too far for chance.

Compared is what the customer was given against what the facts recommended, so that a group whose charges were more
often wrong does not stand out for that alone. A group below 30 decisions is not shown: its rate would say nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

#: Groups below this are suppressed.
LEAST = 30
#: The chance, over all comparisons of one report together, that something is flagged where nothing is wrong.
ALPHA = 0.05
DIMENSIONS = ("country", "language", "tenure")
TENURES = ((0, "under 1 year"), (1, "1 to 3 years"), (3, "3 years and more"))


@dataclass(frozen=True, slots=True)
class Decided:
    """One decided dispute, as the report compares it."""

    decider: str
    approved: bool
    recommended: str
    country: str
    language: str
    tenure: str
    was_appealed: bool = False
    was_overturned: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One group's approval rate with its 95 % interval, beside the rate of the others; hidden where it is too small."""

    decider: str
    dimension: str
    value: str
    count: int
    is_shown: bool
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    others: float | None = None
    p_value: float | None = None
    is_flagged: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The groups, all deciders together and one by one, and how often an appeal overturned a decision."""

    groups: tuple[Group, ...]
    appeals: int
    overturned: int
    overturned_of: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def flagged(self) -> tuple[Group, ...]:
        """The groups that stand out further than chance explains."""
        return tuple(group for group in self.groups if group.is_flagged)


def tenure_of(days: int) -> str:
    """Return the band of a customer's time with us."""
    return next(name for years, name in reversed(TENURES) if days >= years * 365)


def interval(approved: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate. Source: E. B. Wilson, 1927, "Probable inference", JASA 22."""
    z, rate = 1.959964, approved / count
    centre = (rate + z * z / (2 * count)) / (1 + z * z / count)
    spread = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def consistency(decided: Sequence[Decided]) -> Report:
    """Return the report: every group of every dimension, for all deciders and for each, flagged with one error rate."""
    compared = []
    for decider in ("", *sorted({one.decider for one in decided})):
        mine = [one for one in decided if decider in ("", one.decider)]
        compared += [(decider, dimension, value, mine) for dimension, value in _values(mine)]
    tests = sum(_is_testable(mine, dimension, value) for _, dimension, value, mine in compared)
    groups = [_group(decider, dimension, value, mine, tests) for decider, dimension, value, mine in compared]
    appealed = [one for one in decided if one.was_appealed]
    by_decider: dict[str, tuple[int, int]] = {}
    for one in appealed:
        count, lost = by_decider.get(one.decider, (0, 0))
        by_decider[one.decider] = (count + 1, lost + one.was_overturned)
    return Report(tuple(groups), len(appealed), sum(one.was_overturned for one in appealed), by_decider)


def _values(decided: Iterable[Decided]) -> list[tuple[str, str]]:
    return sorted({(dimension, getattr(one, dimension)) for one in decided for dimension in DIMENSIONS})


def _parted(decided: Sequence[Decided], dimension: str, value: str) -> tuple[list[Decided], list[Decided]]:
    inside = [one for one in decided if getattr(one, dimension) == value]
    return inside, [one for one in decided if getattr(one, dimension) != value]


def _is_testable(decided: Sequence[Decided], dimension: str, value: str) -> bool:
    inside, others = _parted(decided, dimension, value)
    return min(len(inside), len(others)) >= LEAST


def _group(decider: str, dimension: str, value: str, decided: Sequence[Decided], tests: int) -> Group:
    inside, others = _parted(decided, dimension, value)
    count = len(inside)
    if count < LEAST:
        return Group(decider, dimension, value, count, is_shown=False)
    approved = sum(one.approved for one in inside)
    low, high = interval(approved, count)
    rate = approved / count
    if len(others) < LEAST:
        return Group(decider, dimension, value, count, True, rate, low, high)
    p_value = difference(inside, others)
    rest = sum(one.approved for one in others) / len(others)
    return Group(decider, dimension, value, count, True, rate, low, high, rest, p_value, p_value < ALPHA / tests)


def difference(inside: Sequence[Decided], others: Sequence[Decided]) -> float:
    """Return how likely a difference this large is by chance, among disputes with the same recommendation.

    Source: N. Mantel and W. Haenszel, 1959, "Statistical aspects of the analysis of data from retrospective studies",
    JNCI 22; with the continuity correction.
    """
    strata: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for members, is_inside in ((inside, True), (others, False)):
        for one in members:
            strata[one.recommended].append((is_inside, one.approved))
    apart = spread = 0.0
    for cells in strata.values():
        size, mine = len(cells), sum(is_inside for is_inside, _ in cells)
        approved = sum(was for _, was in cells)
        if size < 2:
            continue
        apart += sum(is_inside and was for is_inside, was in cells) - mine * approved / size
        spread += mine * (size - mine) * approved * (size - approved) / (size * size * (size - 1))
    if not spread:
        return 1.0
    z = max(abs(apart) - 0.5, 0.0) / math.sqrt(spread)
    return 2 * (1 - NormalDist().cdf(z))
