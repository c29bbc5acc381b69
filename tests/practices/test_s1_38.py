"""S1-38: a change is confirmed at once; a confirmation that was held up goes out once and is marked as late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from ledger.models import Event, Plan, Price, Subscription
from ledger.subscriptions.operations import pause_subscription, start_subscription
from tests.conftest import NOW
from tests.practices.conftest import told


@pytest.fixture
def plus(ana, system) -> Subscription:
    """Ana's monthly plan, begun today."""
    plan = Plan.objects.create(code="plus", name="Plus", interval="month")
    Price.objects.create(product=plan, currency="EUR", amount_minor=2500, tax_rate=19, valid_from=date(2026, 1, 1))
    return start_subscription(ana.pk, plan_code="plus", by=system, at=NOW)


def test_within_a_minute_the_change_is_confirmed_with_plan_and_day(plus, work, clock, mailoutbox):
    clock.shift(60)
    work()

    (mail,) = mailoutbox
    sent = Event.objects.get(kind="message.sent")
    assert "Plus" in mail.body
    assert "March 2, 2026" in mail.body
    assert "late_s" not in sent.data


def test_a_worker_that_was_down_for_ten_minutes_confirms_once_and_marks_it_late(plus, work, clock, mailoutbox):
    clock.shift(timedelta(minutes=10))
    work()
    work()

    assert len(mailoutbox) == 1
    assert Event.objects.get(kind="message.sent").data["late_s"] == 600


def test_a_change_that_is_rolled_back_is_not_confirmed(plus, system, work):
    work()

    def pause_and_fail() -> None:
        with transaction.atomic():
            pause_subscription(plus.pk, by=system, at=NOW)
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError):
        pause_and_fail()
    work()

    assert Subscription.objects.get().state == "active"
    assert told("subscription_paused") == []
