"""Credit set aside for refunds that wait for approval, so that no bill uses it up meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.books.operations import post_entry
from ledger.events.actor import Actor
from ledger.refunds.models import Refund


def set_aside(refund: Refund, *, by: Actor, at: datetime) -> None:
    """This will move the credit a refund pays out to where only its approval can take it; a gift stands on none."""
    _post(refund, posting_rules.refund_promised, by=by, at=at)


def free(refund: Refund, *, by: Actor, at: datetime) -> None:
    """This will give the credit back to the customer's use: the refund was declined or called off while it waited."""
    _post(refund, posting_rules.refund_promise_ended, by=by, at=at)


def _post(refund: Refund, rule: Callable[..., Entry], *, by: Actor, at: datetime) -> None:
    if refund.is_goodwill:
        return
    on = refund.customer.local_day(at)
    entry = rule(refund.amount, customer_id=refund.customer_id, refund=f"refund:{refund.pk}", on=on)
    post_entry(entry, by=by, at=at)
