"""When money that is sent back arrives: a range of days, by how it travels and when banks work (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ledger.workdays import Works, days_after, first_day


@dataclass(frozen=True, slots=True)
class Span:
    """How long one way takes: bank days after the day of sending, and the hour after which the next bank day counts."""

    first_days: int
    last_days: int
    cutoff_hour: int
    source: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first and the last day on which the money should be there."""

    first: date
    last: date


#: By kind of payment method. A day at which the bank's own cut-off has passed counts as the next bank day.
SPANS: dict[str, Span] = {
    "card": Span(5, 10, 24, "razorpay.com/docs/payments/refunds/normal, table of refund times: cards 5-10 days"),
    "direct_debit": Span(
        1, 2, 16, "Directive (EU) 2015/2366 art. 83(1): the end of the next business day; paper orders one day more"
    ),
    "transfer": Span(
        1, 2, 16, "Directive (EU) 2015/2366 art. 83(1): the end of the next business day; paper orders one day more"
    ),
    "credit": Span(0, 0, 24, "Credit is an entry in our own books"),
}
#: What a payment whose kind nobody knows is taken for: the slowest way, so that no promise is too early.
SLOWEST = "card"


def arrival(kind: str, *, sent_at: datetime, is_bank_day: Works) -> Arrival:
    """Return when money sent at a moment (in the bank's local time) arrives.

    Credit is there on the same day, bank day or not.
    """
    span = SPANS.get(kind, SPANS[SLOWEST])
    day = sent_at.date()
    if span.last_days == 0:
        return Arrival(day, day)
    if sent_at.hour >= span.cutoff_hour:
        day += timedelta(days=1)
    start = first_day(day, is_bank_day)
    return Arrival(days_after(start, span.first_days, is_bank_day), days_after(start, span.last_days, is_bank_day))


def say_days(first: date, last: date) -> str:
    """Return a range of days as staff and the portal read it: "6–10 March", "30 March – 2 April"."""
    if first == last:
        return f"{last:%-d %B}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last:%-d %B}"
    return f"{first:%-d %B} – {last:%-d %B}"
