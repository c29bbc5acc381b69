"""On which days the steps of a ladder fall, tested by dates."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from ledger.collections.schedule import move_rest, plan_steps
from ledger.workdays import is_workday, next_workday

GERMAN = partial(next_workday, country="DE")


def days(steps) -> list[date]:
    return [step.planned_on for step in steps]


def test_steps_fall_on_their_days_and_move_off_weekends():
    # Due Sunday 1 March 2026: 3, 10, 17 and 21 days later are Wednesday, Wednesday, Wednesday and Sunday.
    found = days(plan_steps([3, 10, 17, 21], date(2026, 3, 1), GERMAN))

    assert found == [date(2026, 3, 4), date(2026, 3, 11), date(2026, 3, 18), date(2026, 3, 23)]


def test_a_step_on_good_friday_is_taken_on_tuesday_after_easter():
    assert days(plan_steps([3], date(2026, 3, 31), GERMAN)) == [date(2026, 4, 7)]


def test_two_steps_that_move_to_the_same_day_stay_two_days():
    # Saturday 7 and Sunday 8 March both move to Monday: the second waits until Tuesday.
    assert days(plan_steps([6, 7], date(2026, 3, 1), GERMAN)) == [date(2026, 3, 9), date(2026, 3, 10)]


def test_what_comes_after_a_late_step_moves_by_as_many_days():
    first, *rest = plan_steps([3, 10, 17], date(2026, 3, 1), GERMAN)

    moved = move_rest(rest, late_days=5, taken_on=first.planned_on + timedelta(days=5), workday=GERMAN)

    assert days(moved) == [date(2026, 3, 16), date(2026, 3, 23)]


def test_a_region_has_holidays_of_its_own_and_an_unknown_country_has_none():
    epiphany = date(2026, 1, 6)

    assert not is_workday(epiphany, "DE", "DE-BY")
    assert is_workday(epiphany, "DE", "DE-BE")
    assert is_workday(epiphany, "DE", "DE-??")
    assert is_workday(date(2026, 12, 25), "ZZ")


@settings(max_examples=50)
@given(
    offsets=some.sets(some.integers(1, 120), min_size=1, max_size=8),
    due=some.dates(date(2024, 1, 1), date(2027, 12, 31)),
    late=some.integers(1, 60),
    taken=some.integers(0, 7),
)
def test_steps_never_meet_never_run_backwards_and_never_fall_on_a_day_off(offsets, due, late, taken):
    steps = plan_steps(sorted(offsets), due, GERMAN)
    done, rest = steps[: taken + 1], steps[taken + 1 :]
    taken_on = done[-1].planned_on + timedelta(days=late)

    found = [step.planned_on for step in done] + days(
        move_rest(rest, late_days=late, taken_on=taken_on, workday=GERMAN)
    )

    assert all(first < second for first, second in pairwise(found))
    assert all(is_workday(day, "DE") and day > due for day in found)
