"""What a payment plan may say, and how payments, credits and disputes move its instalments; no database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ledger.instalments.spreading import Facts, Share, follow
from ledger.instalments.terms import (
    InstalmentTooSmall,
    InvalidPlan,
    NotAffordable,
    PlanTerms,
    WrongNumberOfInstalments,
    check_affordable,
    fewest_instalments,
    schedule,
)
from ledger.instalments.wording import words_for
from ledger.money import Money
from ledger.workdays import next_workday

TODAY = date(2026, 3, 2)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def wanted(count: int, *, first_on: date = date(2026, 4, 1), monthly: int = 100_00, every: str = "month") -> PlanTerms:
    return PlanTerms(count=count, first_on=first_on, can_pay_monthly=eur(monthly), every=every)


def test_100_00_in_three_is_33_34_then_33_33_twice():
    made = schedule(eur(100_00), wanted(3), country="DE", today=TODAY)

    assert [part.amount.minor for part in made] == [33_34, 33_33, 33_33]


def test_100_00_in_six_is_four_times_16_67_then_16_66_twice():
    made = schedule(eur(100_00), wanted(6), country="DE", today=TODAY)

    assert [part.amount.minor for part in made] == [16_67] * 4 + [16_66] * 2


def test_a_day_on_a_weekend_or_holiday_moves_to_the_next_business_day():
    made = schedule(eur(90_00), wanted(3, first_on=date(2026, 4, 3)), country="DE", today=TODAY)

    # Good Friday to Easter Monday 2026 is 3 to 6 April; 3 May is a Sunday; 3 June is a Wednesday.
    assert [part.due_on for part in made] == [date(2026, 4, 7), date(2026, 5, 4), date(2026, 6, 3)]
    assert [part.agreed_on for part in made] == [date(2026, 4, 3), date(2026, 5, 3), date(2026, 6, 3)]


def test_the_last_of_the_month_stays_the_last_of_the_month():
    made = schedule(eur(90_00), wanted(3, first_on=date(2026, 3, 31)), country="DE", today=TODAY)

    assert [part.agreed_on for part in made] == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


def test_corpus_christi_is_a_holiday_in_bavaria_and_none_in_berlin():
    assert next_workday(date(2026, 6, 4), "DE", "DE-BY") == date(2026, 6, 5)
    assert next_workday(date(2026, 6, 4), "DE", "DE-BE") == date(2026, 6, 4)


@pytest.mark.parametrize("count", [0, 1, 37])
def test_none_one_or_37_instalments_are_refused(count):
    with pytest.raises(WrongNumberOfInstalments, match=f"2 to 36 instalments, not {count}"):
        schedule(eur(1_000_00), wanted(count), country="DE", today=TODAY)


@pytest.mark.parametrize("count", [2, 36])
def test_two_and_36_instalments_are_taken(count):
    made = schedule(eur(1_000_00), wanted(count), country="DE", today=TODAY)

    assert sum(part.amount.minor for part in made) == 1_000_00


@pytest.mark.parametrize(("total", "fits"), [(15_00, True), (14_99, False)])
def test_an_instalment_is_at_least_five_euros(total, fits):
    if fits:
        assert len(schedule(eur(total), wanted(3), country="DE", today=TODAY)) == 3
        return
    with pytest.raises(InstalmentTooSmall, match=r"5\.00 EUR"):
        schedule(eur(total), wanted(3), country="DE", today=TODAY)


@pytest.mark.parametrize("first_on", [date(2026, 3, 1), date(2026, 5, 4)])
def test_a_plan_begins_within_two_months_and_not_in_the_past(first_on):
    with pytest.raises(InvalidPlan, match="within 62 days"):
        schedule(eur(90_00), wanted(3, first_on=first_on), country="DE", today=TODAY)


def test_a_plan_above_what_can_be_paid_is_refused_and_the_sentence_says_what_would_fit():
    terms = wanted(3, monthly=20_00)
    made = schedule(eur(100_00), terms, country="DE", today=TODAY)

    with pytest.raises(NotAffordable) as refusal:
        check_affordable(made, terms)

    assert str(refusal.value) == (
        "The plan asks for 33.34 EUR in a month, and 20.00 EUR is what the customer can pay. "
        "With 5 monthly instalments it fits."
    )


def test_weekly_instalments_are_added_up_over_the_month():
    terms = wanted(6, monthly=80_00, every="week", first_on=date(2026, 4, 1))
    made = schedule(eur(120_00), terms, country="DE", today=TODAY)

    # 1, 8, 15, 22, 29 April: five times 20.00.
    with pytest.raises(NotAffordable, match=r"100\.00 EUR in a month"):
        check_affordable(made, terms)


def test_what_is_promised_in_another_plan_leaves_less_room():
    terms = wanted(3, monthly=50_00)
    made = schedule(eur(90_00), terms, country="DE", today=TODAY)

    with pytest.raises(NotAffordable, match="promised in another plan"):
        check_affordable(made, terms, besides=eur(25_00))


@pytest.mark.parametrize(
    ("total", "monthly", "count"), [(100_00, 20_00, 5), (100_00, 19_99, 6), (1_000_00, 20_00, None)]
)
def test_the_fewest_instalments_that_fit(total, monthly, count):
    assert fewest_instalments(eur(total), eur(monthly)) == count


def test_the_words_name_the_free_plan_in_german_and_change_their_fingerprint_with_a_cent():
    made = schedule(eur(100_00), wanted(3), country="DE", today=TODAY)
    about = {"number": "PP-1", "customer": "Ana Berg", "bills": ["INV-1"], "monthly": eur(50_00), "charged": True}

    words = words_for(made, total=eur(100_00), language="de-DE", **about)

    assert "keine Gebühr, keine Zinsen" in words.text
    assert "Rate 1: 1. April 2026, 33,34\u00a0€" in words.text
    assert words.hash != words_for(made, total=eur(100_01), language="de-DE", **about).hash


THREE = [Share(33_34), Share(33_33), Share(33_33)]


def test_a_payment_counts_to_the_oldest_instalment_first():
    assert [share.left for share in follow(THREE, Facts(paid=40_00, due=60_00)).shares] == [0, 26_67, 33_33]


def test_a_credit_shortens_the_plan_from_its_end():
    found = follow(THREE, Facts(paid=0, due=60_00))

    assert [share.left for share in found.shares] == [33_34, 26_66, 0]
    assert (found.credited, found.disputed) == (40_00, 0)


def test_a_disputed_part_leaves_the_plan_and_the_rest_is_spread_anew():
    found = follow(THREE, Facts(paid=0, due=70_00, newly_disputed=30_00))

    # 70.00 over 33.34 : 33.33 : 33.33 is 23.338, 23.331, 23.331; the two cents left go to the first and the second.
    assert [share.amount for share in found.shares] == [23_34, 23_33, 23_33]
    assert (found.disputed, found.credited) == (30_00, 0)


def test_what_is_owed_again_comes_back_on_the_days_ahead():
    paid_up = [Share(50_00, paid=50_00, is_ahead=False), Share(0, is_ahead=True), Share(0, is_ahead=True)]

    assert [share.left for share in follow(paid_up, Facts(paid=50_00, due=9_01)).shares] == [0, 4_51, 4_50]


@hypothesis_settings(max_examples=50)
@given(
    st.lists(st.integers(1, 5_000), min_size=2, max_size=36),
    st.lists(st.tuples(st.sampled_from(["pay", "credit", "dispute", "return"]), st.integers(1, 4_000)), max_size=12),
)
def test_paid_waived_and_left_always_add_up_to_what_the_plan_covers(amounts, moves):
    shares, paid, due, disputed = [Share(amount) for amount in amounts], 0, sum(amounts), 0
    covered = sum(amounts)

    for what, minor in moves:
        part, newly = min(minor, due), 0
        if what == "pay":
            paid, due = paid + part, due - part
        elif what == "credit":
            due -= part
        elif what == "dispute":
            due, disputed, newly = due - part, disputed + part, part
            covered -= part
        else:
            part = min(minor, disputed)
            due, disputed = due + part, disputed - part
            covered += part
        shares = list(follow(shares, Facts(paid, due, newly)).shares)

        assert sum(share.amount for share in shares) == covered
        assert sum(share.paid for share in shares) == paid
        assert sum(share.left for share in shares) == due
        assert all(min(share.amount, share.paid, share.waived, share.left) >= 0 for share in shares)
