"""Periods close for ever, and a close never races a posting."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import OperationalError, connection, transaction

from ledger.books.operations import (
    PeriodAlreadyClosed,
    PeriodClosed,
    PeriodsOverlap,
    PeriodsUnreadable,
    close_period,
    open_period,
    post_entry,
)
from ledger.books.queries import balance
from tests.conftest import NOW
from tests.ledger.books.conftest import charge, eur

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.django_db
def test_a_planned_period_takes_entries_until_it_is_closed(post, system):
    open_period(*JANUARY, by=system, at=NOW)
    post(charge(1, on=JANUARY[1]))

    close_period(*JANUARY, by=system, at=NOW)

    with pytest.raises(PeriodClosed), transaction.atomic():
        post(charge(2, on=JANUARY[1]))


@pytest.mark.django_db
def test_a_period_is_closed_once(system):
    close_period(*JANUARY, by=system, at=NOW)

    with pytest.raises(PeriodAlreadyClosed), transaction.atomic():
        close_period(*JANUARY, by=system, at=NOW)


@pytest.mark.django_db
def test_periods_share_no_day_and_have_their_days_in_order(system):
    close_period(*JANUARY, by=system, at=NOW)

    with pytest.raises(PeriodsOverlap), transaction.atomic():
        close_period(date(2026, 1, 31), date(2026, 2, 27), by=system, at=NOW)
    with pytest.raises(PeriodsUnreadable):
        open_period(date(2026, 2, 2), date(2026, 2, 1), by=system, at=NOW)
    close_period(date(2026, 2, 1), date(2026, 2, 1), by=system, at=NOW)


def in_thread(act) -> tuple[threading.Thread, list[BaseException]]:
    """Start `act` on a connection of its own; return its thread and the errors it ends with."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except Exception as problem:
            errors.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors


@pytest.mark.django_db(transaction=True)
def test_a_close_waits_for_a_posting_under_way(system):
    with transaction.atomic():
        post_entry(charge(1, on=JANUARY[1]), by=system, at=NOW)
        thread, errors = in_thread(lambda: close_period(*JANUARY, by=system, at=NOW))
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(10)

    assert errors == []
    assert balance("revenue", "EUR", as_of=JANUARY[1]) == eur("100.00")


@pytest.mark.django_db(transaction=True)
def test_a_posting_waits_for_a_close_under_way_and_is_then_refused(system, owner):
    with transaction.atomic():
        close_period(*JANUARY, by=system, at=NOW)
        thread, errors = in_thread(lambda: post_entry(charge(1, on=JANUARY[1]), by=system, at=NOW))
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(10)

    assert [type(error) for error in errors] == [PeriodClosed]
    assert owner.execute("SELECT count(*) FROM ledger_journalentry").fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_granted_is_never_told_as_a_refusal_of_the_books(system, owner):
    with owner.transaction(force_rollback=True):
        owner.execute("SELECT ledger_close_period('2026-01-01', '2026-01-31', 'agent:4', now())")

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
                post_entry(charge(1, on=JANUARY[1]), by=system, at=NOW)
