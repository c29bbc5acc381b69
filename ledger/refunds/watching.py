"""The watchdog of promised days: who hears nothing of a refund asks, and tells the customer before a promise breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.refunds.models import Refund
from ledger.refunds.recording import record
from ledger.refunds.sending import ask_about
from ledger.refunds.settling import return_refund, settle_refund
from ledger.workdays import bank_days, days_after, first_day

WATCHER = Actor.system("watch_refunds")
#: How many bank days more the customer is given when nobody knows where the money is.
MORE_DAYS = 5


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of the refunds whose promised days were nearly over."""

    arrived: int = 0
    came_back: int = 0
    delayed: int = 0


def watch_refunds(*, at: datetime, limit: int = 200) -> Watched:
    """This will ask the gateway about refunds whose last promised day is tomorrow or nearer, and not heard of since.

    Arrived ones are settled, returned ones owed again; of the silent the customer is told once, with new days. Safe to
    run twice and at the same time.
    """
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    due = Refund.objects.filter(state=Refund.State.PAID, delay_told_at=None, arrives_by__lte=tomorrow)
    found = list(due.select_related("payment").order_by("arrives_by", "pk")[:limit])
    outcomes = [_watch(refund, at=at) for refund in found]
    return Watched(outcomes.count("arrived"), outcomes.count("came_back"), outcomes.count("delayed"))


def _watch(refund: Refund, *, at: datetime) -> str:
    answer = ask_about(refund, at=at)
    with transaction.atomic():
        held = Refund.objects.select_for_update(skip_locked=True, of=("self",)).select_related("customer")
        still = held.filter(pk=refund.pk, state=Refund.State.PAID, delay_told_at=None).first()
        if still is None or still.sending != refund.sending:
            return "another worker's"
        if answer is not None and not answer.pending:
            if answer.succeeded:
                settle_refund(still.pk, by=WATCHER, at=at)
                return "arrived"
            return_refund(still.pk, code=answer.failure_code, by=WATCHER, at=at)
            return "came_back"
        _give_more_days(still, at=at)
    return "delayed"


def _give_more_days(refund: Refund, *, at: datetime) -> None:
    is_bank_day = bank_days(refund.currency, refund.customer.country)
    today = first_day(timezone.localdate(at), is_bank_day)
    refund.arrives_from = days_after(today, 1, is_bank_day)
    refund.arrives_by = days_after(max(today, refund.arrives_by or today), MORE_DAYS, is_bank_day)
    refund.delay_told_at = at
    refund.save(update_fields=["arrives_from", "arrives_by", "delay_told_at"])
    arrives = {"arrives_from": str(refund.arrives_from), "arrives_by": str(refund.arrives_by)}
    record(kinds.REFUND_DELAYED, refund, by=WATCHER, at=at, reference=refund.gateway_reference, **arrives)
