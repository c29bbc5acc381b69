"""Whatever the anchor: periods tile without gap or overlap, and parts of a period add up to its price."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InvalidInput
from ledger.money import Money
from ledger.periods import (
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    YEARLY,
    EmptyPeriod,
    Interval,
    InvalidBillDay,
    InvalidInterval,
    Period,
    Series,
    add_months,
    local_day,
    period_containing,
    pieces_due,
    step,
    whole_periods,
)
from ledger.subscriptions.proration import (
    Basis,
    DayOutsidePeriod,
    LastDay,
    change_price,
    part_of,
    price_of_rest,
    prorate,
    prorate_seconds,
)

days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
intervals = st.one_of(st.builds(Interval, months=st.integers(1, 24)), st.builds(Interval, days=st.integers(1, 400)))
zones = st.sampled_from(["Europe/Berlin", "America/Juneau", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"])


@st.composite
def series(draw: st.DrawFn) -> Series:
    """Any series: on the anchor's own day, or on a bill day."""
    interval, start = draw(intervals), draw(days)
    if interval.months and draw(st.booleans()):
        return Series.on_bill_day(start, draw(st.integers(1, 31)), interval)
    return Series(start, interval)


@given(series(), st.integers(-40, 40))
def test_periods_tile_and_never_drift_from_the_bill_day(found, number):
    before, after = found.period(number), found.period(number + 1)

    assert before.end == after.start
    if found.interval.months:
        wanted, last = (
            found.bill_day or found.anchor.day,
            (add_months(after.start.replace(day=1), 1) - timedelta(1)).day,
        )
        assert after.start.day == min(wanted, last)
    else:
        assert before.days == found.interval.days


@given(series(), days)
def test_every_day_lies_in_exactly_one_period(found, day):
    period = found.containing(day)

    assert day in period
    assert found.containing(period.start) == period
    assert found.containing(period.end - timedelta(1)) == period
    assert found.containing(period.end).start == period.end


@given(series(), days, st.integers(1, 900))
def test_the_parts_of_a_service_tile_it_and_lie_each_in_its_period(found, start, length):
    end = start + timedelta(length)
    pieces = list(found.pieces(start, end))

    assert (pieces[0][0].start, pieces[-1][0].end) == (start, end)
    assert all(one.end == next_one.start for (one, _), (next_one, _) in pairwise(pieces))
    assert all(whole.start <= part.start < part.end <= whole.end for part, whole in pieces)
    assert pieces_due(found, start=start, end=end, today=end) == pieces
    assert pieces_due(found, start=start, end=end, today=start - timedelta(1)) == []


@given(days, st.integers(1, 31))
def test_the_first_bill_day_is_never_in_the_past_nor_a_month_away(start, bill_day):
    first = Series.on_bill_day(start, bill_day, MONTHLY).day(0)

    assert start <= first <= add_months(start, 1, bill_day=31)


@given(series(), days, st.data())
@pytest.mark.parametrize("basis", [Basis.DAY, Basis.THIRTY_DAY_MONTH])
def test_parts_of_a_period_add_up_to_the_whole_on_every_basis(basis, found, day, data):
    period = found.containing(day)
    cut = data.draw(st.dates(period.start, period.end))

    first = part_of(period, start=period.start, end=cut, basis=basis)
    rest = part_of(period, start=cut, end=period.end, basis=basis)

    assert first >= 0
    assert rest >= 0
    assert first + rest == 1


@given(st.integers(0, 10**9), days, zones)
def test_by_the_second_a_month_adds_up_whatever_the_clocks_do(minor, day, zone):
    period = Series(day, MONTHLY).period(0)
    moments = [datetime.combine(each, time(), ZoneInfo(zone)) for each in (period.start, period.end)]
    begins, ends = (moment.astimezone(UTC) for moment in moments)
    cut = begins + (ends - begins) / 3
    price = Money(minor, "EUR")

    parts = [
        prorate_seconds(price, begins=begins, ends=ends, start=start, end=end)
        for start, end in ((begins, cut), (cut, ends))
    ]

    assert abs(sum(part.minor for part in parts) - minor) <= 1  # two roundings


@given(days, st.integers(0, 10**8))
def test_a_change_on_the_first_day_swaps_the_price_and_on_the_last_costs_nothing(day, minor):
    period, old, new = Series(day, MONTHLY).period(0), Money(minor, "EUR"), Money(3 * minor, "EUR")

    for basis in (Basis.DAY, Basis.THIRTY_DAY_MONTH, Basis.NONE):
        assert change_price(old, new, period=period, on=period.start, basis=basis).net.minor == 2 * minor
        assert change_price(old, new, period=period, on=period.end, basis=basis).net.minor == 0


def test_february_of_thirty_days_gives_its_missing_days_to_the_last():
    price, february = Money(3000, "EUR"), Period(date(2023, 2, 1), date(2023, 3, 1))

    used = prorate(price, period=february, start=date(2023, 2, 1), end=date(2023, 2, 15), basis=Basis.THIRTY_DAY_MONTH)
    rest = price_of_rest(price, period=february, on=date(2023, 2, 15), basis=Basis.THIRTY_DAY_MONTH)

    assert (used.minor, rest.minor) == (1400, 1600)  # 14 and 16 of 30 days


def test_the_thirty_first_is_free_in_a_month_of_thirty_days():
    january = Period(date(2023, 1, 1), date(2023, 2, 1))

    assert not part_of(january, start=date(2023, 1, 31), end=date(2023, 2, 1), basis=Basis.THIRTY_DAY_MONTH)


def test_a_quarter_of_thirty_day_months_has_ninety_days():
    quarter = Period(date(2024, 4, 1), date(2024, 7, 1))

    rest = price_of_rest(Money(9000, "EUR"), period=quarter, on=date(2024, 5, 16), basis=Basis.THIRTY_DAY_MONTH)

    assert rest.minor == 4500  # May 16 is day 45 of 90


def test_billing_the_last_day_moves_one_day_to_the_old_state():
    period = Period(date(2025, 9, 1), date(2025, 10, 1))

    assert price_of_rest(Money(3000, "EUR"), period=period, on=date(2025, 9, 30), last_day=LastDay.BILLED).minor == 0
    assert price_of_rest(Money(3000, "EUR"), period=period, on=date(2025, 9, 30)).minor == 100


def test_a_day_of_twenty_three_hours_costs_less_by_the_second():
    berlin = ZoneInfo("Europe/Berlin")
    begins, ends = datetime(2026, 3, 29, tzinfo=berlin), datetime(2026, 3, 30, tzinfo=berlin)

    morning = prorate_seconds(
        Money(2300, "EUR"), begins=begins, ends=ends, start=begins, end=datetime(2026, 3, 29, 12, tzinfo=berlin)
    )

    assert morning.minor == 1100  # midnight to noon is 11 of 23 hours


def test_eighteen_months_in_juneau_begin_on_the_first_across_four_clock_changes():
    zone, found = ZoneInfo("America/Juneau"), Series(date(2012, 1, 1), MONTHLY)

    starts = {
        found.containing(local_day(datetime(2012, 1, 1, 8, 1, 1, tzinfo=UTC) + timedelta(hours=step), zone)).start
        for step in range(24, 24 * 546)
    }

    assert starts == {add_months(date(2012, 1, 1), number) for number in range(18)}


def test_a_leap_day_is_billed_on_the_last_of_february_and_comes_back():
    found = Series(date(2024, 2, 29), YEARLY)

    assert [found.day(n) for n in (1, 4)] == [date(2025, 2, 28), date(2028, 2, 29)]


def test_quarters_and_weeks_step_from_the_anchor():
    assert [Series(date(2025, 11, 30), QUARTERLY).day(n) for n in (1, 2)] == [date(2026, 2, 28), date(2026, 5, 30)]
    assert Series(date(2025, 12, 29), WEEKLY).day(1) == date(2026, 1, 5)


def test_the_short_calls_count_in_months_from_the_anchor():
    assert step(date(2026, 1, 31), 1, 1) == date(2026, 2, 28)
    assert period_containing(date(2026, 1, 31), 1, date(2026, 2, 28)) == Period(date(2026, 2, 28), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("refusal", "act"),
    [
        (InvalidInterval, lambda: Interval()),
        (InvalidInterval, lambda: Interval(months=1, days=1)),
        (InvalidInterval, lambda: Interval(months=-1)),
        (InvalidInterval, lambda: step(date(2026, 1, 1), 0, 1)),
        (InvalidBillDay, lambda: Series.on_bill_day(date(2026, 1, 1), 32, MONTHLY)),
        (InvalidBillDay, lambda: Series(date(2026, 1, 1), WEEKLY, bill_day=1)),
        (InvalidBillDay, lambda: Series(date(2026, 1, 1), MONTHLY, bill_day=2)),
        (EmptyPeriod, lambda: Period(date(2026, 1, 1), date(2026, 1, 1))),
        (InvalidInput, lambda: local_day(datetime(2026, 1, 1), UTC)),
        (InvalidInput, lambda: add_months(date(9999, 12, 1), 1)),
        (
            DayOutsidePeriod,
            lambda: part_of(Period(date(2026, 1, 1), date(2026, 2, 1)), start=date(2026, 1, 1), end=date(2026, 2, 2)),
        ),
        (
            InvalidInput,
            lambda: part_of(
                Period(date(2026, 1, 1), date(2026, 2, 1)),
                start=date(2026, 1, 1),
                end=date(2026, 1, 2),
                basis=Basis.SECOND,
            ),
        ),
    ],
)
def test_what_is_no_period_is_refused(refusal, act):
    with pytest.raises(refusal):
        act()


def test_no_whole_period_fits_into_less_than_one():
    assert whole_periods(date(2026, 1, 1), date(2026, 1, 31), MONTHLY) == 0
