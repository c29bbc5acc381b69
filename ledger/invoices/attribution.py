"""Sharing a difference out among what caused it (pure): Shapley values, and whole minor units that add up.

The Shapley value of a driver is what it adds on average over every order in which the drivers could have changed, so
no order is preferred and no interaction is left over. Source: L. S. Shapley, "A Value for n-Person Games", 1953.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from math import factorial, lcm
from typing import TypeVar

Driver = TypeVar("Driver", bound=Hashable)


def shapley(drivers: Sequence[Driver], value: Callable[[frozenset[Driver]], Fraction]) -> dict[Driver, Fraction]:
    """Return each driver's exact part of value(all drivers) - value(none); the parts add up to it.

    `value` is asked once for every set of drivers that have changed: 2 to the power of their number.
    """
    count = len(drivers)
    worth = [
        value(frozenset(driver for place, driver in enumerate(drivers) if mask >> place & 1))
        for mask in range(2**count)
    ]
    # Over one common denominator everything is whole numbers, which is many times faster than fractions.
    below = lcm(*(part.denominator for part in worth))
    whole = [part.numerator * (below // part.denominator) for part in worth]
    weights = [factorial(size) * factorial(count - size - 1) for size in range(count)]
    orders = factorial(count)
    return {driver: Fraction(_gain(1 << place, whole, weights), below * orders) for place, driver in enumerate(drivers)}


def _gain(bit: int, worth: Sequence[int], weights: Sequence[int]) -> int:
    """Return what adding a driver brings, over all sets without it, each as often as it comes before the driver."""
    without = [mask for mask in range(len(worth)) if not mask & bit]
    return sum(weights[mask.bit_count()] * (worth[mask | bit] - worth[mask]) for mask in without)


def whole_units(exact: Mapping[Driver, Fraction], total: int) -> dict[Driver, int]:
    """Return whole numbers near the exact parts that add up to `total`; swapping all signs swaps all results.

    Toward zero first, then the largest remainder in the direction of what is missing gets the next unit, ties to the
    part that stands first. `total` may differ from the sum of the parts by what rounding once per bill leaves over.
    """
    parts = {driver: int(part) for driver, part in exact.items()}
    missing = total - sum(parts.values())
    if not parts or not missing:
        return parts
    sign = 1 if missing > 0 else -1
    places = list(exact)
    nearest = sorted(places, key=lambda driver: (-sign * (exact[driver] - parts[driver]), places.index(driver)))
    for turn in range(abs(missing)):
        parts[nearest[turn % len(nearest)]] += sign
    return parts
