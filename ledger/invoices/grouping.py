"""At most five causes for a reader (pure): the rest is put together with its like, and nothing large is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: How many causes a customer is told.
MOST_CAUSES = 5
#: What is called "other" is never more than this part of the difference.
OTHER_PER_CENT = 5

#: Causes that can be told as one when there are too many; five families, so that there are never more.
FAMILIES = {
    "added": "added",
    "removed": "removed",
    "quantity": "use",
    "usage": "use",
    "part": "use",
    "price": "prices",
    "discount": "prices",
    "tax": "prices",
    "fx": "prices",
}
ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a difference: its kind, what it comes to, what it is about, and the facts to tell it with.

    A cause that puts several together keeps them as `parts`; they add up to it.
    """

    kind: str
    minor: int
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Cause, ...] = ()


def group_causes(details: Iterable[Cause], total: int, *, most: int | None = MOST_CAUSES) -> tuple[Cause, ...]:
    """Return the causes, largest first, as few as `most`: small ones as "other", else kinds or families together.

    Causes that cancel out stay visible: a group keeps its parts, and "other" is small by its parts, not by their sum.
    """
    causes = sorted(details, key=_weight)
    if most is None or len(causes) <= most:
        return tuple(causes)
    for name in (None, _kind, _family):
        grouped = causes if name is None else _together(causes, name)
        if len(grouped) <= most:
            return tuple(grouped)
        told, small = grouped[: most - 1], grouped[most - 1 :]
        parts = tuple(part for cause in small for part in cause.parts or (cause,))
        if sum(abs(part.minor) for part in parts) * 100 <= abs(total) * OTHER_PER_CENT:
            return (*told, Cause("other", sum(cause.minor for cause in small), parts=parts))
    return tuple(_together(causes, _family))


def _weight(cause: Cause) -> tuple[object, ...]:
    # Ties fall the same way when the two bills are swapped: then what was added is what was removed.
    kind = "line" if cause.kind in ("added", "removed") else cause.kind
    return -abs(cause.minor), cause.subject, kind, sorted(cause.facts.get("refs", ()))


def _kind(cause: Cause) -> str:
    return cause.kind


def _family(cause: Cause) -> str:
    return FAMILIES.get(cause.kind, ACCOUNT)


def _together(causes: Iterable[Cause], name: Callable[[Cause], str]) -> list[Cause]:
    groups: dict[str, list[Cause]] = {}
    for cause in causes:
        groups.setdefault(name(cause), []).append(cause)
    merged = [
        same[0] if len(same) == 1 else Cause(kind, sum(cause.minor for cause in same), parts=tuple(same))
        for kind, same in groups.items()
    ]
    return sorted(merged, key=lambda cause: (-sum(abs(p.minor) for p in cause.parts or (cause,)), cause.kind))
