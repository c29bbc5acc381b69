"""The deadlines of chargebacks, soonest first, and one chargeback with all there is to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from ledger.disputes.answer_models import ChargebackAnswer
from ledger.disputes.chargebacks import NoSuchChargeback
from ledger.disputes.models import Chargeback, ChargebackPack, ChargebackStep

#: What has no deadline comes last.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
TODAY, SOON = timedelta(days=1), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One open chargeback: how near its deadline is, whether it is answered at this stage, what became of the answer.

    `answer` is the state of its sending; empty where the pack was frozen before packs were sent from here.
    """

    chargeback: Chargeback
    nearness: str
    is_answered: bool
    answer: str


def nearness(due_at: datetime | None, at: datetime) -> str:
    """Return how near a deadline is: late, today (within 24 hours), soon (within 3 days), later, or none."""
    if due_at is None:
        return "none"
    if due_at <= at:
        return "late"
    return "today" if due_at - at <= TODAY else "soon" if due_at - at <= SOON else "later"


def chargeback_board(*, at: datetime, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[BoardRow]:
    """Return open chargebacks, the soonest deadline first, paged by the deadline and id of the last one seen."""
    answered = ChargebackPack.objects.filter(chargeback=OuterRef("pk"), stage=OuterRef("stage"))
    sent = ChargebackAnswer.objects.filter(pack__chargeback=OuterRef("pk"), pack__stage=OuterRef("stage"))
    found = Chargeback.objects.filter(state="received").annotate(
        is_answered=Exists(answered), answer=Coalesce(Subquery(sent.values("state")[:1]), Value(""))
    )
    if after is not None:
        due, pk = after
        if due >= NEVER:
            found = found.filter(due_at=None, pk__gt=pk)
        else:
            found = found.filter(Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at=None))
    rows = found.select_related("customer", "payment").order_by("due_at", "pk")[:limit]
    return [BoardRow(row, nearness(row.due_at, at), bool(row.is_answered), str(row.answer)) for row in rows]


def key_of(row: BoardRow) -> tuple[datetime, int]:
    """Return what the next page goes on after."""
    return row.chargeback.due_at or NEVER, row.chargeback.pk


def get_chargeback(chargeback_id: int) -> Chargeback:
    """Return a chargeback with its payment and customer.

    :raises NoSuchChargeback: if there is none
    """
    found = Chargeback.objects.select_related("payment", "customer").filter(pk=chargeback_id).first()
    if found is None:
        raise NoSuchChargeback("There is no such chargeback.")
    return found


def steps_of(chargeback: Chargeback) -> list[ChargebackStep]:
    """Return what the network reported, in the order it came."""
    return list(chargeback.steps.order_by("pk"))


def packs_of(chargeback: Chargeback) -> list[ChargebackPack]:
    """Return what was submitted and what became of it, without the bytes."""
    return list(chargeback.packs.defer("content").select_related("answer").order_by("pk"))
