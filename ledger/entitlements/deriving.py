"""What a customer's access comes to (pure): from what is owed, the policy, the warning they had, and the day.

Facts in, standing out: the order in which the facts became known makes no difference, and asking again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.money import Money

ACTIVE, GRACE, RESTRICTED, SUSPENDED = "active", "grace", "restricted", "suspended"
NOTHING, FAILED, OVERDUE, OVERRIDE = "nothing", "failed", "overdue", "override"


@dataclass(frozen=True, slots=True)
class Debt:
    """What is asked for on one bill. A part in dispute is not in it; `is_held`: a plan, a promise or hardship holds it.

    `restricted_on`: the ladder said so on that day, whatever the policy's days.
    """

    invoice_id: int
    amount: Money
    due_on: date
    failed_on: date | None = None
    is_held: bool = False
    restricted_on: date | None = None

    @property
    def day_zero(self) -> date:
        """The day from which grace is counted."""
        return min(self.due_on, self.failed_on) if self.failed_on else self.due_on


@dataclass(frozen=True, slots=True)
class Terms:
    """The days of a policy."""

    grace_days: int = 7
    warning_days: int = 2
    suspended_after_days: int = 14
    least_minor: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What access is, why, since when, what cures it, and what comes next.

    `warns_on`: from this day on the customer has to be told that access will be restricted; None when they know.
    """

    state: str
    reason: str
    cure: Money
    bill: Money
    invoice_id: int | None = None
    day_zero: date | None = None
    since_on: date | None = None
    warns_on: date | None = None
    restricts_on: date | None = None
    suspends_on: date | None = None


def derive(
    debts: Sequence[Debt],
    terms: Terms,
    *,
    today: date,
    currency: str,
    warned_on: date | None = None,
    override: str | None = None,
) -> Standing:
    """Return the standing of a day: of several debts the one that comes first decides, all of them cure it."""
    counted = sorted(
        (debt for debt in debts if _counts(debt, today)), key=lambda debt: (_limit(debt, terms), debt.invoice_id)
    )
    cure = sum((debt.amount for debt in counted), Money(0, currency))
    if not counted or cure.minor < max(terms.least_minor, 1):
        standing = Standing(ACTIVE, NOTHING, Money(0, currency), Money(0, currency))
    else:
        standing = _standing(counted[0], cure, terms, today=today, warned_on=warned_on)
    if override is None or override == standing.state:
        return standing
    return Standing(override, OVERRIDE, standing.cure, standing.bill, standing.invoice_id, standing.day_zero)


def _counts(debt: Debt, today: date) -> bool:
    late = debt.due_on < today or (debt.failed_on is not None and debt.failed_on <= today)
    return late and not debt.is_held and debt.amount.minor > 0


def _limit(debt: Debt, terms: Terms) -> date:
    """The day on which access would be restricted if the customer was warned in time; never before it was due."""
    by_policy = max(debt.day_zero + timedelta(days=terms.grace_days), debt.due_on + timedelta(days=1))
    return min(by_policy, debt.restricted_on) if debt.restricted_on else by_policy


def _standing(worst: Debt, cure: Money, terms: Terms, *, today: date, warned_on: date | None) -> Standing:
    limit, zero = _limit(worst, terms), worst.day_zero
    reason = FAILED if worst.failed_on is not None and worst.failed_on <= zero else OVERDUE
    notice = timedelta(days=terms.warning_days)
    if warned_on is None:
        return Standing(GRACE, reason, cure, worst.amount, worst.invoice_id, zero, zero, warns_on=limit - notice)
    restricts_on = max(limit, warned_on + notice)
    suspends_on = restricts_on + timedelta(days=terms.suspended_after_days)
    state, since = GRACE, zero
    if today >= restricts_on:
        state, since = (SUSPENDED, suspends_on) if today >= suspends_on else (RESTRICTED, restricts_on)
    return Standing(state, reason, cure, worst.amount, worst.invoice_id, zero, since, None, restricts_on, suspends_on)
