"""How recurring revenue moved from one month's end to the next (pure): every move has one name, and they add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction

from ledger.money import Money

#: Customer and currency: what each of them is worth a month, in minor units.
Worth = Mapping[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Movement:
    """One month in one currency: opening + new + reactivation + expansion - contraction - churn + fx = closing.

    `fx` is what the rates alone did to amounts that did not move; in the currency of the amounts it is zero.
    """

    month: date
    opening: Money
    new: Money
    reactivation: Money
    expansion: Money
    contraction: Money
    churn: Money
    fx: Money
    closing: Money

    @property
    def net_retention(self) -> Fraction | None:
        """What is left of the opening with what its customers added; None when there was nothing to keep."""
        kept = self.opening + self.expansion - self.contraction - self.churn
        return Fraction(kept.minor, self.opening.minor) if self.opening.minor else None

    @property
    def gross_retention(self) -> Fraction | None:
        """What is left of the opening without what its customers added; never above 1."""
        kept = self.opening - self.contraction - self.churn
        return Fraction(kept.minor, self.opening.minor) if self.opening.minor else None


def movements_of(month: date, before: Worth, after: Worth, *, is_new: Callable[[int], bool]) -> dict[str, Movement]:
    """Return a month's movement per currency; `is_new` says of a customer whether they ever paid before."""
    currencies = sorted({currency for _, currency in [*before, *after]})
    return {currency: _movement(month, currency, before, after, is_new) for currency in currencies}


def _movement(month: date, currency: str, before: Worth, after: Worth, is_new: Callable[[int], bool]) -> Movement:
    moved = dict.fromkeys(("new", "reactivation", "expansion", "contraction", "churn"), 0)
    opening = closing = 0
    for key in before.keys() | after.keys():
        if key[1] != currency:
            continue
        was, now = before.get(key, 0), after.get(key, 0)
        opening, closing = opening + was, closing + now
        if was != now:
            moved[_name(was, now, is_new=is_new(key[0]))] += abs(now - was)
    amounts = {name: Money(minor, currency) for name, minor in moved.items()}
    nothing = Money(0, currency)
    return Movement(month, Money(opening, currency), closing=Money(closing, currency), fx=nothing, **amounts)


def _name(was: int, now: int, *, is_new: bool) -> str:
    if not was:
        return "new" if is_new else "reactivation"
    if not now:
        return "churn"
    return "expansion" if now > was else "contraction"


def in_one_currency(
    month: date, parts: Iterable[Movement], opening: Money, convert: Callable[[Money], Money]
) -> Movement:
    """Return the movements of several currencies as one, at the month's rates; what the rates did stands apart.

    `opening` is the closing of the month before in the same currency. `fx` is what is missing to the closing, so the
    parts always add up: it holds the change of the rates and the rounding of the parts.
    """
    nothing = Money(0, opening.currency)
    names = [field.name for field in fields(Movement) if field.name not in ("month", "opening", "fx", "closing")]
    movements = list(parts)
    sums = {name: sum((convert(getattr(part, name)) for part in movements), nothing) for name in names}
    closing = sum((convert(part.closing) for part in movements), nothing)
    gained = sums["new"] + sums["reactivation"] + sums["expansion"] - sums["contraction"] - sums["churn"]
    return Movement(month, opening, fx=closing - opening - gained, closing=closing, **sums)
