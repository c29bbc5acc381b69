"""Deadlines in business hours: the worked cases, the days the clocks change, and calendars without end."""

import json
import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import DomainError
from tickets.sla.business_time import (
    BusinessCalendar,
    CalendarNeverOpens,
    DeadlineTooFar,
    DurationInvalid,
    OpeningHoursInvalid,
    add_business_time,
    business_seconds_between,
    is_open,
    next_opening,
)
from tickets.sla.calendars import HolidaysUnknown, TimeZoneUnknown, build_calendar, holiday_dates
from tickets.sla.clock import Pause, due_at, elapsed_seconds

CASES = json.loads((Path(__file__).parents[2] / "cases" / "business_time.json").read_text(encoding="utf-8"))
HOUR = 3600
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
BERLIN_WITH_LUNCH = build_calendar("Europe/Berlin", {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS})
BERLIN_ALL_DAY = build_calendar("Europe/Berlin", {day: [("00:00", "24:00")] for day in (*WEEKDAYS, "sat", "sun")})


def case_calendar(name: str) -> BusinessCalendar:
    written = CASES["calendars"][name]
    days = [date.fromisoformat(day) for day in written["holidays"]]
    return build_calendar(written["zone"], written["hours"], days, always=written["always"])


def utc(*parts: int) -> datetime:
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("row", CASES["rows"], ids=lambda row: row["case"])
def test_every_worked_case_comes_out(row: dict[str, Any]) -> None:
    start = datetime.fromisoformat(row["from"])
    pauses = [Pause(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in row["pauses"]]

    if "refused" in row:
        with pytest.raises(DomainError):
            due_at(case_calendar(row["calendar"]), start, row["minutes"] * 60, pauses)
    elif row["ask"] == "due":
        due = due_at(case_calendar(row["calendar"]), start, row["minutes"] * 60, pauses)
        assert due == datetime.fromisoformat(row["due"])
    else:
        elapsed = elapsed_seconds(case_calendar(row["calendar"]), start, datetime.fromisoformat(row["to"]), pauses)
        assert elapsed == row["minutes"] * 60
        assert row["target"] * 60 - elapsed == row["left"] * 60


def test_the_lunch_break_does_not_count() -> None:
    due = add_business_time(BERLIN_WITH_LUNCH, utc(2026, 3, 2, 10, 30), 2 * HOUR)

    assert due == utc(2026, 3, 2, 13, 30)  # 11:30 in Berlin, half an hour, lunch, then 13:00 to 14:30


def test_the_day_the_clocks_go_forward_has_twenty_three_hours() -> None:
    start, end = utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)  # midnight to midnight in Berlin

    assert business_seconds_between(BERLIN_ALL_DAY, start, end) == 23 * HOUR
    assert add_business_time(BERLIN_ALL_DAY, start, 23 * HOUR) == end


def test_the_day_the_clocks_go_back_has_twenty_five_hours() -> None:
    start, end = utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)

    assert business_seconds_between(BERLIN_ALL_DAY, start, end) == 25 * HOUR


def test_an_opening_inside_the_missing_hour_happens_when_the_clocks_change() -> None:
    night = build_calendar("Europe/Berlin", {"sun": [("02:30", "04:00")]})

    assert next_opening(night, utc(2026, 3, 29, 0)) == utc(2026, 3, 29, 1)  # 02:00 becomes 03:00 at 01:00 UTC
    assert business_seconds_between(night, utc(2026, 3, 29, 0), utc(2026, 3, 29, 3)) == HOUR


def test_two_intervals_that_meet_inside_the_hour_shown_twice_neither_overlap_nor_leave_a_gap() -> None:
    night = BusinessCalendar(ZoneInfo("Europe/Berlin"), {6: ((time(1), time(2, 30)), (time(2, 30), time(4)))})

    assert business_seconds_between(night, utc(2026, 10, 24, 22), utc(2026, 10, 25, 6)) == 4 * HOUR


def test_local_hours_stay_the_same_across_a_change_of_the_clocks() -> None:
    due = add_business_time(BERLIN_WITH_LUNCH, utc(2026, 3, 27, 15), 2 * HOUR)  # Friday 16:00 in winter

    assert due == utc(2026, 3, 30, 8)  # Monday 10:00 in summer


def test_around_the_clock_counts_every_second() -> None:
    always = build_calendar("Europe/Berlin", {}, [date(2026, 3, 2)], always=True)

    assert add_business_time(always, utc(2026, 3, 2), 86_400 * 30) == utc(2026, 4, 1)
    assert business_seconds_between(always, utc(2026, 3, 2), utc(2026, 4, 1)) == 86_400 * 30


@pytest.mark.parametrize(("at", "is_at_work"), [((8, 0), True), ((7, 59), False), ((10, 59), True), ((11, 0), False)])
def test_the_desk_is_open_from_the_opening_moment_and_not_at_the_closing_moment(
    at: tuple[int, int], is_at_work: bool
) -> None:
    assert is_open(BERLIN_WITH_LUNCH, utc(2026, 3, 2, *at)) is is_at_work


def test_the_next_opening_is_now_while_open_and_monday_on_a_saturday() -> None:
    assert next_opening(BERLIN_WITH_LUNCH, utc(2026, 3, 2, 9)) == utc(2026, 3, 2, 9)
    assert next_opening(BERLIN_WITH_LUNCH, utc(2026, 3, 7, 9)) == utc(2026, 3, 9, 8)


def test_a_span_of_thirty_years_is_worked_out_at_once() -> None:
    began = stopwatch.perf_counter()

    due = add_business_time(BERLIN_WITH_LUNCH, utc(2000, 1, 3, 8), 35 * HOUR * 52 * 30)

    assert due.year == 2029  # 30 times 52 weeks are some days less than 30 years
    assert business_seconds_between(BERLIN_WITH_LUNCH, utc(2000, 1, 3, 8), due) == 35 * HOUR * 52 * 30
    assert stopwatch.perf_counter() - began < 0.5


def test_a_calendar_without_hours_is_refused_in_words() -> None:
    with pytest.raises(CalendarNeverOpens, match="no opening hours"):
        add_business_time(build_calendar("UTC", {}), utc(2026, 1, 1), 60)
    with pytest.raises(CalendarNeverOpens):
        next_opening(build_calendar("UTC", {"mon": []}), utc(2026, 1, 1))


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_span_of_nothing_is_refused(seconds: int) -> None:
    with pytest.raises(DurationInvalid):
        add_business_time(BERLIN_WITH_LUNCH, utc(2026, 1, 1), seconds)


def test_a_deadline_after_the_last_year_is_refused() -> None:
    with pytest.raises(DeadlineTooFar):
        add_business_time(BERLIN_WITH_LUNCH, utc(9999, 12, 1), 10_000 * HOUR)


@pytest.mark.parametrize(
    "hours",
    [[("25:00", "17:00")], [("09:00", "18:60")], [("17:00", "09:00")], [("24:00", "24:00")], [("nine", "17:00")]],
)
def test_hours_that_cannot_be_are_refused(hours: list[tuple[str, str]]) -> None:
    with pytest.raises(OpeningHoursInvalid):
        build_calendar("UTC", {"mon": hours})


def test_an_unknown_day_zone_or_country_is_refused() -> None:
    with pytest.raises(OpeningHoursInvalid, match="no day of the week"):
        build_calendar("UTC", {"someday": []})
    with pytest.raises(TimeZoneUnknown):
        build_calendar("Europe/Nowhere", {})
    with pytest.raises(HolidaysUnknown):
        holiday_dates("XX", [2026])


def test_public_holidays_come_by_country_with_days_of_our_own_added_and_removed() -> None:
    days = holiday_dates("DE", [2026], added=[date(2026, 12, 24)], removed=[date(2026, 5, 1)])

    assert {date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 24)} <= days  # Good Friday, Easter Monday, ours
    assert date(2026, 5, 1) not in days
    assert date(2026, 1, 6) not in days
    assert date(2026, 1, 6) in holiday_dates("DE", [2026], subdivision="BY")  # Epiphany is off in Bavaria only


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(start=moments, seconds=st.integers(1, 10_000_000))
def test_the_time_up_to_a_deadline_is_the_time_that_was_added(start: datetime, seconds: int) -> None:
    due = add_business_time(BERLIN_WITH_LUNCH, start, seconds)

    assert business_seconds_between(BERLIN_WITH_LUNCH, start, due) == seconds
    assert business_seconds_between(BERLIN_WITH_LUNCH, due, start) == -seconds


@given(start=moments, days=st.lists(st.integers(0, 200), min_size=1, max_size=4))
def test_parts_of_a_span_add_up_to_the_whole(start: datetime, days: list[int]) -> None:
    start = start.replace(microsecond=0)
    cuts = [start, *(start + timedelta(days=day, hours=day % 24) for day in sorted(days))]

    parts = sum(business_seconds_between(BERLIN_WITH_LUNCH, left, right) for left, right in pairwise(cuts))

    assert parts == business_seconds_between(BERLIN_WITH_LUNCH, cuts[0], cuts[-1])
