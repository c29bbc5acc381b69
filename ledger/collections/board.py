"""The collections board: who is overdue, where on the ladder, what comes next and when, and what holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.collections.models import DunningStep, PaymentPromise
from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.holds.models import Hold
from ledger.money import Money

#: What the board can be narrowed to.
SHOWN = ("all", "due", "calls", "held", "promised", "without_steps")
PAGE = 50

# One row per customer and currency with something overdue, the oldest debt first; a page begins after (day, customer).
_BOARD = """
WITH overdue AS (
    SELECT i.customer_id, i.currency, min(i.due_on) AS since, count(*) AS bills,
           sum(i.total_minor - i.paid_minor - i.credited_minor - i.written_off_minor - i.disputed_minor) AS minor,
           sum(i.disputed_minor) AS disputed
    FROM ledger_invoice i
    WHERE i.state = 'open' AND i.due_on < %(today)s
      AND i.total_minor > i.paid_minor + i.credited_minor + i.written_off_minor + i.disputed_minor
    GROUP BY i.customer_id, i.currency
), ladder AS (
    SELECT o.*, n.action AS next_action, n.planned_on AS next_on, l.action AS last_action, l.taken_at AS last_at,
           EXISTS (SELECT 1 FROM ledger_hold h WHERE h.customer_id = o.customer_id AND h.lifted_at IS NULL
                   AND (h.until IS NULL OR h.until > %(at)s) AND 'reminders' = ANY (h.stops)) AS is_held,
           EXISTS (SELECT 1 FROM ledger_paymentpromise p WHERE p.customer_id = o.customer_id AND p.state = 'open')
               AS is_promised
    FROM overdue o
    LEFT JOIN LATERAL (SELECT DISTINCT ON (s.customer_id) s.action, s.planned_on FROM ledger_dunningstep s
                       JOIN ledger_invoice i ON i.id = s.invoice_id AND i.state = 'open' AND i.currency = o.currency
                       WHERE s.customer_id = o.customer_id AND s.state = 'planned'
                       ORDER BY s.customer_id, s.planned_on, s.position) n ON true
    LEFT JOIN LATERAL (SELECT DISTINCT ON (s.customer_id) s.action, s.taken_at FROM ledger_dunningstep s
                       JOIN ledger_invoice i ON i.id = s.invoice_id AND i.state = 'open' AND i.currency = o.currency
                       WHERE s.customer_id = o.customer_id AND s.state = 'taken'
                       ORDER BY s.customer_id, s.taken_at DESC, s.position DESC) l ON true
)
SELECT customer_id, currency, since, bills, minor, disputed, last_action, last_at, next_action, next_on
FROM ladder
WHERE (%(after_day)s::date IS NULL OR (since, customer_id) > (%(after_day)s::date, %(after_id)s))
  AND (%(shown)s = 'all'
       OR (%(shown)s = 'due' AND next_on <= %(today)s AND NOT is_held)
       OR (%(shown)s = 'calls' AND (last_action = 'phone_task' OR next_action = 'phone_task'))
       OR (%(shown)s = 'held' AND is_held)
       OR (%(shown)s = 'promised' AND is_promised)
       OR (%(shown)s = 'without_steps' AND next_on IS NULL))
ORDER BY since, customer_id
LIMIT %(limit)s
"""


@dataclass(slots=True)
class BoardRow:
    """What the board says of one customer; the days are the customer's own."""

    customer: Customer
    overdue: Money
    disputed: Money
    since: date
    bills: int
    last_action: str
    last_at: datetime | None
    next_action: str
    next_on: date | None
    holds: list[Hold] = field(default_factory=list)
    promise: PaymentPromise | None = None
    access: str = "active"

    @property
    def key(self) -> str:
        """Where the next page begins."""
        return f"{self.since.isoformat()}|{self.customer.pk}"


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page, and the key of the next; empty on the last."""

    rows: list[BoardRow]
    next_key: str


def collections_board(
    *, today: date, at: datetime, shown: str = "all", after: str = "", limit: int = PAGE
) -> BoardPage:
    """Return a page of the board; the same few queries however many customers are overdue.

    :raises InvalidInput: if there is no such filter, or the key is none
    """
    if shown not in SHOWN:
        raise InvalidInput(f"The board shows: {', '.join(SHOWN)}.")
    after_day, after_id = _key(after)
    asked: dict[str, Any] = {"today": today, "at": at, "shown": shown, "limit": limit + 1}
    asked |= {"after_day": after_day, "after_id": after_id}
    with connection.cursor() as cursor:
        cursor.execute(_BOARD, asked)
        found = cursor.fetchall()
    rows = _rows(found[:limit], at=at)
    return BoardPage(rows, rows[-1].key if len(found) > limit else "")


def _key(after: str) -> tuple[date | None, int]:
    day, _, customer = after.partition("|")
    if not after:
        return None, 0
    try:
        return date.fromisoformat(day), int(customer)
    except ValueError:
        raise InvalidInput("This page does not exist; begin again with the first.") from None


def _rows(found: Sequence[tuple[Any, ...]], *, at: datetime) -> list[BoardRow]:
    ids = [row[0] for row in found]
    customers = Customer.objects.select_related("access").in_bulk(ids)
    rows = []
    for pk, currency, since, bills, minor, disputed, last_action, last_at, next_action, next_on in found:
        customer = customers[pk]
        access = getattr(customer, "access", None)
        rows.append(
            BoardRow(
                customer, Money(int(minor), currency), Money(int(disputed), currency), since, bills,
                last_action or "", last_at, next_action or "", next_on, access=access.state if access else "active",
            )
        )  # fmt: skip
    holds: dict[int, list[Hold]] = {}
    for hold in Hold.objects.filter(customer_id__in=ids, lifted_at=None).order_by("pk"):
        if hold.is_live(at):
            holds.setdefault(hold.customer_id, []).append(hold)
    promises = PaymentPromise.objects.filter(customer_id__in=ids, state=PaymentPromise.State.OPEN)
    by_customer = {promise.customer_id: promise for promise in promises}
    for row in rows:
        row.holds, row.promise = holds.get(row.customer.pk, []), by_customer.get(row.customer.pk)
    return rows


def steps_of(customer_id: int) -> list[DunningStep]:
    """Return every step of a customer's bills, bill by bill, in order."""
    steps = DunningStep.objects.filter(customer_id=customer_id).select_related("invoice")
    return list(steps.order_by("invoice__due_on", "invoice_id", "position"))
