"""When a notice may be sent, and what late payment may cost (pure): the arithmetic of the rules that are not tax."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ledger.jurisdictions.rules import Rule
from ledger.money import Money


@dataclass(frozen=True, slots=True)
class Window:
    """The first and the last day on which a notice has to be delivered, both included."""

    earliest: date
    latest: date

    def __contains__(self, day: date) -> bool:
        return self.earliest <= day <= self.latest

    def __str__(self) -> str:
        return f"{self.earliest} to {self.latest}"


def window_before(rule: Rule, takes_effect_on: date) -> Window:
    """Return the window of a notice rule: at most `max_days` and at least `min_days` before the change."""
    earliest = takes_effect_on - timedelta(days=int(rule.params["max_days"]))
    return Window(earliest, takes_effect_on - timedelta(days=int(rule.params["min_days"])))


def days_to_send(rule: Rule, takes_effect_on: date) -> list[date]:
    """Return the days the rule plans notices for, the first day of the window where it names none."""
    planned = rule.params.get("send_days") or [rule.params["max_days"]]
    return sorted(takes_effect_on - timedelta(days=int(days)) for days in planned)


def interest_rate(rule: Rule, base: Rule) -> Decimal:
    """Return the yearly rate of a late-fee rule in per cent: the base rate and its points above."""
    return Decimal(base.params["rate"]) + Decimal(rule.params["points"])


def fixed_sum(rule: Rule, owed: Money) -> Money:
    """Return the fixed sum a late-fee rule adds once; nothing where it has none in this currency."""
    for step in rule.params.get("fixed_sums", ()):
        below = step["below_minor"]
        if step["currency"] == owed.currency and (below is None or owed.minor < below):
            return Money(step["amount_minor"], owed.currency)
    return Money(0, owed.currency)
