"""S1-116: a month is closed from a checklist; planted breaks are found, and nothing takes effect in it afterwards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from ledger.books.operations import PeriodClosed, seal_entries
from ledger.charges.operations import add_charge
from ledger.closing.checklist import check_month
from ledger.closing.months import MonthNotOver
from ledger.closing.operations import (
    EarlierMonthOpen,
    MonthAlreadyClosed,
    MonthNotReady,
    NotYours,
    close_month,
    prepare_daily,
    prepare_month,
    publish_head,
)
from ledger.models import Event, MonthClose
from ledger.periods import Period
from tests.conftest import berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
IN_APRIL = berlin(2026, 4, 2, 9)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    """Ana, with a paid bill of 119.00 and 20.00 that nobody asked her for."""
    customer = open_ana()
    bill(customer, 10000, tax=19)
    pay(customer, 13900)
    return customer


def found(month: date = MARCH) -> dict[str, tuple[str, int]]:
    """Return the checks that found something: level and count by key."""
    return {item.key: (item.level, item.count) for item in check_month(month) if item.count}


def charge_in_march(customer) -> None:
    add_charge(
        customer.pk, amount=eur(700), description="Plus", tax_rate=Decimal(19), charged_on=date(2026, 3, 31),
        by=SYSTEM, at=IN_APRIL,
    )  # fmt: skip


def test_three_planted_breaks_are_found_and_named_and_the_month_stays_open(ana, olg, mia, owner, transactional_db):
    bill(open_ana(email="unpaid@example.com"), 5000, tax=19)
    prepared = prepare_month(MARCH, by=mia, at=IN_APRIL)
    assert prepared.blocking == []

    # A bill is made smaller behind the program's back, a day's closing is lost, and money lies around since 2 March.
    owner.execute("SET session_replication_role = replica")
    owner.execute(
        "UPDATE ledger_invoice SET tax_minor = tax_minor - 100, total_minor = total_minor - 100 WHERE state = 'open'"
    )
    owner.execute("DELETE FROM ledger_dayclose WHERE day = '2026-03-02'")
    checks = {item.key: item for item in check_month(MARCH)}

    assert checks["tax"].findings == ("EUR: books 2850, bills less credit notes 2750",)
    assert checks["day_closings"].findings == ("2026-03-02",)
    assert checks["unallocated"].level == "ok"  # after 30 days it is looked at: not on 31 March
    assert {item.key: item.level for item in check_month(APRIL)}["unallocated"] == "warn"
    with pytest.raises(MonthNotReady, match="cannot be closed"):
        close_month(prepared.pk, by=olg, at=IN_APRIL)


def test_entries_that_are_not_sealed_and_revenue_that_is_not_recognised_block_the_close(ana):
    add_charge(
        ana.pk, amount=eur(36500), description="Plus", tax_rate=Decimal(19), charged_on=date(2026, 3, 15),
        period=Period(date(2026, 3, 15), date(2027, 3, 15)), by=SYSTEM, at=berlin(2026, 3, 15),
    )  # fmt: skip

    assert found()["seals"] == ("blocking", 4)
    assert found()["recognition"] == ("blocking", 1)
    assert found()["unbilled"] == ("warn", 1)

    prepare_month(MARCH, by=SYSTEM, at=IN_APRIL)
    assert {key: level for key, (level, _) in found().items()} == {"unbilled": "warn"}


def test_after_the_close_a_backdated_entry_is_refused_with_the_first_open_day(ana, olg, mia):
    prepared = prepare_month(MARCH, by=mia, at=IN_APRIL)

    closed = close_month(prepared.pk, by=olg, at=IN_APRIL)

    assert (closed.state, closed.closed_by, len(closed.seal_head)) == ("closed", str(olg), 64)
    with pytest.raises(PeriodClosed, match="The first open day is 2026-04-01"):
        charge_in_march(ana)


def test_days_before_the_first_closed_month_are_closed_with_it(ana, olg, mia):
    close_month(prepare_month(MARCH, by=mia, at=IN_APRIL).pk, by=olg, at=IN_APRIL)
    add_charge(
        ana.pk, amount=eur(700), description="Plus", tax_rate=Decimal(19), charged_on=date(2026, 4, 1),
        by=SYSTEM, at=IN_APRIL,
    )  # fmt: skip
    seal_entries(at=IN_APRIL)

    in_may = berlin(2026, 5, 2)
    closed = close_month(prepare_month(APRIL, by=mia, at=in_may).pk, by=olg, at=in_may)

    assert closed.state == "closed"
    with pytest.raises(MonthAlreadyClosed):
        prepare_month(MARCH, by=mia, at=in_may)


def test_whoever_prepared_a_month_does_not_close_it_and_the_program_alone_prepares_none(ana, olg, mia):
    by_program = prepare_month(MARCH, by=SYSTEM, at=IN_APRIL)
    with pytest.raises(NotYours, match="A member of staff has to prepare it first"):
        close_month(by_program.pk, by=olg, at=IN_APRIL)

    prepared = prepare_month(MARCH, by=olg, at=IN_APRIL)
    with pytest.raises(NotYours, match="you prepared it"):
        close_month(prepared.pk, by=olg, at=IN_APRIL)
    prepare_daily(MARCH, by=SYSTEM, at=IN_APRIL)
    assert MonthClose.objects.get().prepared_by == str(olg)


def test_months_are_closed_in_their_order_and_only_when_they_are_over(ana, olg, mia):
    prepare_month(MARCH, by=mia, at=berlin(2026, 5, 2))
    april = prepare_month(APRIL, by=mia, at=berlin(2026, 5, 2))

    with pytest.raises(EarlierMonthOpen):
        close_month(april.pk, by=olg, at=berlin(2026, 5, 2))
    with pytest.raises(MonthNotOver):
        prepare_month(date(2026, 5, 1), by=mia, at=berlin(2026, 5, 2))


def test_the_seal_of_the_books_leaves_the_house(ana):
    seal_entries(at=IN_APRIL)

    head = publish_head(by=SYSTEM, at=IN_APRIL)

    printed = StringIO()
    call_command("seal_head", stdout=printed)
    assert printed.getvalue().split()[1] == head
    assert Event.objects.get(kind="books.sealed").data["head"] == head
