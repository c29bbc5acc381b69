"""S1-38: a change is confirmed at once; a confirmation that was held up goes out once and is marked as late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from ledger.billing.operations import run_billing
from ledger.models import Event, Plan, Price, Subscription
from ledger.subscriptions.arranged import withdraw_change
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.operations import pause_subscription, start_subscription
from ledger.subscriptions.terms import Change, What, When
from tests.conftest import NOW, berlin
from tests.ledger.subscriptions.worlds import sell
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


@pytest.fixture
def basic(ana, system, work) -> Subscription:
    """Ana's Basic plan for 10.00 a month, billed from today; Plus costs 25.00."""
    sell("basic", 1000, features=["Mail"])
    sell("plus", 2500, features=["Mail", "Chat"])
    subscription = start_subscription(ana.pk, plan_code="basic", by=system, at=NOW)
    run_billing(at=NOW)
    work()
    return subscription


def test_a_change_of_plan_is_confirmed_once_with_old_and_new_the_day_and_the_next_bill(basic, system, work, clock):
    # 21 of 31 days are left: 25.00 is 16.94 + 3.22 tax = 20.16; given back of 10.00 are 6.77 + 1.29 tax = 8.06.
    clock.move_to(berlin(2026, 3, 12, 10))
    apply_change(basic.pk, Change(What.PLAN, plan="plus"), by=system, at=berlin(2026, 3, 12, 10))
    work()
    work()

    (message,) = told("subscription_plan_changed")
    assert message.state == "sent"
    assert "From March 12, 2026 you have Plus; before, you had Basic." in message.body
    assert "We charge €12.10 for it now: €20.16 for the new terms, less €8.06 for what was not used." in message.body
    assert "Your next bill comes on April 2, 2026: €29.75" in message.body
    assert f"/account/subscriptions/{basic.pk}/" in message.body
    assert told("credit_note_issued") == []


def test_a_change_of_plan_that_is_rolled_back_is_not_confirmed(basic, system, work):
    def change_and_fail() -> None:
        with transaction.atomic():
            apply_change(basic.pk, Change(What.PLAN, plan="plus"), by=system, at=NOW)
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError):
        change_and_fail()
    work()

    assert Subscription.objects.get().plan.code == "basic"
    assert told("subscription_plan_changed") == []


def test_what_waits_for_its_day_is_confirmed_and_so_is_taking_it_back(basic, system, work, clock):
    apply_change(basic.pk, Change(What.PLAN, plan="plus", when=When.PERIOD_END), by=system, at=NOW)
    work()
    clock.shift(60)
    withdraw_change(basic.changes.get().pk, by=system, at=NOW + timedelta(minutes=1))
    work()

    (arranged,) = told("subscription_change_scheduled")
    (taken_back,) = told("subscription_change_withdrawn")
    assert "from April 2, 2026: the plan changes from Basic to Plus." in arranged.body
    assert "Your next bill comes on April 2, 2026: €29.75" in arranged.body
    assert "What was arranged for your Basic plan from April 2, 2026 is taken back" in taken_back.body
