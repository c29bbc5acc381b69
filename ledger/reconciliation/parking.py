"""take_report and take_up_parked: what cannot be placed yet waits as a row, and is tried again until it can."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.payments.attempt_models import GatewayReport
from ledger.payments.stripe_told import Told, from_json, kind_of, to_json
from ledger.reconciliation.gateway_reports import NotPlaced, Source, place
from ledger.reconciliation.parked_models import ParkedReport

PLACER = Actor.system("take_up_parked")
#: How long something may be on its way to us before a person looks.
GIVES_UP = timedelta(days=3)
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))


def take_report(report: GatewayReport, told: Sequence[Told], *, by: Actor, at: datetime) -> str:
    """This will act on all that one report says, and park what cannot be placed yet; return what it is about.

    Must run in the transaction that keeps the report.
    """
    subjects = [_placed_or_parked(one, report, by=by, at=at) for one in told]
    return subjects[0] if subjects else ""


def _placed_or_parked(told: Told, report: GatewayReport, *, by: Actor, at: datetime) -> str:
    try:
        return place(told, Source(report), by=by, at=at)
    except NotPlaced as refusal:
        parked, is_new = ParkedReport.objects.get_or_create(
            report=report,
            kind=kind_of(told),
            reference=told.reference,
            defaults={"told": to_json(told), "parked_at": at, "try_again_at": at + WAITS[0]},
        )
        if is_new:
            _record(kinds.GATEWAY_REPORT_PARKED, parked, by=by, at=at, why=str(refusal))
        return f"parkedreport:{parked.pk}"


def take_up_parked(*, at: datetime, limit: int = 200) -> int:
    """Sweep: try to place what is parked; return how much could be. What nobody could place for days becomes a break.

    Safe to run twice and at the same time: rows another worker holds are passed over.
    """
    due = ParkedReport.objects.filter(state=ParkedReport.State.WAITING, try_again_at__lte=at)
    ids = list(due.order_by("try_again_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_try_again(parked_id, at=at) for parked_id in ids)


@transaction.atomic
def _try_again(parked_id: int, *, at: datetime) -> int:
    held = ParkedReport.objects.select_for_update(skip_locked=True, of=("self",)).select_related("report")
    parked = held.filter(pk=parked_id, state=ParkedReport.State.WAITING, try_again_at__lte=at).first()
    if parked is None:
        return 0
    told, is_last = from_json(parked.kind, parked.told), at - parked.parked_at >= GIVES_UP
    parked.tries += 1
    try:
        subject = place(told, Source(parked.report, is_last_try=is_last), by=PLACER, at=at)
    except NotPlaced:
        parked.try_again_at = at + WAITS[min(parked.tries, len(WAITS) - 1)]
        parked.save()
        return 0
    if subject.startswith("break:") and is_last:
        parked.subject = subject
        parked.show(at=at)
    else:
        parked.take_up(subject=subject, at=at)
    parked.save()
    _record(kinds.GATEWAY_REPORT_TAKEN_UP, parked, by=PLACER, at=at, about=subject)
    return 1


def _record(kind: str, parked: ParkedReport, *, by: Actor, at: datetime, **more: Any) -> None:
    record_event(
        kind, subject=parked, customer_id=None, by=by, at=at, what=parked.kind, reference=parked.reference, **more
    )
