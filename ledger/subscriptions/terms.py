"""What a customer may want of a subscription, as a value, and what it makes of the facts (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.errors import InvalidInput
from ledger.periods import Interval, InvalidBillDay, Series, add_months
from ledger.subscriptions.rating import Facts, Item, Sold


class What(StrEnum):
    """What is to change."""

    PLAN = "plan"
    QUANTITY = "quantity"
    TAKE_ADD_ON = "take_add_on"
    DROP_ADD_ON = "drop_add_on"
    BILLING_DAY = "billing_day"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    REINSTATE = "reinstate"


class When(StrEnum):
    """From when a change counts: at once, or from the first day that is not billed yet."""

    NOW = "now"
    PERIOD_END = "period_end"


class UnusedPart(StrEnum):
    """What happens to the paid part that is not used when a subscription is cancelled at once."""

    KEPT = "none"
    CREDITED = "prorate"


class UnclearChange(InvalidInput):
    """The change names no such thing, or leaves out what it needs."""


@dataclass(frozen=True, slots=True)
class Change:
    """One wanted change. Targets are absolute (five seats, not two more), so asking twice asks for the same.

    `when` empty means the usual: upgrades, seats and add-ons at once; downgrades, fewer of them and the end of the
    period for cancelling. `reasons` and `words` are why, if somebody cares to say.
    """

    what: What
    plan: str = ""
    add_on: str = ""
    quantity: int | None = None
    bill_day: int | None = None
    pause_until: date | None = None
    when: When | None = None
    unused: UnusedPart = UnusedPart.KEPT
    reasons: tuple[str, ...] = ()
    words: str = ""

    def __post_init__(self) -> None:
        needed = {
            What.PLAN: self.plan,
            What.QUANTITY: self.quantity,
            What.TAKE_ADD_ON: self.add_on,
            What.DROP_ADD_ON: self.add_on,
            What.BILLING_DAY: self.bill_day,
        }
        if self.what in needed and not needed[self.what]:
            raise UnclearChange(f"A change of kind {self.what.value!r} says what it wants.")
        if self.quantity is not None and not 1 <= self.quantity <= LARGEST_QUANTITY:
            raise UnclearChange(f"A quantity is from 1 to {LARGEST_QUANTITY:,}.")
        if self.bill_day is not None and not 1 <= self.bill_day <= 31:
            raise InvalidBillDay("A billing day is a day of the month, from 1 to 31.")
        if len(self.words) > 2000 or len(self.reasons) > 10 or any(len(reason) > 60 for reason in self.reasons):
            raise UnclearChange("Say why in at most 2,000 characters, and tick at most ten reasons.")

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, without what it leaves open."""
        stored = {name: value for name, value in asdict(self).items() if value not in (None, "", ())}
        if self.pause_until:
            stored["pause_until"] = self.pause_until.isoformat()
        return {**stored, "reasons": list(self.reasons)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Change:
        """Read what `to_json` wrote, or what an interface received.

        :raises UnclearChange: if it names something no change has
        """
        unknown = set(stored) - {field.name for field in fields(cls)}
        if unknown:
            raise UnclearChange(f"No change has {', '.join(sorted(unknown))}.")
        values = dict(stored)
        try:
            values["what"] = What(values.get("what", ""))
            values["when"] = When(values["when"]) if values.get("when") else None
            values["unused"] = UnusedPart(values.get("unused", UnusedPart.KEPT))
            if values.get("pause_until"):
                values["pause_until"] = date.fromisoformat(str(values["pause_until"]))
        except ValueError as problem:
            raise UnclearChange(f"{problem} is not what a change may say.") from problem
        values["reasons"] = tuple(str(reason) for reason in values.get("reasons", ()))
        return cls(**values)


#: More of one thing than anybody sells on one subscription.
LARGEST_QUANTITY = 1_000_000


def with_plan(facts: Facts, plan: Sold, *, quantity: int, on: date) -> Facts:
    """Return the facts with another plan from a day on; with another interval, billing days start anew on it."""
    item = Item(plan, quantity, held_since=on)
    changed = replace(facts, items=(item, *facts.items[1:]))
    if plan.interval == facts.plan.product.interval:
        return changed
    if facts.trial_ends_on is not None and on < facts.trial_ends_on:
        return replace(changed, anchor_on=facts.trial_ends_on, renews_on=facts.trial_ends_on)
    if on == facts.renews_on:
        return replace(changed, anchor_on=anchor_for(on, facts.anchor_on.day, plan.interval))
    anchored = replace(changed, anchor_on=on)
    return replace(anchored, renews_on=anchored.series.day(1))


def with_quantity(facts: Facts, quantity: int) -> Facts:
    """Return the facts with another quantity of the plan."""
    return replace(facts, items=(replace(facts.plan, quantity=quantity), *facts.items[1:]))


def with_add_on(facts: Facts, add_on: Sold, *, quantity: int, on: date) -> Facts:
    """Return the facts with so many of an add-on from a day on; what was taken of it before ends there."""
    before, ended = taken(facts, add_on.code), without_add_on(facts, add_on.code, on=on)
    held_since = before.held_since if before else on
    return replace(ended, items=(*ended.items, Item(add_on, quantity, held_since=held_since, since=on)))


def without_add_on(facts: Facts, code: str, *, on: date) -> Facts:
    """Return the facts with an add-on that ends on a day."""
    items = tuple(
        replace(item, until=max(on, item.since)) if item.product.code == code and item.until is None else item
        for item in facts.items[1:]
    )
    return replace(facts, items=(facts.plan, *items))


def taken(facts: Facts, code: str) -> Item | None:
    """Return what is taken of an add-on until further notice, if anything."""
    return next((item for item in facts.items[1:] if item.product.code == code and item.until is None), None)


def with_bill_day(facts: Facts, day: int) -> Facts:
    """Return the facts with another billing day: the days up to the first one are billed as a stub.

    :raises InvalidBillDay: if the plan is not billed by months
    """
    interval = facts.plan.product.interval
    if not interval.months:
        raise InvalidBillDay("A plan billed by days has no billing day of the month.")
    first = Series.on_bill_day(facts.renews_on, day, interval).anchor
    return replace(facts, anchor_on=anchor_for(first, day, interval))


def anchor_for(first: date, day: int, interval: Interval) -> date:
    """Return an anchor whose series has `first` as one of its days and keeps to a day of the month.

    28 February for the 31st is anchored in a month with 31 days, so that it does not stay on the 28th for good.
    """
    if not interval.months or first.day >= day:
        return first
    later = [add_months(first, interval.months * number, bill_day=day) for number in range(48)]
    return max(later, key=lambda each: (each.day, -later.index(each)))
