"""On which days the steps of a ladder fall (pure): after the due day, on working days, in order, never two at once.

A step that could not be taken on its day (a hold, a total below the threshold, a job that did not run) is taken when it
can be; what comes after it moves by as many days, so nobody gets two reminders because the first one waited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Workday = Callable[[date], date]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the day the ladder names, and the working day on which it is taken."""

    position: int
    nominal_on: date
    planned_on: date


def plan_steps(days_after_due: Sequence[int], due_on: date, workday: Workday) -> list[Step]:
    """Return the steps of a bill, the earliest first, each on a later day than the one before."""
    steps: list[Step] = []
    for position, days in enumerate(sorted(days_after_due), start=1):
        nominal = due_on + timedelta(days=days)
        steps.append(_after(steps[-1].planned_on if steps else None, Step(position, nominal, nominal), workday))
    return steps


def move_rest(rest: Sequence[Step], *, late_days: int, taken_on: date, workday: Workday) -> list[Step]:
    """Return the steps after one that was taken `late_days` days late, moved by as many days."""
    moved: list[Step] = []
    for step in rest:
        nominal = step.nominal_on + timedelta(days=late_days)
        before = moved[-1].planned_on if moved else taken_on
        moved.append(_after(before, Step(step.position, nominal, nominal), workday))
    return moved


def _after(before: date | None, step: Step, workday: Workday) -> Step:
    earliest = step.nominal_on if before is None else max(step.nominal_on, before + timedelta(days=1))
    return Step(step.position, step.nominal_on, workday(earliest))
