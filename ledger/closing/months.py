"""A calendar month of the books, named by its first day (pure)."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.errors import DomainError, InvalidInput
from ledger.periods import add_months


class NotAMonth(InvalidInput):
    """A month is named by its first day."""


class MonthNotOver(DomainError):
    """The month has days left."""


def month_of(day: date) -> date:
    """Return the first day of the month a day lies in."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after.

    :raises NotAMonth: if `month` is no first day
    """
    if month.day != 1:
        raise NotAMonth(f"A month is named by its first day, not by {month}.")
    return add_months(month, 1)


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return next_month(month) - timedelta(days=1)


def check_over(month: date, *, today: date) -> None:
    """Refuse a month that is not over.

    :raises MonthNotOver: if `today` lies in it or before it
    """
    if today < next_month(month):
        raise MonthNotOver(f"{month:%B %Y} is not over yet.")
