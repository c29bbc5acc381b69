"""prepare_month and close_month: recognise, check, lock. One member of staff prepares a month, another closes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from ledger.books import operations as books
from ledger.books import proof
from ledger.closing.checklist import BLOCKING, Item, check_month
from ledger.closing.checklist_sql import DAYS_NOT_CLOSED
from ledger.closing.models import MonthClose
from ledger.closing.months import check_over, last_day, next_month
from ledger.closing.recognition import recognise_revenue
from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.events.operations import record_event


class NoSuchMonth(NotFound):
    """Nobody has prepared this month."""


class MonthAlreadyClosed(DomainError):
    """The month, or a later one, was closed before."""


class MonthNotReady(DomainError):
    """Something on the checklist has to be put right first."""


class NotYours(DomainError):
    """Whoever prepared a month does not close it."""


class EarlierMonthOpen(DomainError):
    """Months are closed in their order."""


@transaction.atomic
def prepare_month(month: date, *, by: Actor, at: datetime) -> MonthClose:
    """This will recognise a month's revenue, seal its entries, close its days, and keep what the checklist says then.

    It may be done as often as there is something to put right.

    :raises MonthNotOver: if the month has days left
    :raises MonthAlreadyClosed: if it is closed
    """
    check_over(month, today=timezone.localdate(at))
    known = MonthClose.objects.select_for_update().filter(month=month).first()
    later = MonthClose.objects.filter(month__gte=month, state=MonthClose.State.CLOSED).exists()
    if later:
        raise MonthAlreadyClosed(f"The books of {month:%B %Y} are closed.")
    recognise_revenue(month, by=by, at=at)
    books.seal_entries(at=at)
    for day in _days_not_closed(month):
        books.close_day(day, at=at)
    row = known or MonthClose(month=month)
    row.checklist = [item.to_json() for item in check_month(month)]
    row.prepared_by, row.prepared_at = str(by), at
    row.save()
    blocking = len(row.blocking)
    record_event(kinds.MONTH_PREPARED, subject=row, customer_id=None, by=by, at=at, month=str(month), blocking=blocking)
    return row


def prepare_daily(month: date, *, by: Actor, at: datetime) -> None:
    """This will prepare a month that nobody has prepared yet; of one under way it only recognises what is new.

    :raises MonthAlreadyClosed: if a later month is closed
    """
    row = MonthClose.objects.filter(month=month).first()
    if row is None:
        prepare_month(month, by=by, at=at)
    elif row.state == MonthClose.State.OPEN:
        recognise_revenue(month, by=by, at=at)


def prepare_again(close_id: int, *, by: Actor, at: datetime) -> MonthClose:
    """This will prepare a month once more; see `prepare_month`.

    :raises NoSuchMonth: if there is no such row
    """
    return prepare_month(_get(close_id).month, by=by, at=at)


@transaction.atomic
def close_month(close_id: int, *, by: Actor, at: datetime) -> MonthClose:
    """This will check a prepared month once more and lock it: no entry takes effect in it or before it any more.

    :raises MonthNotReady: naming what stands in the way
    :raises NotYours: if the same person prepared it, or nobody of the staff did
    :raises EarlierMonthOpen: if a month before it is prepared and not closed
    :raises MonthAlreadyClosed: if it is closed
    """
    row = _get(close_id, lock=True)
    if row.state == MonthClose.State.CLOSED:
        raise MonthAlreadyClosed(f"The books of {row} are closed.")
    why_not = why_not_close(row, by)
    if why_not:
        raise NotYours(why_not)
    if MonthClose.objects.filter(month__lt=row.month, state=MonthClose.State.OPEN).exists():
        raise EarlierMonthOpen("A month before it is still open: close that one first.")
    items = check_month(row.month)
    _check_ready(row, items)
    first = _first_day(row.month)
    books.close_period(first, last_day(row.month), by=by, at=at)
    row.close(by=str(by), at=at, checklist=[item.to_json() for item in items], seal_head=proof.extent().head)
    row.save()
    record_event(
        kinds.PERIOD_CLOSED,
        subject=row,
        customer_id=None,
        by=by,
        at=at,
        first=str(first),
        last=str(last_day(row.month)),
        seal_head=row.seal_head,
    )
    return row


def why_not_close(row: MonthClose, by: Actor) -> str | None:
    """Return why somebody cannot close a month, apart from its checklist, or None when they can."""
    if row.state == MonthClose.State.CLOSED:
        return "It is closed."
    if row.prepared_by == str(by):
        return "Somebody else has to close it: you prepared it."
    if not row.prepared_by.startswith(f"{ActorKind.AGENT.value}:"):
        return "A member of staff has to prepare it first."
    return None


def publish_head(*, by: Actor, at: datetime) -> str:
    """This will send the newest seal of the books to whoever listens, so that it is kept outside the database.

    Returns the hash in hex; empty books have none and send nothing.
    """
    held = proof.extent()
    if held.head:
        record_event(
            kinds.BOOKS_SEALED, subject="books", customer_id=None, by=by, at=at, head=held.head, entry=held.sealed_to
        )
    return held.head


def _check_ready(row: MonthClose, items: list[Item]) -> None:
    blocking = [item for item in items if item.level == BLOCKING]
    if blocking:
        first = blocking[0]
        raise MonthNotReady(
            f"{row} cannot be closed: {len(blocking)} of its checks fail. {first.title}: {first.count} "
            f"found, the first is {first.findings[0]}"
        )


def _get(close_id: int, *, lock: bool = False) -> MonthClose:
    rows = MonthClose.objects.select_for_update() if lock else MonthClose.objects.all()
    row = rows.filter(pk=close_id).first()
    if row is None:
        raise NoSuchMonth("There is no such month to close.")
    return row


def _days_not_closed(month: date) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(DAYS_NOT_CLOSED, {"first": month, "next": next_month(month)})
        return [date.fromisoformat(row[0]) for row in cursor.fetchall()]


def _first_day(month: date) -> date:
    """Return the first day that the close locks: after the last closed month, else from the first entry on."""
    before = MonthClose.objects.filter(state=MonthClose.State.CLOSED, month__lt=month).order_by("-month").first()
    if before is not None:
        return last_day(before.month) + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT least(min(effective_on), %s::date) FROM ledger_journalentry", [month])
        first: date = cursor.fetchone()[0]
        return first
