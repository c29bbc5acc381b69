"""What was planned for a day is made on that day by the run, before the bill of that day."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.billing.operations import run_billing
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import cancel_subscription, pause_subscription
from ledger.subscriptions.terms import Change, What, When
from tests.conftest import berlin
from tests.ledger.billing.worlds import customer, plan_with_price, subscribe
from tests.ledger.worlds import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def plus() -> Subscription:
    """Ana's Plus since 1 March, billed for March; Basic is the cheaper plan."""
    plan_with_price("basic", 1000)
    subscription = subscribe(customer(), plan_with_price("plus", 2500), on=date(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 9))
    return subscription


def billed() -> list[tuple[str, int]]:
    return list(InvoiceLine.objects.order_by("pk").values_list("description", "net_minor"))


def test_a_downgrade_planned_for_the_end_of_the_period_is_in_the_next_bill(plus):
    apply_change(plus.pk, Change(What.PLAN, plan="basic"), by=SYSTEM, at=berlin(2026, 3, 10))

    run = run_billing(at=berlin(2026, 4, 1, 9))

    assert (run.applied, run.billed) == (1, 1)
    assert billed()[1:] == [("Basic, 2026-04-01 to 2026-04-30", 1000)]
    assert plus.changes.get().state == "applied"


def test_after_a_month_without_a_worker_each_period_has_the_plan_of_its_days(plus):
    plan = Change(What.PLAN, plan="basic", when=When.PERIOD_END)
    apply_change(plus.pk, plan, by=SYSTEM, at=berlin(2026, 3, 10))

    run = run_billing(at=berlin(2026, 5, 3))

    assert (run.applied, run.billed) == (1, 2)
    assert billed()[1:] == [("Basic, 2026-04-01 to 2026-04-30", 1000), ("Basic, 2026-05-01 to 2026-05-31", 1000)]


def test_a_cancelled_subscription_is_not_billed_past_its_last_day(plus):
    cancel_subscription(plus.pk, by=SYSTEM, at=berlin(2026, 3, 10))

    run = run_billing(at=berlin(2026, 6, 1))

    assert (run.billed, Invoice.objects.count()) == (0, 1)


def test_a_pause_ends_on_its_day_and_the_next_bill_follows(plus):
    pause_subscription(plus.pk, by=SYSTEM, at=berlin(2026, 3, 11))

    assert run_billing(at=berlin(2026, 4, 1, 9)).billed == 0
    run = run_billing(at=berlin(2026, 7, 1))

    assert run.applied == 1  # the longest pause, 92 days, was over on 11 June
    assert Subscription.objects.get(pk=plus.pk).state == "active"
    assert billed()[-1][0].startswith("Plus, 2026-07-01")
