"""What somebody can do about what they have to pay (pure), the one that helps most first; nothing of it is dearer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.money import Money


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which ways there are: what can be spread, what would be saved, which plans run."""

    to_spread: Money
    cheaper_saves: Money | None = None
    cheaper_name: str = ""
    coming: Money | None = None
    can_pause: bool = False
    can_move_day: bool = False
    subscription_id: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One way: its name, what it takes off the days shown (nothing where it only moves the day), and of which plan."""

    name: str
    relief: Money
    subscription_id: int | None = None
    about: str = ""


#: Instalments asked for when nobody said how many: the first falls within the days shown, the rest mostly later.
LATER_OF_SIX = (4, 6)


def rank_options(situation: Situation) -> Sequence[Option]:
    """Return the ways there are, the greatest relief within the days shown first; help in hardship is always one."""
    nothing = Money(0, situation.to_spread.currency)
    found = list[Option]()
    if situation.to_spread.minor > 0:
        later, parts = LATER_OF_SIX
        relief = situation.to_spread.split(parts)
        found.append(Option("instalments", sum(relief[-later:], nothing)))
    if situation.cheaper_saves is not None and situation.cheaper_saves.minor > 0:
        cheaper = Option("plan", situation.cheaper_saves, situation.subscription_id, situation.cheaper_name)
        found.append(cheaper)
    if situation.can_pause and situation.coming is not None and situation.coming.minor > 0:
        found.append(Option("pause", situation.coming, situation.subscription_id))
    found.sort(key=lambda option: -option.relief.minor)
    if situation.can_move_day:
        found.append(Option("billing_day", nothing, situation.subscription_id))
    return [*found, Option("hardship", nothing)]
