"""What a payment plan may say (pure): how many instalments, on which days, how much, and whether it can be afforded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.errors import DomainError, InvalidInput
from ledger.money import Money
from ledger.periods import Interval, Series
from ledger.workdays import next_workday

FEWEST, MOST = 2, 36
#: The least an instalment may be, in minor units: 5.00 EUR, 500 JPY. Below it a payment costs more than it brings.
LEAST_MINOR = 500
#: How far ahead the first instalment may lie.
FIRST_WITHIN_DAYS = 62
#: How many days ahead it is suggested.
FIRST_IN_DAYS = 14

EVERY: dict[str, Interval] = {
    "week": Interval(days=7),
    "fortnight": Interval(days=14),
    "month": Interval(months=1),
}


class InvalidPlan(InvalidInput):
    """A payment plan cannot say this."""


class WrongNumberOfInstalments(InvalidPlan):
    """A plan has 2 to 36 instalments."""


class InstalmentTooSmall(InvalidPlan):
    """The instalments would be smaller than it is worth to pay."""


class NotAffordable(DomainError):
    """The plan asks for more a month than the customer can pay."""


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What is wanted: how many instalments, how often, from when, and what the customer says they can pay a month."""

    count: int
    first_on: date
    can_pay_monthly: Money
    every: str = "month"
    charges_automatically: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment: the day agreed on, the business day it is due, and how much."""

    position: int
    agreed_on: date
    due_on: date
    amount: Money


def schedule(total: Money, terms: PlanTerms, *, country: str, region: str = "", today: date) -> tuple[Part, ...]:
    """Return the instalments of an amount: they add up to it, the odd cents first, and fall on business days.

    :raises WrongNumberOfInstalments: if there are not 2 to 36
    :raises InvalidPlan: if it begins in the past or too late, or the rhythm is unknown
    :raises InstalmentTooSmall: if an instalment is below the least
    """
    check_terms(total, terms, today=today)
    series = Series(terms.first_on, EVERY[terms.every])
    days = [series.day(number) for number in range(terms.count)]
    amounts = total.split(terms.count)
    return tuple(
        Part(number, day, next_workday(day, country, region), amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True), start=1)
    )


def check_terms(total: Money, terms: PlanTerms, *, today: date) -> None:
    """Refuse what a plan cannot say; see `schedule`."""
    if not FEWEST <= terms.count <= MOST:
        raise WrongNumberOfInstalments(f"A payment plan has {FEWEST} to {MOST} instalments, not {terms.count}.")
    if terms.every not in EVERY:
        raise InvalidPlan(f"Instalments are paid every {', '.join(EVERY)}, not every {terms.every!r}.")
    if not today <= terms.first_on <= today + timedelta(days=FIRST_WITHIN_DAYS):
        raise InvalidPlan(f"The first instalment is due within {FIRST_WITHIN_DAYS} days from today, not before today.")
    if terms.can_pay_monthly.currency != total.currency or terms.can_pay_monthly.minor <= 0:
        raise InvalidPlan(f"Ask what the customer can pay a month, in {total.currency}; without it there is no plan.")
    if total.minor < terms.count * LEAST_MINOR:
        least = Money(LEAST_MINOR, total.currency)
        raise InstalmentTooSmall(f"{total} in {terms.count} instalments is less than {least} each; choose fewer.")


def check_affordable(parts: tuple[Part, ...], terms: PlanTerms, *, besides: Money | None = None) -> None:
    """Refuse a plan whose dearest calendar month is above what the customer can pay; `besides` is promised already.

    :raises NotAffordable: with the sentence why
    """
    month = dearest_month(parts)
    total = sum((part.amount for part in parts[1:]), parts[0].amount)
    able = terms.can_pay_monthly
    room = able - besides if besides else able
    if month <= room:
        return
    why = f"The plan asks for {month} in a month, and {able} is what the customer can pay"
    why += f", of which {besides} is promised in another plan." if besides else "."
    fewest = fewest_instalments(total, room)
    raise NotAffordable(f"{why} {f'With {fewest} monthly instalments it fits.' if fewest else NO_PLAN_FITS}")


NO_PLAN_FITS = f"No plan of up to {MOST} instalments fits; please offer help instead (hardship)."


def dearest_month(parts: tuple[Part, ...]) -> Money:
    """Return what the calendar month with most of it asks for, by the days agreed on."""
    months = Counter[tuple[int, int]]()
    for part in parts:
        months[part.agreed_on.year, part.agreed_on.month] += part.amount.minor
    return Money(max(months.values()), parts[0].amount.currency)


def fewest_instalments(total: Money, monthly: Money) -> int | None:
    """Return the least number of monthly instalments that stay within an amount a month; None where none does."""
    if monthly.minor < LEAST_MINOR or total.minor < FEWEST * LEAST_MINOR:
        return None
    count = max(FEWEST, -(-total.minor // monthly.minor))
    return count if count <= MOST and total.minor >= count * LEAST_MINOR else None


def terms_within(
    total: Money, monthly: Money, *, count: int | None = None, first_on: date, charges_automatically: bool
) -> PlanTerms:
    """Return monthly terms over an amount; without a number, as few instalments as the amount a month allows.

    Where none does, it is the most there can be, and the plan says that it is not affordable.
    """
    return PlanTerms(
        count=count or fewest_instalments(total, monthly) or MOST,
        first_on=first_on,
        can_pay_monthly=monthly,
        charges_automatically=charges_automatically,
    )
