"""mrr_movements: recurring revenue of every month, from what subscriptions were billed for.

What was billed is a fact that never changes: each charge keeps how it was computed, and a change in the middle of a
period credits the old line and bills a new one. So the past can be counted at any time and comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.conf import settings
from django.db import connection

from ledger.discounts.models import DiscountGrant
from ledger.errors import InvalidInput
from ledger.fx.queries import rate_for
from ledger.fx.rates import Rate, convert
from ledger.money import Money
from ledger.periods import add_months
from ledger.revenue.movements import Movement, in_one_currency, movements_of
from ledger.revenue.recurring import monthly_minor

#: Months that one question may span.
LONGEST_SPAN = 120

# In force at the end of a day: billed for it, not taken back, and not cut by a later change of the subscription, whose
# credit notes carry its name. Of two lines for the plan, or for one add-on, the later one counts.
_IN_FORCE = """
SELECT DISTINCT ON (d.day, c.source, CASE WHEN c.kind = 'plan' THEN '' ELSE c.basis->>'product' END)
       d.day, c.customer_id, c.currency, c.basis::text, p.interval, coalesce(c.tax_rate, 0)::text
FROM unnest(%(days)s::date[]) AS d (day)
JOIN ledger_charge c ON c.period_start <= d.day AND c.period_end > d.day
JOIN ledger_subscription s ON c.source = 'subscription:' || s.id AND (s.ends_on IS NULL OR s.ends_on > d.day)
JOIN ledger_product p ON p.code = c.basis->>'product'
WHERE c.kind IN ('plan', 'add_on') AND c.reversed_at IS NULL
  AND NOT EXISTS (
      SELECT FROM ledger_invoiceline l JOIN ledger_creditnoteline x ON x.line_id = l.id
      JOIN ledger_creditnote n ON n.id = x.note_id
      WHERE l.charge_id = c.id AND n.issued_on <= d.day AND n.source LIKE c.source || ':%%')
ORDER BY d.day, c.source, CASE WHEN c.kind = 'plan' THEN '' ELSE c.basis->>'product' END, c.id DESC
"""

_FIRST_BILLED = """
SELECT customer_id, min(period_start) FROM ledger_charge
WHERE kind IN ('plan', 'add_on') AND reversed_at IS NULL AND source LIKE 'subscription:%%' AND amount_minor > 0
GROUP BY customer_id
"""


class SpanTooLong(InvalidInput):
    """More months were asked for than one answer holds, or the last is before the first."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """The months asked for, per currency and all together in the book currency."""

    by_currency: Mapping[str, tuple[Movement, ...]]
    in_book_currency: tuple[Movement, ...]


def mrr_movements(first_month: date, last_month: date, *, today: date | None = None) -> Bridge:
    """Return how recurring revenue moved in each month from `first_month` to `last_month`, both included.

    A month's figures are those of the end of its last day. In the book currency each month is converted at the rate of
    its last day, and what the rates did stands apart; a month that is not over on `today` at the rate of that day.

    :raises SpanTooLong: if the span holds no month, or too many
    :raises NoRate: if amounts are in a currency that no rate is kept for
    """
    months = _months(first_month, last_month)
    worth = _worth([_last_day(month) for month in [add_months(months[0], -1), *months]])
    first_billed = _first_billed()
    found: dict[str, list[Movement]] = {}
    for month in months:
        day, eve = _last_day(month), _last_day(add_months(month, -1))
        newcomers = {customer for customer, first in first_billed.items() if first > eve}
        moved = movements_of(month, worth[eve], worth[day], is_new=newcomers.__contains__)
        for currency, movement in moved.items():
            found.setdefault(currency, []).append(movement)
    by_currency = {currency: tuple(rows) for currency, rows in found.items()}
    return Bridge(by_currency, _in_book_currency(months, found, worth, today or date.max))


def _in_book_currency(
    months: Sequence[date],
    found: Mapping[str, Sequence[Movement]],
    worth: Mapping[date, Mapping[tuple[int, str], int]],
    today: date,
) -> tuple[Movement, ...]:
    book = settings.BOOK_CURRENCY
    eve = _last_day(add_months(months[0], -1))
    sums: dict[str, int] = {}
    for (_, currency), minor in worth[eve].items():
        sums[currency] = sums.get(currency, 0) + minor
    rates = _Rates(book)
    opening = sum((rates.to_book(eve, Money(minor, currency)) for currency, minor in sums.items()), Money(0, book))
    rows: list[Movement] = []
    for month in months:
        day = _last_day(month)
        parts = [row for of_currency in found.values() for row in of_currency if row.month == month]
        rows.append(in_one_currency(month, parts, opening, partial(rates.to_book, min(day, today))))
        opening = rows[-1].closing
    return tuple(rows)


class _Rates:
    """Each rate asked for once."""

    def __init__(self, book: str) -> None:
        self.book = book
        self.known: dict[tuple[str, date], Rate] = {}

    def to_book(self, day: date, amount: Money) -> Money:
        """Return an amount in the book currency, at the rate of a day."""
        if amount.currency == self.book:
            return amount
        if not amount.minor:
            return Money(0, self.book)
        key = (amount.currency, day)
        if key not in self.known:
            self.known[key] = rate_for(amount.currency, to=self.book, on=day)
        return convert(amount, self.known[key])


def _worth(days: Sequence[date]) -> dict[date, dict[tuple[int, str], int]]:
    """Return what each customer is worth a month at the end of each day, by one query."""
    durations = [DiscountGrant.Duration.PERIODS, DiscountGrant.Duration.FOREVER]
    lasting = frozenset(DiscountGrant.objects.filter(duration__in=durations).values_list("pk", flat=True))
    found: dict[date, dict[tuple[int, str], int]] = {day: {} for day in days}
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, {"days": list(days)})
        for day, customer_id, currency, basis, interval, tax_rate in cursor.fetchall():
            minor = monthly_minor(basis, interval, tax_rate, lasting)
            key = (customer_id, currency)
            found[day][key] = found[day].get(key, 0) + minor
    return found


def _first_billed() -> dict[int, date]:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_BILLED, {})
        return dict(cursor.fetchall())


def _months(first: date, last: date) -> list[date]:
    if first.day != 1 or last.day != 1:
        raise InvalidInput("A month is named by its first day.")
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= count <= LONGEST_SPAN:
        raise SpanTooLong(f"Ask for 1 to {LONGEST_SPAN} months, the first one first.")
    return [add_months(first, number) for number in range(count)]


def _last_day(month: date) -> date:
    return date.fromordinal(add_months(month, 1).toordinal() - 1)
