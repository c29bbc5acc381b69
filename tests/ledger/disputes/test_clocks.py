"""The clocks a dispute runs against: our promise, calendar days of a law, business days with holidays."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.disputes.clocks import PROMISE, clock
from ledger.jurisdictions.default_disputes import dispute_rules
from ledger.jurisdictions.kinds import check_params
from tests.conftest import NOW

NEW_YORK = ZoneInfo("America/New_York")
REG_Z, REG_E = (rule for rule in dispute_rules() if rule.country == "US")


def of_america(rule, received_at, **more):
    return clock(rule.params, received_at=received_at, country="US", zone="America/New_York", **more)


def test_where_no_law_binds_our_own_promise_is_two_days_and_fourteen():
    ours = clock(PROMISE, received_at=NOW, country="DE", zone="Europe/Berlin")

    assert (ours.acknowledge_by, ours.decide_by) == (NOW + timedelta(days=2), NOW + timedelta(days=14))
    assert (ours.source, ours.rule_id) == ("Our own promise: confirmed within 2 days, answered within 14", None)


def test_a_credit_account_is_confirmed_in_30_days_and_answered_in_90():
    received = datetime(2026, 3, 2, 10, tzinfo=NEW_YORK)

    found = of_america(REG_Z, received)

    assert found.acknowledge_by == datetime(2026, 4, 1, 10, tzinfo=NEW_YORK)
    assert found.decide_by == datetime(2026, 5, 31, 10, tzinfo=NEW_YORK)


def test_a_transfer_is_answered_in_10_business_days_without_weekends_and_holidays():
    friday = datetime(2026, 1, 9, 16, tzinfo=NEW_YORK)

    # 12-16 January are five, 19 January is Martin Luther King Day, 20-23 are four, and the tenth is Monday the 26th.
    assert of_america(REG_E, friday).decide_by == datetime(2026, 1, 26, 23, 59, 59, tzinfo=NEW_YORK)


def test_credited_meanwhile_a_transfer_has_45_calendar_days():
    friday = datetime(2026, 1, 9, 16, tzinfo=NEW_YORK)

    assert of_america(REG_E, friday, is_credited=True).decide_by == datetime(2026, 2, 23, 16, tzinfo=NEW_YORK)


def test_a_confirmation_is_never_due_after_the_answer():
    found = clock({"acknowledge_days": 30, "decide_days": 5}, received_at=NOW, country="DE", zone="Europe/Berlin")

    assert found.acknowledge_by == found.decide_by == NOW + timedelta(days=5)


def test_every_shipped_rule_is_one_a_supervisor_could_write_and_names_its_source():
    for rule in dispute_rules():
        check_params(rule.kind, dict(rule.params))
        assert rule.source
