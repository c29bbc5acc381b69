"""Replays the facts of a ticket into its three clocks (pure): what ran when, what is due when, what was met or missed.

    first response   opened by a customer ──▶ first reply by a person
    next response    first unanswered customer message after that ──▶ next reply by a person
    resolution       opened ──▶ resolved; a reopened ticket goes on where it stood

Clocks are never stored as a number of seconds left: they are worked out again from the facts with the calendar and the
target in force, so a change of policy keeps every pause, and a late reply is still measured.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tickets.sla.business_time import (
    BusinessCalendar,
    DurationInvalid,
    add_exact_business_time,
    business_time_between,
)


class ClockKind(StrEnum):
    """What is promised."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


class Fact(StrEnum):
    """What happened to a ticket, as far as a clock is concerned. Notes and robots are no facts: they never count."""

    OPENED_BY_CUSTOMER = "opened_by_customer"
    OPENED_BY_AGENT = "opened_by_agent"
    CUSTOMER_WROTE = "customer_wrote"
    PERSON_REPLIED = "person_replied"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True)
class Pause:
    """A time that does not count; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Promise:
    """The target of one clock and the calendar it is measured in."""

    calendar: BusinessCalendar
    target_s: int


@dataclass(frozen=True)
class ClockRun:
    """One run of one clock. `stopped_at` is when it was met or cancelled; None while it runs or is paused."""

    kind: ClockKind
    started_at: datetime
    stopped_at: datetime | None = None
    state: ClockState = ClockState.RUNNING
    pauses: tuple[Pause, ...] = ()


def due_at(calendar: BusinessCalendar, start: datetime, target_s: int, pauses: Sequence[Pause] = ()) -> datetime | None:
    """Return the UTC moment the target is used up, pauses left out; None while a pause lasts before that moment.

    :raises DurationInvalid: if the target is not positive
    """
    if target_s <= 0:
        raise DurationInvalid("A target must be longer than nothing.")
    since, left = start.astimezone(UTC), timedelta(seconds=target_s)
    for pause in merge_pauses(pauses):
        if pause.until is not None and pause.until <= since:
            continue
        due = add_exact_business_time(calendar, since, left)
        if due <= pause.since:
            return due
        if pause.until is None:
            return None
        if pause.since > since:
            left -= business_time_between(calendar, since, pause.since)
        since = pause.until.astimezone(UTC)
    return add_exact_business_time(calendar, since, left)


def elapsed_seconds(calendar: BusinessCalendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
    """Return the whole business seconds from `start` to `end` that no pause covers."""
    total = business_time_between(calendar, start, end)
    for pause in merge_pauses(pauses):
        since, until = max(pause.since, start), min(pause.until or end, end)
        if since < until:
            total -= business_time_between(calendar, since, until)
    return int(total / timedelta(seconds=1))


def seconds_left(promise: Promise, start: datetime, at: datetime, pauses: Sequence[Pause] = ()) -> int:
    """Return the business seconds left of the target at `at`; negative when it was missed by that much."""
    return promise.target_s - elapsed_seconds(promise.calendar, start, at, pauses)


def is_missed(run: ClockRun, promise: Promise, at: datetime) -> bool:
    """Say whether the run went on past its due moment (until `at`, while it runs). Exactly on time is met."""
    if run.state is ClockState.CANCELLED:
        return False
    due = due_at(promise.calendar, run.started_at, promise.target_s, run.pauses)
    return due is not None and (run.stopped_at or at) > due


def merge_pauses(pauses: Iterable[Pause]) -> list[Pause]:
    """Return the pauses in order, overlapping and touching ones made into one, empty ones left out."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.since):
        if pause.until is not None and pause.until <= pause.since:
            continue
        last = merged[-1] if merged else None
        if last is not None and (last.until is None or pause.since <= last.until):
            ends = None if last.until is None or pause.until is None else max(last.until, pause.until)
            merged[-1] = Pause(last.since, ends)
        else:
            merged.append(pause)
    return merged


def replay(facts: Iterable[tuple[datetime, Fact]]) -> tuple[ClockRun, ...]:
    """Return every run of every clock, oldest first, for facts given in the order they happened.

    A clock may run more than once: the next response for every exchange, the resolution again after each reopening,
    then from the first beginning with the resolved time as a pause, while the first run keeps its result.
    """
    runs: list[ClockRun] = []
    for at, fact in facts:
        _RULES[fact](runs, at)
    return tuple(runs)


def _open_by_customer(runs: list[ClockRun], at: datetime) -> None:
    runs.extend((ClockRun(ClockKind.FIRST_RESPONSE, at), ClockRun(ClockKind.RESOLUTION, at)))


def _open_by_agent(runs: list[ClockRun], at: datetime) -> None:
    runs.append(ClockRun(ClockKind.RESOLUTION, at))


def _customer_wrote(runs: list[ClockRun], at: datetime) -> None:
    """Start the next response, unless the customer waits for a response already: more messages move nothing."""
    if not any(run.stopped_at is None and run.kind in _RESPONSES for run in runs):
        runs.append(ClockRun(ClockKind.NEXT_RESPONSE, at))


def _person_replied(runs: list[ClockRun], at: datetime) -> None:
    _stop(runs, at, {ClockKind.FIRST_RESPONSE: ClockState.MET, ClockKind.NEXT_RESPONSE: ClockState.MET})


def _pause(runs: list[ClockRun], at: datetime) -> None:
    for index, run in enumerate(runs):
        if run.state is ClockState.RUNNING:
            runs[index] = replace(run, state=ClockState.PAUSED, pauses=(*run.pauses, Pause(at)))


def _resume(runs: list[ClockRun], at: datetime) -> None:
    for index, run in enumerate(runs):
        if run.state is ClockState.PAUSED:
            runs[index] = replace(run, state=ClockState.RUNNING, pauses=_closed(run.pauses, at))


def _resolve(runs: list[ClockRun], at: datetime) -> None:
    _stop(
        runs,
        at,
        {
            ClockKind.FIRST_RESPONSE: ClockState.CANCELLED,
            ClockKind.NEXT_RESPONSE: ClockState.CANCELLED,
            ClockKind.RESOLUTION: ClockState.MET,
        },
    )


def _reopen(runs: list[ClockRun], at: datetime) -> None:
    """Let the resolution go on where it stood; harmless when it never stopped."""
    last = next((run for run in reversed(runs) if run.kind is ClockKind.RESOLUTION), None)
    if last is not None and last.stopped_at is not None:
        pauses = (*last.pauses, Pause(last.stopped_at, at))
        runs.append(ClockRun(ClockKind.RESOLUTION, last.started_at, pauses=pauses))


def _stop(runs: list[ClockRun], at: datetime, outcomes: Mapping[ClockKind, ClockState]) -> None:
    for index, run in enumerate(runs):
        if run.stopped_at is None and run.kind in outcomes:
            runs[index] = replace(run, stopped_at=at, state=outcomes[run.kind], pauses=_closed(run.pauses, at))


def _closed(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    return tuple(replace(pause, until=at) if pause.until is None else pause for pause in pauses)


_RESPONSES = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)
_RULES: Mapping[Fact, Callable[[list[ClockRun], datetime], None]] = {
    Fact.OPENED_BY_CUSTOMER: _open_by_customer,
    Fact.OPENED_BY_AGENT: _open_by_agent,
    Fact.CUSTOMER_WROTE: _customer_wrote,
    Fact.PERSON_REPLIED: _person_replied,
    Fact.PAUSED: _pause,
    Fact.RESUMED: _resume,
    Fact.RESOLVED: _resolve,
    Fact.REOPENED: _reopen,
}
