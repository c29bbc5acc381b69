"""Loads the demo company: lives through its diary day by day, with the product's own operations and nothing else."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from celery import Celery, current_app
from django.conf import settings
from django.db import connection

from billing_desk.demo.company import billing, books_work, chargebacks, customers, named, office, postman, stories
from billing_desk.demo.company.diary import Diary
from billing_desk.demo.company.settling import settle
from billing_desk.demo.company.world import BERLIN, World
from ledger.books import operations as books
from ledger.events.sealing import seal_events
from ledger.periods import add_months

#: Named customers stand beside this many others.
CUSTOMERS, MONTHS = 150, 12
#: Everyday questions of a company however small.
LEAST_EVERYDAY = 16
#: Bills of the last days are there as files; older ones are made when somebody opens them.
DAYS_WITH_FILES = 10
Show = Callable[[datetime], None]


class _NoWorkers(Celery):
    """Sends no task: what tasks would do is done here, at the moments of the past."""

    def send_task(self, *args: Any, **kwargs: Any) -> Any:
        """Drop the task."""


def load(*, now: datetime, count: int = CUSTOMERS, months: int = MONTHS, show: Show) -> World:
    """Fill an empty database with a company that is `months` old at `now`; `show` is told each moment lived through.

    :raises ReactionFailed: if a handler failed
    """
    world = World(first_day(now, months), now, Diary(until=now))
    postman.remove_history()

    def after(moment: datetime) -> None:
        settle(moment)
        show(moment)

    with _as_in_the_past(documents_from=world.today - timedelta(days=DAYS_WITH_FILES)):
        opening = world.on(world.first_day, 7)
        office.open_office(world, at=opening)
        _write_diary(world, count)
        world.diary.run(after=after)
        _close(world)
    return world


def first_day(now: datetime, months: int) -> date:
    """Return the first of the month `months` before now, by the company's calendar."""
    return add_months(now.astimezone(BERLIN).date().replace(day=1), -months)


def _write_diary(world: World, count: int) -> None:
    customers.plan_arrivals(world, named.named(world))
    customers.plan_arrivals(world, customers.everybody(world, count=count))
    billing.plan_days(world)
    named.plan_their_year(world)
    chargebacks.plan_chargebacks(world)
    books_work.plan_books_work(world)
    stories.plan_stories(world, everyday=max(LEAST_EVERYDAY, min(count // 3, stories.EVERYDAY)))


@contextmanager
def _as_in_the_past(*, documents_from: date) -> Iterator[None]:
    """Deliver mail straight into the Maildirs, send no tasks, and wait for the disk only at the end.

    Only the newest bills are typeset now: a year of them would take longer, and more room, than all the rest.
    """
    backend, app = settings.EMAIL_BACKEND, current_app._get_current_object()
    settings.EMAIL_BACKEND, settings.DOCUMENTS_FROM = postman.BACKEND, documents_from.isoformat()
    _NoWorkers("loading", set_as_current=False).set_current()
    # What was loaded so far stays: the collector of garbage need not look at it again, nor after every few objects.
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
    finally:
        settings.EMAIL_BACKEND, settings.DOCUMENTS_FROM = backend, ""
        app.set_current()
        gc.set_threshold(*usual)
        gc.unfreeze()


def _close(world: World) -> None:
    """Bring the books and the audit trail to where the nightly jobs would have brought them."""
    billing.look_after_cases(world.now)
    settle(world.now)
    while seal_events():
        continue
    books.seal_entries(at=world.now)
    books.fold_balances()
    day = world.first_day
    while day < world.today:
        books.close_day(day, at=world.now)
        day += timedelta(days=1)
