"""What starts, pauses and stops the three clocks, replayed from the facts of a ticket."""

from datetime import UTC, datetime, timedelta

from tickets.sla.calendars import build_calendar
from tickets.sla.clock import (
    ClockKind,
    ClockRun,
    ClockState,
    Fact,
    Pause,
    Promise,
    due_at,
    is_missed,
    merge_pauses,
    replay,
    seconds_left,
)

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALWAYS = build_calendar("UTC", {}, always=True)
HOUR = 3600


def after(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def runs_of(kind: ClockKind, *facts: tuple[int, Fact]) -> list[ClockRun]:
    return [run for run in replay((after(minutes), fact) for minutes, fact in facts) if run.kind is kind]


def test_more_customer_messages_do_not_move_the_next_response() -> None:
    facts = [
        (0, Fact.OPENED_BY_CUSTOMER),
        (10, Fact.PERSON_REPLIED),
        (20, Fact.CUSTOMER_WROTE),
        (50, Fact.CUSTOMER_WROTE),
    ]

    (run,) = runs_of(ClockKind.NEXT_RESPONSE, *facts)

    assert run.started_at == after(20)
    assert run.state is ClockState.RUNNING


def test_a_message_before_the_first_response_starts_no_second_clock() -> None:
    assert runs_of(ClockKind.NEXT_RESPONSE, (0, Fact.OPENED_BY_CUSTOMER), (5, Fact.CUSTOMER_WROTE)) == []


def test_a_reply_meets_the_first_response_and_every_exchange_has_its_own_run() -> None:
    facts = [
        (0, Fact.OPENED_BY_CUSTOMER),
        (10, Fact.PERSON_REPLIED),
        (20, Fact.CUSTOMER_WROTE),
        (25, Fact.PERSON_REPLIED),
    ]

    (first,) = runs_of(ClockKind.FIRST_RESPONSE, *facts)
    (second,) = runs_of(ClockKind.NEXT_RESPONSE, *facts)

    assert (first.state, first.stopped_at) == (ClockState.MET, after(10))
    assert (second.state, second.stopped_at) == (ClockState.MET, after(25))


def test_resolving_stops_the_response_clock_of_a_customer_who_wrote_last() -> None:
    facts = [(0, Fact.OPENED_BY_CUSTOMER), (10, Fact.PERSON_REPLIED), (20, Fact.CUSTOMER_WROTE), (30, Fact.RESOLVED)]

    (run,) = runs_of(ClockKind.NEXT_RESPONSE, *facts)

    assert run.state is ClockState.CANCELLED
    assert not is_missed(run, Promise(ALWAYS, 60), after(10_000))


def test_a_reopened_ticket_goes_on_where_it_stood_and_keeps_its_first_result() -> None:
    facts = [(0, Fact.OPENED_BY_CUSTOMER), (30, Fact.RESOLVED), (1_000, Fact.REOPENED)]

    first, second = runs_of(ClockKind.RESOLUTION, *facts)

    assert (first.state, first.stopped_at) == (ClockState.MET, after(30))
    assert (
        seconds_left(Promise(ALWAYS, HOUR), second.started_at, after(1_010), second.pauses) == 20 * 60
    )  # 30 + 10 used
    assert due_at(ALWAYS, second.started_at, HOUR, second.pauses) == after(1_030)


def test_a_clock_that_is_paused_has_no_due_moment_and_one_that_went_on_has_a_later_one() -> None:
    paused = [(0, Fact.OPENED_BY_CUSTOMER), (20, Fact.PAUSED)]

    (waiting,) = runs_of(ClockKind.RESOLUTION, *paused)
    (resumed,) = runs_of(ClockKind.RESOLUTION, *paused, (90, Fact.RESUMED))

    assert due_at(ALWAYS, waiting.started_at, HOUR, waiting.pauses) is None
    assert due_at(ALWAYS, resumed.started_at, HOUR, resumed.pauses) == after(130)


def test_a_change_of_policy_keeps_the_pause() -> None:
    (run,) = runs_of(ClockKind.RESOLUTION, (0, Fact.OPENED_BY_CUSTOMER), (20, Fact.PAUSED), (90, Fact.RESUMED))

    assert due_at(ALWAYS, run.started_at, 2 * HOUR, run.pauses) == after(190)


def test_an_answer_exactly_on_time_is_met_and_one_second_later_it_is_missed() -> None:
    promise = Promise(ALWAYS, HOUR)

    on_time = ClockRun(ClockKind.FIRST_RESPONSE, T0, after(60), ClockState.MET)
    late = ClockRun(ClockKind.FIRST_RESPONSE, T0, after(60) + timedelta(seconds=1), ClockState.MET)

    assert not is_missed(on_time, promise, after(999))
    assert is_missed(late, promise, after(999))


def test_a_ticket_opened_by_an_agent_promises_no_first_response() -> None:
    facts = [(0, Fact.OPENED_BY_AGENT), (10, Fact.CUSTOMER_WROTE)]

    assert runs_of(ClockKind.FIRST_RESPONSE, *facts) == []
    assert len(runs_of(ClockKind.NEXT_RESPONSE, *facts)) == 1


def test_pauses_that_overlap_count_once() -> None:
    pauses = [Pause(after(30), after(60)), Pause(after(10), after(40)), Pause(after(5), after(5))]

    assert merge_pauses(pauses) == [Pause(after(10), after(60))]
    assert due_at(ALWAYS, T0, HOUR, pauses) == after(110)
