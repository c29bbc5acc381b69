"""Reports of card networks end in the same standing, repeated, late or in any order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.disputes.stages import STAGES, Standing, after_all, contradicts, merge
from tests.conftest import NOW

#: What a network sends in one life: each stage is opened with a deadline of its own, and may be decided one way.
decided = st.sampled_from(["won", "lost", "accepted"])
lives = st.lists(decided | st.none(), min_size=1, max_size=len(STAGES)).map(
    lambda ends: [
        report
        for stage, end in zip(STAGES, ends, strict=False)
        for report in (
            Standing(stage, "received", NOW + timedelta(days=7 * (STAGES.index(stage) + 1))),
            *([Standing(stage, end)] if end else []),
        )
    ]
)


@settings(max_examples=50)
@given(lives.flatmap(lambda life: st.tuples(st.just(life), st.permutations(life + life))))
def test_repeated_reports_in_any_order_end_where_the_ordered_ones_do(case):
    life, jumbled = case

    ordered, found = after_all(life), after_all(jumbled)

    assert (found.stage, found.state, found.is_taken) == (ordered.stage, ordered.state, ordered.is_taken)
    assert ordered.stage == life[-1].stage


def test_the_money_is_gone_from_the_chargeback_stage_on_unless_we_won():
    gone = {(stage, state): Standing(stage, state).is_taken for stage in STAGES for state in ("received", "won")}

    assert [stage for stage in STAGES if gone[stage, "received"]] == ["chargeback", "pre_arbitration", "arbitration"]
    assert not any(gone[stage, "won"] for stage in STAGES)


def test_a_late_inquiry_does_not_pull_a_chargeback_back():
    now = Standing("chargeback", "received", NOW)

    assert merge(now, Standing("inquiry", "won")) == now


def test_a_decided_stage_is_reopened_only_by_a_later_one():
    won = Standing("chargeback", "won")

    assert merge(won, Standing("chargeback", "received")) == won
    assert merge(won, Standing("pre_arbitration", "received")).stage == "pre_arbitration"


def test_the_later_of_two_deadlines_of_one_stage_counts():
    first, prolonged = (Standing("chargeback", "received", NOW + timedelta(days=days)) for days in (7, 9))

    assert merge(first, prolonged) == merge(prolonged, first) == prolonged


def test_two_ends_of_one_stage_contradict_only_where_the_money_would_be_elsewhere():
    assert contradicts(Standing("chargeback", "won"), Standing("chargeback", "lost"))
    assert not contradicts(Standing("chargeback", "accepted"), Standing("chargeback", "lost"))
    assert not contradicts(Standing("inquiry", "accepted"), Standing("inquiry", "won"))
