"""recommend (pure): the same facts recommend the same decision, whoever asks and whoever the customer is.

The facts leave out who the customer is: no country, no language, no name. What the facts do not settle is left to a
person ("look"), and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.money import Money

UPHOLD, PARTLY, REJECT, LOOK = "upheld", "partly_upheld", "rejected", "look"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the books know about a disputed charge; None: they do not know.

    `duplicate_of` names the standing charge this one repeats; `agreed` is the gross price that was agreed or listed for
    the period; `credited_minor` of the charge was given back before; `ended_on` is the first day without service;
    `was_used` is whether use was reported in the period.
    """

    reason: str
    disputed: Money
    charged: Money
    credited_minor: int = 0
    duplicate_of: str = ""
    agreed: Money | None = None
    period_start: date | None = None
    period_end: date | None = None
    ended_on: date | None = None
    was_used: bool | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the facts recommend, how much of the disputed amount it gives, and the sentences behind it."""

    outcome: str
    amount: Money
    because: tuple[str, ...]


def recommend(facts: Facts) -> Recommendation:
    """Return what the facts recommend for the reason the customer gave."""
    nothing = Money(0, facts.disputed.currency)
    if facts.duplicate_of:
        return Recommendation(UPHOLD, facts.disputed, (f"The same charge stands twice: {facts.duplicate_of}.",))
    by_end = _after_the_end(facts)
    if by_end:
        return by_end
    by_price = _above_the_price(facts)
    if by_price:
        return by_price
    against = _against(facts)
    if against:
        return Recommendation(REJECT, nothing, against)
    return Recommendation(LOOK, nothing, ("Nothing in the books settles this: look at what the customer says.",))


def _after_the_end(facts: Facts) -> Recommendation | None:
    if facts.ended_on is None or facts.period_start is None or facts.period_end is None:
        return None
    if facts.ended_on <= facts.period_start:
        why = f"The service ended on {facts.ended_on}, before the period from {facts.period_start}."
        return Recommendation(UPHOLD, facts.disputed, (why,))
    if facts.ended_on < facts.period_end:
        days, unused = (facts.period_end - facts.period_start).days, (facts.period_end - facts.ended_on).days
        share, _ = facts.charged.allocate([unused, days - unused])
        why = f"The service ended on {facts.ended_on}: {unused} of the {days} days of the period were not served."
        return _up_to(facts, share, why)
    return None


def _above_the_price(facts: Facts) -> Recommendation | None:
    if facts.agreed is None or facts.agreed >= facts.charged:
        return None
    why = f"{facts.charged} was charged; {facts.agreed} was agreed."
    return _up_to(facts, facts.charged - facts.agreed, why)


def _up_to(facts: Facts, owed_back: Money, why: str) -> Recommendation | None:
    """Give back what is owed and not credited yet, never more than was disputed; less than that is in part."""
    credited = Money(facts.credited_minor, owed_back.currency)
    if owed_back <= credited:
        return None
    given = min(owed_back - credited, facts.disputed)
    return Recommendation(UPHOLD if given == facts.disputed else PARTLY, given, (why,))


def _against(facts: Facts) -> tuple[str, ...]:
    """Return why the charge is right, for the reasons that facts can answer; empty where they cannot."""
    if facts.reason == "wrong_amount" and facts.agreed is not None and facts.agreed >= facts.charged:
        return (f"The charge is what was agreed: {facts.agreed}.",)
    if facts.reason in ("not_received", "not_recognised") and facts.was_used:
        return ("The service was used in this period.",)
    if facts.reason == "cancelled" and facts.ended_on is None and facts.was_used:
        return ("There is no cancellation on file, and the service was used in this period.",)
    return ()
