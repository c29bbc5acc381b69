"""What goes with the bills of a step, in their transaction: use is corrected, discounts are counted, credit is used.

Discounts are counted for all bills at once. Credit and corrections are rare, so each is left to its own operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from ledger.billing.bills import Bill, Numbered
from ledger.billing.bulk import insert_many
from ledger.books.wire import plain_array, text_array
from ledger.discounts.models import DiscountUse
from ledger.discounts.operations import DiscountNotInState
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import Happening, record_events
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import use_credit

# A discount for so many bills has one less; one that is used up is closed. The table's own checks forbid more.
_USE = """
UPDATE ledger_discountgrant g
SET left_minor = g.left_minor - w.minor, periods_left = g.periods_left - 1,
    state = CASE WHEN g.duration = 'once' OR g.left_minor = w.minor OR g.periods_left = 1 THEN 'used_up'
            ELSE g.state END,
    closed_at = CASE WHEN g.duration = 'once' OR g.left_minor = w.minor OR g.periods_left = 1 THEN %s::timestamptz
                ELSE g.closed_at END
FROM unnest(%s::bigint[], %s::bigint[]) AS w (grant_id, minor)
WHERE g.id = w.grant_id AND g.state = 'active'
RETURNING g.id, g.name, g.currency, g.conversation, g.state
"""
# A credit is kept below zero, as every account that grows on the credit side.
_WITH_CREDIT = """
SELECT a.owner FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
WHERE a.code = 'customer_credit' AND a.owner = ANY (%s::text[]) AND b.amount_minor < 0
"""


def correct_use(bills: Sequence[Bill], *, by: Actor, at: datetime) -> None:
    """This will credit what was billed too high; before any bill gets its number, as wherever both are written."""
    for bill in bills:
        for wrong in bill.corrections:
            issue_credit_note(
                wrong.line_id,
                amount=wrong.amount,
                without_tax=wrong.without_tax,
                reason=wrong.reason,
                source=wrong.source,
                by=by,
                at=at,
            )


def follow_up(numbered: Sequence[Numbered], *, by: Actor, at: datetime) -> None:
    """This will count the discounts of written bills, and pay the bills from what their customers have."""
    _count_uses([one for one in numbered if one.bill.sums.uses], by=by, at=at)
    _use_credits(numbered, by=by, at=at)


def _count_uses(numbered: Sequence[Numbered], *, by: Actor, at: datetime) -> None:
    uses = [(one, grant, minor) for one in numbered for grant, minor in one.bill.sums.uses if minor]
    if not uses:
        return
    with connection.cursor() as cursor:
        grants, minors = plain_array(grant for _, grant, _ in uses), plain_array(minor for _, _, minor in uses)
        cursor.execute(_USE, [at, grants, minors])
        used = {row[0]: row[1:] for row in cursor.fetchall()}
    if len(used) < len(uses):
        raise DiscountNotInState("A discount was used up or ended while the bill was made.")
    insert_many(
        DiscountUse,
        {
            "grant_id": [grant for _, grant, _ in uses],
            "invoice_id": [one.invoice_id for one, _, _ in uses],
            "amount_minor": [minor for _, _, minor in uses],
            "currency": [used[grant][1] for _, grant, _ in uses],
        },
        {"used_at": at},
    )
    record_events([_used(one, grant, minor, *used[grant]) for one, grant, minor in uses], by=by, at=at)


def _used(one: Numbered, grant: int, minor: int, name: str, currency: str, conversation: str, state: str) -> Happening:
    data = {
        "number": name,
        "amount_minor": minor,
        "currency": currency,
        "conversation": conversation,
        "invoice": one.number,
        "state": state,
    }
    return Happening(kinds.DISCOUNT_USED, f"discountgrant:{grant}", one.bill.customer_id, data)


def _use_credits(numbered: Sequence[Numbered], *, by: Actor, at: datetime) -> None:
    """Use what customers have, oldest debt first; a bill that comes to nothing is settled at once."""
    owners = text_array({f"customer:{one.bill.customer_id}" for one in numbered})
    with connection.cursor() as cursor:
        cursor.execute(_WITH_CREDIT, [owners])
        with_credit = {row[0] for row in cursor.fetchall()}
    for one in numbered:
        if not one.bill.total or f"customer:{one.bill.customer_id}" in with_credit:
            use_credit(Invoice.objects.select_related("customer").get(pk=one.invoice_id), by=by, at=at)
