"""The list of what could not be billed: kept by the run, closed by the bill that comes after all, or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from ledger.billing.bills import Problem
from ledger.billing.models import BillingException
from ledger.books.wire import plain_array, text_array
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import Happening, record_event, record_events
from ledger.jurisdictions.rules import NoRule

_KEEP = """
INSERT INTO ledger_billingexception AS known (subscription_id, customer_id, first_run_id, last_run_id, due_on, code,
    reason, times, raised_at, seen_at, resolved_by, resolution)
SELECT w.subscription, w.customer, %(run)s, %(run)s, w.due_on, w.code, w.reason, 1, %(at)s, %(at)s, '', ''
FROM unnest(%(subscriptions)s::bigint[], %(customers)s::bigint[], %(days)s::date[], %(codes)s::text[],
            %(reasons)s::text[]) AS w (subscription, customer, due_on, code, reason)
ON CONFLICT (subscription_id) WHERE resolved_at IS NULL
DO UPDATE SET last_run_id = excluded.last_run_id, due_on = excluded.due_on, code = excluded.code,
    reason = excluded.reason, times = known.times + 1, seen_at = greatest(known.seen_at, excluded.seen_at)
RETURNING id, customer_id, subscription_id, reason, times = 1
"""
_CLOSE = """
UPDATE ledger_billingexception SET resolved_at = greatest(%s, seen_at), resolved_by = %s, resolution = %s
WHERE subscription_id = ANY (%s::bigint[]) AND resolved_at IS NULL
RETURNING id, customer_id, subscription_id
"""
BILLED = "It was billed."


class NoSuchException(NotFound):
    """There is no such exception of a billing run."""


class ExceptionResolved(DomainError):
    """The exception is closed already."""


def keep_problems(problems: Sequence[Problem], *, run_id: int, by: Actor, at: datetime) -> None:
    """This will put what could not be billed on the list; what is on it already is counted once more."""
    if not problems:
        return
    given: dict[str, Any] = {
        "run": run_id,
        "at": at,
        "subscriptions": plain_array(problem.subscription_id for problem in problems),
        "customers": plain_array(problem.customer_id for problem in problems),
        "days": plain_array(problem.due_on for problem in problems),
        "codes": text_array(problem.code[:60] for problem in problems),
        "reasons": text_array(problem.reason.replace("\0", "")[:500] for problem in problems),
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, given)
        kept = cursor.fetchall()
    gaps = {problem.subscription_id: problem.gap for problem in problems if problem.gap is not None}
    raised = []
    for pk, customer_id, subscription_id, reason, is_new in kept:
        if not is_new:
            continue
        data = {"subscription_id": subscription_id, "reason": reason, "run_id": run_id}
        raised.append(Happening(kinds.BILLING_EXCEPTION_RAISED, f"billingexception:{pk}", customer_id, data))
        if subscription_id in gaps:
            raised.append(_missing(gaps[subscription_id], subscription_id, customer_id))
    record_events(raised, by=by, at=at)


def _missing(gap: NoRule, subscription_id: int, customer_id: int) -> Happening:
    """Put the blocked bill on the list of missing rules too: whoever keeps the rules fills the gap there."""
    place = gap.place
    data = {
        "rule_kind": gap.kind,
        "country": place.country,
        "region": place.region,
        "customer_type": place.customer_type,
        "category": place.category,
        "on": str(gap.on),
        "blocked": f"subscription:{subscription_id}",
        "reason": str(gap),
    }
    return Happening(kinds.JURISDICTION_RULE_MISSING, gap.missing[:60], customer_id, data)


def close_billed(subscription_ids: Sequence[int], *, by: Actor, at: datetime) -> None:
    """This will close the exceptions of subscriptions that are billed now."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [at, str(by), BILLED, plain_array(subscription_ids)])
        closed = cursor.fetchall()
    resolved = [
        Happening(
            kinds.BILLING_EXCEPTION_RESOLVED,
            f"billingexception:{pk}",
            customer_id,
            {"subscription_id": subscription_id, "resolution": BILLED},
        )
        for pk, customer_id, subscription_id in closed
    ]
    record_events(resolved, by=by, at=at)


@transaction.atomic
def resolve_exception(exception_id: int, *, reason: str, by: Actor, at: datetime) -> BillingException:
    """This will close an exception by hand. It comes back with the next run while the subscription is still due.

    :raises NoSuchException: if there is none
    :raises ExceptionResolved: if it is closed already
    :raises InvalidInput: if no reason is given, or one of more than 300 characters
    """
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say in at most 300 characters why the exception is closed.")
    found = BillingException.objects.select_for_update().filter(pk=exception_id).first()
    if found is None:
        raise NoSuchException("There is no such exception.")
    if found.resolved_at:
        raise ExceptionResolved("This exception is closed already.")
    found.resolved_at, found.resolved_by, found.resolution = max(at, found.seen_at), str(by), reason.strip()
    found.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    record_event(
        kinds.BILLING_EXCEPTION_RESOLVED,
        subject=found,
        customer_id=found.customer_id,
        by=by,
        at=at,
        subscription_id=found.subscription_id,
        resolution=found.resolution,
    )
    return found
