"""note_reviews_due: a hardship case whose day has come is somebody's task, once for each day that was promised."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event, subject_of
from ledger.hardship.models import HardshipCase
from ledger.hardship.queries import cases_to_review

BY = Actor.system("hardship")


def note_reviews_due(*, at: datetime) -> int:
    """This will say of every live case whose day has come that somebody should look; return how many were new."""
    found = cases_to_review(on=(at + timedelta(days=1)).date(), limit=1000)
    return sum(_note(case.pk, at=at) for case in found if case.review_on <= case.customer.local_day(at))


@transaction.atomic
def _note(case_id: int, *, at: datetime) -> bool:
    case = HardshipCase.objects.select_for_update().get(pk=case_id)
    day, kind = case.review_on.isoformat(), kinds.HARDSHIP_REVIEW_DUE
    said = Event.objects.filter(kind=kind, subject=subject_of(case), data__review_on=day)
    if case.state == HardshipCase.State.ENDED or said.exists():
        return False
    record_event(kind, subject=case, customer_id=case.customer_id, by=BY, at=at, review_on=day, words=case.words)
    return True
