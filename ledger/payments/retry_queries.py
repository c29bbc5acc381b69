"""What the retry planner has to know of a card, a customer and the past; and what is planned for a bill."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from ledger.customers.models import Customer
from ledger.payments.attempt_models import Attempt
from ledger.payments.declines_codes import find_reason
from ledger.payments.models import Payment, PaymentMethod
from ledger.payments.network_rules import CAREFUL, Cap, Try, caps_of, network_of
from ledger.payments.retries import PRESETS, Card, Chances, Schedule
from ledger.payments.retry_models import NetworkRule, Retry, RetrySchedule

#: How far back tries are counted for learning which days pay.
LEARN_FROM = timedelta(days=365)

LEARNED = """
SELECT extract(day FROM a.started_at AT TIME ZONE c.time_zone)::int, count(*),
       count(*) FILTER (WHERE a.state = 'succeeded')
FROM ledger_retry r JOIN ledger_attempt a ON a.id = r.attempt_id JOIN ledger_customer c ON c.id = a.customer_id
WHERE r.state = 'done' AND r.settled_at > %s AND a.state IN ('succeeded', 'failed')
GROUP BY 1
"""


def card_of(method: PaymentMethod, *, at: datetime) -> Card:
    """Return what is known of a card: its caps, every try on it and every one planned, over all bills."""
    caps = _caps(method)
    reach = max((cap.window_days for cap in caps), default=CAREFUL.window_days)
    same = _same_card(method)
    since = at - timedelta(days=reach)
    return Card(caps, [*tries_on(same, since=since), *_planned_on(same)], expires_on=method.expires_on)


def tried_card(method: PaymentMethod, *, at: datetime) -> Card:
    """Return what is known of a card, without what is only planned: to decide about a try that is due now."""
    caps = _caps(method)
    reach = max((cap.window_days for cap in caps), default=CAREFUL.window_days)
    return Card(caps, tries_on(_same_card(method), since=at - timedelta(days=reach)), expires_on=method.expires_on)


def _caps(method: PaymentMethod) -> list[Cap]:
    if method.kind != PaymentMethod.Kind.CARD:
        return [CAREFUL]
    return caps_of(network_of(method.brand), [rule.as_cap() for rule in NetworkRule.objects.all()])


def _same_card(method: PaymentMethod) -> list[int]:
    """Return the ids under which one card is on file: added twice it is still one card for its network."""
    same = Q(token=method.token)
    if method.last4:
        same |= Q(brand=method.brand, last4=method.last4, expires_on=method.expires_on)
    return list(PaymentMethod.objects.filter(same, customer_id=method.customer_id).values_list("pk", flat=True))


def tries_on(methods: list[int], *, since: datetime) -> list[Try]:
    """Return every try on a card since a moment: ours, and those other systems reported."""
    ours = Attempt.objects.filter(method_id__in=methods, started_at__gt=since)
    theirs = Payment.objects.filter(method_id__in=methods, created_at__gt=since).exclude(
        external_id__startswith="attempt-"
    )
    found = [*ours.values_list("started_at", "amount_minor", "currency")]
    found += theirs.values_list("created_at", "amount_minor", "currency")
    return [Try(*row) for row in found]


def _planned_on(methods: list[int]) -> list[Try]:
    planned = Retry.objects.filter(method_id__in=methods, state=Retry.State.PLANNED)
    return [Try(*row) for row in planned.values_list("planned_for", "amount_minor", "currency")]


def schedule_for(customer: Customer) -> Schedule:
    """Return the schedule of a customer's segment, else that for everybody, else the one that comes with the code."""
    rows = {row.segment: row for row in RetrySchedule.objects.all()}
    row = rows.get(customer.kind) or rows.get(RetrySchedule.Segment.EVERYBODY)
    return row.as_schedule() if row else PRESETS["four in three weeks"]


def learned_chances(*, at: datetime) -> Chances:
    """Return how often tries succeeded by the day of the month, where the customer lives, over the last year."""
    with connection.cursor() as cursor:
        cursor.execute(LEARNED, [at - LEARN_FROM])
        rows: list[Any] = cursor.fetchall()
    return Chances({day: tried for day, tried, _ in rows}, {day: paid for day, _, paid in rows})


def refused_for_good(customer_id: int) -> frozenset[int]:
    """Return the ids of a customer's cards whose last answer was that the bank will never approve them."""
    answered = Attempt.objects.filter(customer_id=customer_id, method__isnull=False, state__in=["succeeded", "failed"])
    last = answered.order_by("method_id", "-pk").distinct("method_id").values_list("method_id", "failure_code")
    return frozenset(method for method, code in last if method is not None and find_reason(code).ends_card)


def next_retry_on(invoice_id: int) -> date | None:
    """Return the customer's day on which a bill is tried again, if a try is planned."""
    planned = Retry.objects.filter(invoice_id=invoice_id, state=Retry.State.PLANNED).select_related("customer")
    first = planned.order_by("planned_for").first()
    return first.customer.local_day(first.planned_for) if first else None


def retries_of(invoice_id: int) -> list[Retry]:
    """Return the plan of a bill, in the order of its days."""
    return list(Retry.objects.filter(invoice_id=invoice_id).order_by("planned_for", "pk"))
