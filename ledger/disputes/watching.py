"""What the clock does: say before a deadline passes, close what nobody appealed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from ledger.disputes.chargebacks import lock_chargeback, record_chargeback_event
from ledger.disputes.clocks import PROMISE, days_of
from ledger.disputes.deciding import close_dispute
from ledger.disputes.locking import lock_dispute, record_dispute
from ledger.disputes.models import OPEN_STATES, Chargeback, Dispute
from ledger.disputes.opening import rule_of
from ledger.disputes.provisional import is_open, take_back_due_credits
from ledger.events import kinds
from ledger.events.actor import Actor

#: How long before a deadline of ours somebody is told.
NEAR = timedelta(days=2)
#: How long before a deadline of a card network.
NEAR_OF_NETWORK = timedelta(days=3)
JOB = Actor.system("disputes")


def disputes_nearing(at: datetime, *, within: timedelta = NEAR, limit: int = 500) -> list[Dispute]:
    """Return open disputes whose confirmation or answer is due soon or late, the soonest answer first."""
    end = at + within
    unconfirmed = Q(acknowledged_at=None, acknowledge_by__lte=end)
    found = Dispute.objects.filter(state__in=OPEN_STATES).filter(unconfirmed | Q(due_at__lte=end))
    return list(found.select_related("customer", "line__invoice").order_by("due_at", "pk")[:limit])


def watch_disputes(*, at: datetime) -> int:
    """This will raise one event before each deadline passes, take credit back that is due, and close what is over."""
    warned = sum(_warn(dispute.pk, at=at) for dispute in disputes_nearing(at))
    open_ones = Chargeback.objects.filter(state="received", warned_at=None, due_at__lte=at + NEAR_OF_NETWORK)
    for pk in list(open_ones.order_by("due_at", "pk").values_list("pk", flat=True)[:500]):
        warned += _warn_of_network(pk, at=at)
    return warned + take_back_due_credits(at=at) + close_settled(at=at)


@transaction.atomic
def _warn(dispute_id: int, *, at: datetime) -> int:
    dispute, _, _ = lock_dispute(dispute_id)
    if not dispute.is_open:
        return 0
    warned = 0
    clocks: tuple[tuple[str, str, datetime | None, bool], ...] = (
        ("confirmation", "warned_acknowledge_at", dispute.acknowledge_by, dispute.acknowledged_at is None),
        ("answer", "warned_due_at", dispute.due_at, True),
    )
    for what, column, due, runs in clocks:
        if runs and due is not None and due <= at + NEAR and getattr(dispute, column) is None:
            setattr(dispute, column, at)
            record_dispute(
                kinds.DISPUTE_DEADLINE_NEARS, dispute, by=JOB, at=at, what=what, due_at=due.isoformat(),
                is_late=due < at, rule=dispute.clock_source,
            )  # fmt: skip
            warned += 1
    dispute.save()
    return warned


@transaction.atomic
def _warn_of_network(chargeback_id: int, *, at: datetime) -> int:
    chargeback = lock_chargeback(chargeback_id)
    if chargeback.warned_at is not None or not chargeback.is_open:
        return 0
    chargeback.warned_at = at
    chargeback.save(update_fields=["warned_at"])
    record_chargeback_event(kinds.CHARGEBACK_DEADLINE_NEARS, chargeback, by=JOB, at=at)
    return 1


def close_settled(*, at: datetime, limit: int = 500) -> int:
    """This will close decided disputes whose time for an appeal is over; return how many."""
    decided = Dispute.objects.filter(state__in=["upheld", "partly_upheld", "rejected", "withdrawn"])
    old = decided.filter(decided_at__lte=at - timedelta(days=1)).select_related("customer")
    closed = 0
    for dispute in old.order_by("decided_at", "pk")[:limit]:
        if _is_over(dispute, at) and not is_open(dispute):
            close_dispute(dispute.pk, by=JOB, at=at)
            closed += 1
    return closed


def _is_over(dispute: Dispute, at: datetime) -> bool:
    rule = rule_of(dispute.customer, dispute.regime, dispute.told_at)
    days = days_of(rule.params if rule else PROMISE, "appeal_days")
    return dispute.decided_at is not None and dispute.decided_at + timedelta(days=days) <= at
