"""When a declined payment is tried again: schedules by dates, caps over random histories, better than fixed days."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.payments.declines_codes import find_reason
from ledger.payments.network_rules import CAREFUL, Basis, Cap, Try, caps_of, fits, network_of
from ledger.payments.retries import PRESETS, Card, Chances, Schedule, deadline, plan_retries
from tests.conftest import BERLIN, berlin

NO_MONEY, FAULT = find_reason("insufficient_funds"), find_reason("processing_error")
ROOMY = Card(caps=[Cap("", most=1000, window_days=30)])
VISA = [
    Cap("visa", most=15, window_days=30, valid_to=date(2026, 4, 18)),
    Cap("visa", most=20, window_days=30, valid_from=date(2026, 4, 18)),
]
MASTERCARD = [Cap("mastercard", 10, 1), Cap("mastercard", 35, 30, Basis.CARD_AND_AMOUNT)]


def failed(at: datetime, minor: int = 4900) -> Try:
    return Try(at, minor, "EUR")


def plan_days(preset: str, at: datetime, reason=NO_MONEY, card: Card = ROOMY) -> list[date]:
    moments = plan_retries(failed(at), reason, PRESETS[preset], card=card, zone=BERLIN)
    return [moment.astimezone(BERLIN).date() for moment in moments]


def test_n01_four_tries_fall_on_days_two_seven_fourteen_and_twenty_one():
    days = plan_days("four in three weeks", berlin(2026, 3, 2, 10))

    assert days == [date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23)]


@pytest.mark.parametrize("code", ["stolen_card", "expired_card", "mac:03", "revocation_of_authorization", "asteroid"])
def test_n01_a_hard_decline_is_not_tried_again_and_has_its_one_check_on_day_twenty_one(code):
    at = berlin(2026, 3, 2, 10)

    assert plan_days("four in three weeks", at, find_reason(code)) == []
    assert deadline(at, PRESETS["four in three weeks"], zone=BERLIN) == date(2026, 3, 23)


def test_n05_every_eight_days_gives_seven_dates():
    days = plan_days("every eight days", berlin(2026, 5, 31, 10))

    assert [f"{day:%m-%d}" for day in days] == ["06-08", "06-16", "06-24", "07-02", "07-10", "07-18", "07-26"]


def test_n03_a_technical_fault_is_tried_again_after_five_minutes_then_twice_as_long_each_time():
    at = berlin(2026, 3, 2, 10)
    moments = plan_retries(failed(at), FAULT, PRESETS["every eight days"], card=ROOMY, zone=BERLIN)

    minutes = [int((moment - at).total_seconds() // 60) for moment in moments]
    assert minutes == [5, 15, 35, 75, 155, 315, 635]  # pauses of 5, 10, 20, 40, 80, 160 and 320 minutes


def test_n06_eight_tries_stay_within_two_weeks():
    days = plan_days("eight in two weeks", berlin(2026, 3, 2, 10))

    assert len(days) == 8
    assert days[-1] == date(2026, 3, 16)


def test_n07_seven_declines_end_it_the_first_one_counted():
    days = plan_days("seven declines in sixty days", berlin(2026, 3, 2, 10))

    assert len(days) == 6
    assert deadline(berlin(2026, 3, 2, 10), PRESETS["seven declines in sixty days"], zone=BERLIN) == date(2026, 5, 1)


def test_a_try_comes_a_minute_past_midnight_where_the_customer_lives():
    tokyo = ZoneInfo("Asia/Tokyo")
    moments = plan_retries(
        failed(berlin(2026, 3, 2, 18)), NO_MONEY, PRESETS["four in three weeks"], card=ROOMY, zone=tokyo
    )

    # 18:00 in Berlin is 02:00 of 3 March in Tokyo; two days later is the 5th.
    assert moments[0] == datetime(2026, 3, 5, 0, 1, tzinfo=tokyo)


def test_the_advice_to_wait_eight_days_drops_the_tries_before_it():
    days = plan_days("four in three weeks", berlin(2026, 3, 2, 10), find_reason("mac:29"))

    assert days == [date(2026, 3, 16), date(2026, 3, 23)]


def test_a_card_is_not_tried_after_its_last_day():
    days = plan_days(
        "four in three weeks", berlin(2026, 3, 24, 10), card=Card(ROOMY.caps, expires_on=date(2026, 3, 31))
    )

    assert days == [date(2026, 3, 26), date(2026, 3, 31)]


def test_a_try_moves_to_payday_where_the_schedule_lets_it():
    schedule = Schedule("moving", (2, 7), may_move_days=3)
    moments = plan_retries(failed(berlin(2026, 3, 26, 10)), NO_MONEY, schedule, card=ROOMY, zone=BERLIN)

    # Two days later is the 28th, a payday already; seven days later is 2 April, and the 1st is nearest and better.
    assert [moment.astimezone(BERLIN).date() for moment in moments] == [date(2026, 3, 28), date(2026, 4, 1)]


def test_caps_count_the_card_over_all_its_bills():
    at = berlin(2026, 5, 4, 10)
    others = [Try(at - timedelta(days=day, hours=hour), 900, "EUR") for day in range(1, 10) for hour in (0, 6)]
    card = Card(VISA, [*others, failed(at)])  # 18 tries for other bills and this one: one more is left until they age

    days = plan_days("eight in two weeks", at, card=card)

    assert days == [date(2026, 5, 5)]


def test_the_day_of_the_last_try_decides_which_cap_holds():
    tries = [Try(datetime(2026, 4, 10, hour, tzinfo=UTC), 900, "EUR") for hour in range(15)]

    assert not fits(Try(datetime(2026, 4, 17, 23, 59, tzinfo=UTC), 900, "EUR"), tries, VISA)
    assert fits(Try(datetime(2026, 4, 18, 0, 0, tzinfo=UTC), 900, "EUR"), tries, VISA)


def test_a_network_without_rules_is_held_to_the_careful_cap():
    assert caps_of(network_of("American Express"), VISA) == [CAREFUL]
    assert caps_of(network_of("Visa"), VISA) == VISA
    tries = [Try(datetime(2026, 5, 1, hour, tzinfo=UTC), 900, "EUR") for hour in range(15)]
    assert not fits(Try(datetime(2026, 5, 2, tzinfo=UTC), 900, "EUR"), tries, [CAREFUL])


def broken_windows(tries: list[Try], caps: list[Cap]) -> list[str]:
    """Count every window by brute force, in another way than the planner: by the days of each cap, one by one."""
    wrong = []
    for cap in caps:
        for end in tries:
            day = end.at.astimezone(UTC).date()
            if day < cap.valid_from or (cap.valid_to and day >= cap.valid_to):
                continue
            inside = [t for t in tries if 0 <= (end.at - t.at).total_seconds() < cap.window_days * 86_400]
            if cap.basis is Basis.CARD_AND_AMOUNT:
                inside = [t for t in inside if t.amount_minor == end.amount_minor]
            if len(inside) > cap.most:
                wrong.append(f"{len(inside)} tries until {end.at} against {cap.most} in {cap.window_days} days")
    return wrong


caps_with_a_change = st.builds(
    lambda first, second, window, turn: [
        Cap("visa", first, window, valid_to=date(2026, 1, 1) + timedelta(days=turn)),
        Cap("visa", second, window, valid_from=date(2026, 1, 1) + timedelta(days=turn)),
    ],
    st.integers(1, 8),
    st.integers(1, 8),
    st.sampled_from([1, 7, 30]),
    st.integers(0, 90),
)


@settings(max_examples=60)
@given(
    caps=st.one_of(caps_with_a_change, st.just(MASTERCARD), st.just(VISA)),
    failures=st.lists(st.tuples(st.integers(0, 90 * 24), st.sampled_from([900, 4900])), min_size=1, max_size=8),
    preset=st.sampled_from(sorted(PRESETS)),
    code=st.sampled_from(["insufficient_funds", "processing_error", "mac:26", "stolen_card"]),
)
def test_no_plan_breaks_a_cap_whatever_happened_in_ninety_days(caps, failures, preset, code):
    """Failures that happen are facts; what is planned after them may never make a window too full."""
    tries: list[Try] = []
    for hours, minor in sorted(failures):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        first = Try(at, minor, "EUR")
        if not fits(first, tries, caps):
            continue  # the customer is asked for another card instead
        tries.append(first)
        moments = plan_retries(first, find_reason(code), PRESETS[preset], card=Card(caps, tries), zone=BERLIN)
        tries.extend(Try(moment.astimezone(UTC), minor, "EUR") for moment in moments)
        assert moments == sorted(set(moments))
        assert code != "stolen_card" or not moments

    assert broken_windows(tries, caps) == []


def test_the_planner_recovers_more_than_fixed_days_when_some_days_pay():
    """Ten thousand failures in a world where accounts are filled on the 1st and the 15th; both sides try four times."""
    dice = random.Random(7)  # a fixed seed makes the figures repeatable

    def pays(day: date) -> bool:
        return dice.random() < (0.55 if day.day in (1, 15) else 0.10)

    seen = [date(2025, 1, 1) + timedelta(days=dice.randrange(365)) for _ in range(3000)]
    tries = {day: sum(1 for each in seen if each.day == day) for day in range(1, 32)}
    paid = {day: sum(1 for each in seen if each.day == day and pays(each)) for day in range(1, 32)}
    learned, moving = Chances(tries, paid), Schedule("moving", (2, 7, 14, 21), may_move_days=3)
    plans, fixed = {}, (1, 3, 5, 7)
    differences = []
    for _ in range(3000):
        start = date(2026, 1, 1) + timedelta(days=dice.randrange(365))
        if start not in plans:
            at = datetime(start.year, start.month, start.day, 10, tzinfo=BERLIN)
            moments = plan_retries(failed(at), NO_MONEY, moving, card=ROOMY, zone=BERLIN, chances=learned)
            plans[start] = [moment.astimezone(BERLIN).date() for moment in moments]
        ours = any(pays(day) for day in plans[start])
        theirs = any(pays(start + timedelta(days=offset)) for offset in fixed)
        differences.append(int(ours) - int(theirs))

    mean = sum(differences) / len(differences)
    spread = (sum((each - mean) ** 2 for each in differences) / (len(differences) - 1)) ** 0.5
    assert mean - 1.96 * spread / len(differences) ** 0.5 > 0.05  # the lower end of the 95 % interval: five points more
