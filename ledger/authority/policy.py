"""Who may do how much alone, and whose approval it needs instead (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.money import Money


@dataclass(frozen=True, slots=True)
class Limit:
    """What one role may give in one act, added up per customer over a window of hours."""

    reference: str
    role: str
    amount: Money
    window_hours: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How many people must agree above an amount, and which roles may; no roles: whoever's limit covers it."""

    above: Money
    approvers: int = 1
    roles: frozenset[str] = frozenset()
    window_hours: int = 24


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an act may be done alone: by which limit, or why not."""

    alone: bool
    limit: Limit | None
    why: str


def decide(amount: Money, *, given: Money, limits: Iterable[Limit], roles: Iterable[str]) -> Decision:
    """Decide whether the holder of some roles may give an amount, with what was given already in the window.

    The highest limit of the roles held counts. Split requests are added up: five times 20.00 is 100.00.
    """
    held = frozenset(roles)
    mine = [limit for limit in limits if limit.role in held and limit.amount.currency == amount.currency]
    if not mine:
        return Decision(False, None, "Your role may not give this alone.")
    highest = max(mine, key=lambda limit: limit.amount.minor)
    if amount + given <= highest.amount:
        return Decision(True, highest, f"Within your limit of {highest.amount}.")
    if given.minor > 0 and amount <= highest.amount:
        why = f"With {given} given within {highest.window_hours} hours it is above your limit of {highest.amount}."
        return Decision(False, highest, why)
    return Decision(False, highest, f"Above your limit of {highest.amount}.")


def rule_for(amount: Money, rules: Iterable[Rule]) -> Rule:
    """Return the rule in force for an amount: the highest it is above; one person where there is none."""
    reached = [rule for rule in rules if rule.above.currency == amount.currency and amount > rule.above]
    return max(reached, key=lambda rule: rule.above.minor, default=Rule(Money(0, amount.currency)))
