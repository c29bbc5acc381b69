"""One agent who decides against one country stands out; agents who decide alike do not; small groups are not shown."""

from __future__ import annotations

import random

from ledger.disputes.consistency import Decided, consistency, interval, tenure_of


def simulated(seed: int, *, biased: bool) -> list[Decided]:
    """Return 200 disputes decided by two agents; the facts decide, and sometimes chance, but never the country.

    The biased agent turns 70 of 100 disputes from France down that the facts would have granted.
    """
    chance = random.Random(seed)
    decided = []
    for number in range(200):
        recommended = chance.choice(["upheld", "upheld", "rejected", "look"])
        approved = {"upheld": 0.95, "rejected": 0.05, "look": 0.5}[recommended] > chance.random()
        decider, country = ("agent:1", "agent:2")[number % 2], ("DE", "FR")[number // 2 % 2]
        if biased and (decider, country) == ("agent:1", "FR") and chance.random() < 0.7:
            approved = False
        tenure = tenure_of(chance.choice([100, 800, 2000]))
        decided.append(Decided(decider, approved, recommended, country, chance.choice(["de", "fr"]), tenure))
    return decided


def test_an_agent_who_decides_against_one_country_is_flagged_with_it():
    report = consistency(simulated(7, biased=True))

    found = {(group.decider, group.dimension, group.value) for group in report.flagged}
    assert ("agent:1", "country", "FR") in found
    assert not any(decider == "agent:2" for decider, _, _ in found)


def test_without_a_bias_at_least_19_of_20_runs_flag_nothing():
    quiet = [not consistency(simulated(seed, biased=False)).flagged for seed in range(20)]

    assert sum(quiet) >= 19


def test_the_bias_is_found_in_at_least_19_of_20_runs():
    found = [bool(consistency(simulated(seed, biased=True)).flagged) for seed in range(20)]

    assert sum(found) >= 19


def test_a_group_of_29_is_suppressed_and_one_of_30_is_shown_with_its_interval():
    few = [Decided("agent:1", True, "look", "AT", "de", "under 1 year")] * 29
    enough = [Decided("agent:1", number < 15, "look", "DE", "de", "1 to 3 years") for number in range(30)]

    groups = {
        group.value: group
        for group in consistency(few + enough).groups
        if group.dimension == "country" and not group.decider
    }

    assert (groups["AT"].is_shown, groups["AT"].rate, groups["AT"].is_flagged) == (False, None, False)
    assert groups["DE"].rate == 0.5
    # 15 of 30: centre 0.5, spread 1.96 x sqrt(0.25/30 + 3.8416/3600) / (1 + 3.8416/30) = 0.1685.
    assert [round(edge, 3) for edge in interval(15, 30)] == [0.332, 0.668]


def test_a_group_whose_charges_were_wrong_more_often_does_not_stand_out_for_that():
    wrong = [Decided("agent:1", True, "upheld", "FR", "fr", "under 1 year")] * 60
    right = [Decided("agent:1", False, "rejected", "DE", "de", "under 1 year")] * 60

    assert not consistency(wrong + right).flagged


def test_how_often_an_appeal_overturned_a_decision_is_told_for_each_decider():
    stood, fell = (
        Decided("agent:1", False, "look", "DE", "de", "under 1 year", was_appealed=True, was_overturned=overturned)
        for overturned in (False, True)
    )

    report = consistency([stood, stood, fell])

    assert (report.appeals, report.overturned, report.overturned_of) == (3, 1, {"agent:1": (3, 1)})
