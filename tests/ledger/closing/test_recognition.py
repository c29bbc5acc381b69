"""Revenue that is billed for later months is earned in them: figures by hand, credit notes, and repeating."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.books.queries import balance, first_break
from ledger.charges.operations import add_charge, reverse_charge
from ledger.closing.models import Recognition
from ledger.closing.months import MonthNotOver, NotAMonth
from ledger.closing.recognition import charges_to_recognise, recognise_revenue
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.periods import Period
from tests.conftest import berlin
from tests.ledger.worlds import SYSTEM, eur, open_ana

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
YEAR = Period(date(2026, 3, 15), date(2027, 3, 15))

pytestmark = pytest.mark.django_db


def charged(minor: int, period: Period | None, *, customer=None):
    """Charge an amount for a period on 15 March."""
    customer = customer or open_ana()
    return add_charge(
        customer.pk,
        amount=eur(minor),
        description="Plus for a year",
        tax_rate=Decimal(19),
        charged_on=date(2026, 3, 15),
        period=period,
        by=SYSTEM,
        at=berlin(2026, 3, 15, 9),
    )


def close(month: date, *, day: date | None = None) -> None:
    """Recognise a month on the first day after it."""
    on = day or date(month.year + month.month // 12, month.month % 12 + 1, 1)
    recognise_revenue(month, by=SYSTEM, at=berlin(on.year, on.month, on.day, 3))


def held(account: str, *, on: date | None = None) -> str:
    return str(balance(account, "EUR", as_of=on).decimal())


def test_a_year_billed_in_march_is_earned_by_the_days_of_each_month():
    charged(25000, YEAR)

    close(MARCH)
    close(APRIL)

    # 17 of 365 days in March are 11.6438: 11.65, because over all months 7 cents are left to give and March has the
    # seventh largest remainder. 30 days of April are 20.5479: 20.55. The rest waits: 238.35, then 217.80.
    assert (held("revenue", on=date(2026, 3, 31)), held("deferred_revenue", on=date(2026, 3, 31))) == (
        "11.65",
        "238.35",
    )
    assert (held("revenue", on=date(2026, 4, 30)), held("deferred_revenue", on=date(2026, 4, 30))) == (
        "32.20",
        "217.80",
    )
    assert first_break() is None


def test_the_whole_year_is_earned_to_the_cent():
    charge = charged(25000, YEAR)
    months = [date(2026, month, 1) for month in range(3, 13)] + [date(2027, month, 1) for month in range(1, 4)]

    for month in months:
        close(month)

    # What Money.allocate gives for 17, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28 and 14 days of 365.
    shares = eur(25000).allocate([17, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 14])
    rows = Recognition.objects.filter(charge=charge).order_by("month")
    assert [row.recognised_minor for row in rows[1:]] == [share.minor for share in shares[1:]]
    assert (held("revenue"), held("deferred_revenue")) == ("250.00", "0.00")
    assert first_break() is None


def test_what_ends_with_the_month_or_lies_behind_it_is_not_touched():
    charged(3100, Period(MARCH, APRIL))
    charged(500, Period(date(2026, 2, 1), MARCH), customer=open_ana(email="ana2@example.com"))
    charged(700, None, customer=open_ana(email="ana3@example.com"))

    close(MARCH)

    assert not Recognition.objects.exists()
    assert held("revenue") == "43.00"


def test_a_month_is_recognised_once_however_often_it_is_asked_for():
    charged(25000, YEAR)
    close(MARCH)

    close(MARCH)
    assert held("deferred_revenue") == "238.35"
    assert charges_to_recognise(MARCH) == []

    # A second charge comes late, for the same month: only it is left to do. 365.00 for 365 days: 1.00 a day.
    charged(36500, YEAR, customer=open_ana(email="ana2@example.com"))
    assert len(charges_to_recognise(MARCH)) == 1
    close(MARCH)
    assert held("deferred_revenue") == "586.35"  # 238.35 + 348.00
    assert first_break() is None


def test_a_credit_note_takes_the_latest_months_first_and_the_rest_off_the_revenue():
    charge = charged(36500, YEAR)
    invoice = issue_invoice(charge.customer_id, charge_ids=[charge.pk], by=SYSTEM, at=berlin(2026, 3, 15, 9))
    close(MARCH)
    line = invoice.lines.get()
    issue_credit_note(
        line.pk, amount=eur(31800), without_tax=True, reason="Ends early", by=SYSTEM, at=berlin(2026, 4, 10)
    )
    close(APRIL)

    # 1.00 a day: 17.00 are earned in March, 30.00 in April: of 365.00 318.00 are credited, all of them not yet earned.
    assert (held("revenue"), held("credit_notes"), held("deferred_revenue")) == ("47.00", "0.00", "0.00")
    row = Recognition.objects.get(month=APRIL)
    assert (row.recognised_minor, row.credited_minor, row.left_minor) == (3000, 31800, 0)
    assert first_break() is None


def test_a_full_credit_leaves_what_was_earned_on_the_credit_notes():
    charge = charged(36500, YEAR)
    invoice = issue_invoice(charge.customer_id, charge_ids=[charge.pk], by=SYSTEM, at=berlin(2026, 3, 15, 9))
    close(MARCH)
    issue_credit_note(
        invoice.lines.get().pk, amount=eur(36500), without_tax=True, reason="Wrong", by=SYSTEM, at=berlin(2026, 4, 10)
    )
    close(APRIL)
    close(MAY)

    # 47.00 of revenue were shown up to April, and all of it was given back.
    assert (held("revenue"), held("credit_notes"), held("deferred_revenue")) == ("47.00", "47.00", "0.00")
    assert first_break() is None


def test_a_charge_taken_back_leaves_nothing_set_aside():
    charge = charged(36500, YEAR)
    close(MARCH)

    reverse_charge(charge.pk, reason="A mistake", by=SYSTEM, at=berlin(2026, 4, 2))
    close(APRIL)

    assert (held("revenue"), held("deferred_revenue")) == ("0.00", "0.00")
    assert first_break() is None


def test_a_month_that_is_not_over_and_a_day_that_is_no_month_are_refused():
    with pytest.raises(MonthNotOver, match="March 2026 is not over"):
        recognise_revenue(MARCH, by=SYSTEM, at=berlin(2026, 3, 31, 23))
    with pytest.raises(NotAMonth):
        recognise_revenue(date(2026, 3, 2), by=SYSTEM, at=berlin(2026, 5, 1))


def test_many_charges_are_recognised_by_a_handful_of_statements(django_assert_max_num_queries):
    customer = open_ana()
    for number in range(20):
        charged(1000 + number, YEAR, customer=customer)

    with django_assert_max_num_queries(12):
        close(MARCH)

    assert Recognition.objects.count() == 20
    assert balance("deferred_revenue", "EUR") < Money(20 * 1020, "EUR")
