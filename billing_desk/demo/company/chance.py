"""Chance that falls the same way every time: decided by the names of things, not by the order of calls."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
SEED = "Nordlicht"


def fraction(*names: object) -> float:
    """Return a number from 0 up to, not including, 1 for a name."""
    digest = hashlib.sha256("/".join([SEED, *map(str, names)]).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def between(first: int, last: int, *names: object) -> int:
    """Return a whole number from `first` to `last`, both included."""
    return first + int(fraction(*names) * (last - first + 1))


def pick(things: Sequence[Thing], *names: object) -> Thing:
    """Return one of several things."""
    return things[int(fraction(*names) * len(things))]
