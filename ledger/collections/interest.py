"""What late payment costs (pure): simple interest on what is owed and not in dispute, day by day, rounded once.

Actual days over 365. A day counts when the amount was owed and nothing held it; a rate or an amount that changes splits
the span into pieces, each shown with its own figures. Rounding every day's figure instead is an option of the rule,
because some published examples do so: 1,000.00 at 8.5 % for 50 days is 11.64, or 11.50 with every day rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ledger.money import Money, round_half_away
from ledger.periods import Period

#: Days of a year, whatever year it is. Source: the rule's day_count "actual/365".
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Owed:
    """What was owed and not in dispute from a day on, until the next one says otherwise."""

    since: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Rate:
    """A yearly rate in per cent, and the rules it comes from."""

    percent: Decimal
    rule_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Days on which the same amount was owed at the same rate; `first` and `last` are both counted."""

    first: date
    last: date
    days: int
    principal: Money
    rate: Rate
    exact: Fraction

    def to_json(self) -> dict[str, Any]:
        """Return the figures of the formula; the exact interest as a fraction of minor units."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "days": self.days,
            "principal_minor": self.principal.minor,
            "percent": str(self.rate.percent),
            "rule_ids": list(self.rate.rule_ids),
            "exact_minor": str(self.exact),
        }


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest over a span: its pieces, and what they come to, rounded once unless every day was rounded."""

    amount: Money
    pieces: tuple[Piece, ...]
    held_days: int
    round_daily: bool
    is_capped: bool = False

    @property
    def days(self) -> int:
        """The days that count."""
        return sum(piece.days for piece in self.pieces)


def accrue(
    owed: Sequence[Owed],
    *,
    rate_on: Callable[[date], Rate],
    span: Period,
    currency: str,
    held: Sequence[Period] = (),
    round_daily: bool = False,
    most: Money | None = None,
) -> Interest:
    """Return the interest of a span; days inside `held` do not count, and `most` is never exceeded."""
    days = [span.start + timedelta(days=number) for number in range(span.days)]
    counted = [day for day in days if not any(day in hold for hold in held)]
    pieces: list[Piece] = []
    for day in counted:
        principal, rate = _owed_on(owed, day, currency), rate_on(day)
        if principal.minor <= 0:
            continue
        last = pieces[-1] if pieces else None
        if last and last.last == day - timedelta(days=1) and (last.principal, last.rate) == (principal, rate):
            pieces[-1] = _piece(last.first, day, last.days + 1, principal, rate, round_daily=round_daily)
        else:
            pieces.append(_piece(day, day, 1, principal, rate, round_daily=round_daily))
    total = Money(round_half_away(sum((piece.exact for piece in pieces), Fraction(0))), currency)
    is_capped = most is not None and total > most
    amount = most if most is not None and is_capped else total
    return Interest(amount, tuple(pieces), len(days) - len(counted), round_daily, is_capped)


def _owed_on(owed: Sequence[Owed], day: date, currency: str) -> Money:
    known = [step for step in owed if step.since <= day]
    return max(known, key=lambda step: step.since).amount if known else Money(0, currency)


def _piece(first: date, last: date, days: int, principal: Money, rate: Rate, *, round_daily: bool) -> Piece:
    daily = Fraction(principal.minor) * Fraction(rate.percent) / 100 / YEAR_DAYS
    each = Fraction(round_half_away(daily)) if round_daily else daily
    return Piece(first, last, days, principal, rate, each * days)


def formula(interest: Interest, language: str = "en") -> str:
    """Return the sum as people write it: `£2,000.00 × 13.25 % × 45 / 365`, pieces joined by a plus."""
    return " + ".join(_written(piece, interest, language) for piece in interest.pieces)


def _written(piece: Piece, interest: Interest, language: str) -> str:
    principal, percent = piece.principal.display(language), f"{piece.rate.percent:f} %"
    if language.startswith("de"):
        percent = percent.replace(".", ",")
    if interest.round_daily:
        daily = Money(round_half_away(piece.exact / piece.days), piece.principal.currency)
        return f"{daily.display(language)} ({principal} × {percent} / {YEAR_DAYS}) × {piece.days}"
    return f"{principal} × {percent} × {piece.days} / {YEAR_DAYS}"
