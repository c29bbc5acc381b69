"""Subscriptions: started once, renewed from the anchor, paused without a bill, cancelled to the end of what is paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from ledger.billing.models import BillingException
from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import Plan, Price
from ledger.charges.models import Charge
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import (
    NoSuchSubscription,
    PlanNotOnSale,
    SubscriptionIdReused,
    SubscriptionNotInState,
    cancel_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)
from ledger.subscriptions.queries import next_price, price_on, subscriptions_of
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


@pytest.fixture
def plus():
    plan = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(product=plan, currency="EUR", amount_minor=999, tax_rate=19, valid_from=date(2026, 1, 1))
    return plan


def start(customer, code="plus", *, on=date(2026, 1, 31), **more):
    return start_subscription(customer.pk, plan_code=code, started_on=on, by=SYSTEM, at=NOW, **more)


def periods():
    return list(Charge.objects.order_by("pk").values_list("period_start", "period_end"))


def test_each_period_that_has_begun_is_billed_from_the_anchor_and_never_drifts(ana, plus):
    start(ana)

    run = run_billing(at=berlin(2026, 4, 1))

    assert (run.billed, run.exceptions) == (3, 0)
    assert periods() == [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 4, 30)),
    ]
    assert Invoice.objects.order_by("pk")[0].total == eur(1189)  # 9.99 + 1.90
    assert first_break() is None


def test_a_second_run_bills_nothing_again(ana, plus):
    start(ana)
    run_billing(at=NOW)

    assert run_billing(at=NOW).billed == 0
    assert Event.objects.filter(kind="subscription.renewed").count() == 2


def test_a_period_begins_when_the_day_begins_for_the_customer(plus):
    sofia = open_ana(email="sofia@example.com")
    sofia.time_zone = "America/Los_Angeles"
    sofia.save()
    start(sofia, on=date(2026, 3, 3))

    assert run_billing(at=berlin(2026, 3, 3, 8, 59)).billed == 0  # still 2 March there
    assert run_billing(at=berlin(2026, 3, 3, 9)).billed == 1


def test_a_new_price_counts_from_its_day_and_not_before(ana, plus):
    Price.objects.create(product=plus, currency="EUR", amount_minor=1299, valid_from=date(2026, 2, 28))
    start(ana)

    run_billing(at=berlin(2026, 3, 1))

    assert list(Charge.objects.order_by("pk").values_list("amount_minor", flat=True)) == [999, 1299]
    assert next_price(Subscription.objects.get()).amount == eur(1299)
    assert price_on(plus, "EUR", date(2025, 12, 31)) is None


def test_a_yearly_plan_from_a_leap_day_renews_on_the_last_of_february(ana):
    plan = Plan.objects.create(code="year", name="Year", interval="year")
    Price.objects.create(product=plan, currency="EUR", amount_minor=9900, valid_from=date(2024, 1, 1))
    start(ana, "year", on=date(2024, 2, 29))

    run_billing(at=NOW)

    assert [begun for begun, _ in periods()] == [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)]


def test_a_free_plan_renews_without_a_bill(ana):
    plan = Plan.objects.create(code="free", name="Free")
    Price.objects.create(product=plan, currency="EUR", amount_minor=0, valid_from=date(2026, 1, 1))
    start(ana, "free")

    assert run_billing(at=NOW).billed == 2
    assert not Invoice.objects.exists()


def test_a_subscription_without_a_price_is_an_exception_and_harms_no_other(ana, plus):
    broken, good = start(ana), start(open_ana(email="other@example.com"))
    Subscription.objects.filter(pk=broken.pk).update(currency="USD")

    run = run_billing(at=NOW)

    found = BillingException.objects.get()
    assert (run.billed, run.exceptions, found.subscription_id) == (2, 1, broken.pk)
    assert "no price in USD" in found.reason
    assert Subscription.objects.get(pk=good.pk).renews_on == date(2026, 3, 31)


def test_paused_days_are_never_billed_and_the_days_up_to_the_anchors_day_are(ana, plus):
    subscription = start(ana, on=date(2026, 1, 15))
    run_billing(at=berlin(2026, 1, 15, 9))
    pause_subscription(subscription.pk, by=SYSTEM, at=berlin(2026, 2, 1))
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(652)  # 17 of 31 days: 5.48, and 1.04 tax
    assert run_billing(at=berlin(2026, 3, 20)).billed == 0

    resumed = resume_subscription(subscription.pk, by=SYSTEM, at=berlin(2026, 3, 20))
    run_billing(at=berlin(2026, 3, 20, 9))

    assert resumed.renews_on == date(2026, 3, 20)
    assert periods()[-1] == (date(2026, 3, 20), date(2026, 4, 15))
    assert Charge.objects.latest("pk").amount == eur(838)  # 26 of 31 days


def test_resumed_on_the_anchors_day_it_renews_that_day(ana, plus):
    subscription = start(ana, on=date(2026, 1, 15))
    pause_subscription(subscription.pk, by=SYSTEM, at=NOW)

    assert resume_subscription(subscription.pk, by=SYSTEM, at=berlin(2026, 3, 15)).renews_on == date(2026, 3, 15)


def test_a_cancelled_subscription_runs_to_the_end_of_what_is_paid_and_renews_no_more(ana, plus):
    subscription = start(ana, on=date(2026, 2, 15))
    run_billing(at=NOW)

    cancelled = cancel_subscription(subscription.pk, by=SYSTEM, at=NOW)

    assert (cancelled.state, cancelled.renews_on) == ("cancelled", date(2026, 3, 15))
    assert run_billing(at=berlin(2026, 6, 1)).billed == 0


@pytest.mark.parametrize("act", [pause_subscription, resume_subscription, cancel_subscription])
def test_what_is_cancelled_stays_cancelled(ana, plus, act):
    subscription = start(ana)
    cancel_subscription(subscription.pk, by=SYSTEM, at=NOW)

    with pytest.raises(SubscriptionNotInState, match="is cancelled"):
        act(subscription.pk, by=SYSTEM, at=NOW)


def test_an_active_subscription_is_not_resumed_and_an_unknown_one_not_touched(ana, plus):
    with pytest.raises(SubscriptionNotInState, match="is active"):
        resume_subscription(start(ana).pk, by=SYSTEM, at=NOW)
    with pytest.raises(NoSuchSubscription):
        pause_subscription(999, by=SYSTEM, at=NOW)


@pytest.mark.parametrize("why", ["unknown", "retired", "no price in the currency", "not sold yet"])
def test_what_is_not_on_sale_is_not_started(ana, plus, why):
    code, day = "plus", date(2026, 1, 31)
    if why == "unknown":
        code = "gold"
    elif why == "retired":
        Plan.objects.update(is_on_sale=False)
    elif why == "no price in the currency":
        code = "dollar"
        dollar = Plan.objects.create(code=code, name="Dollar")
        Price.objects.create(product=dollar, currency="USD", amount_minor=999, valid_from=date(2026, 1, 1))
    else:
        day = date(2025, 12, 31)

    with pytest.raises(PlanNotOnSale, match="EUR"):
        start(ana, code, on=day)


def test_the_same_external_id_starts_one_subscription_and_nobody_elses(ana, plus):
    first = start(ana, external_id="shop-1")

    assert start(ana, external_id="shop-1").pk == first.pk
    with pytest.raises(SubscriptionIdReused):
        start(open_ana(email="other@example.com"), external_id="shop-1")


def test_running_subscriptions_are_listed_before_cancelled_ones(ana, plus):
    running, ended = start(ana), start(ana)
    cancel_subscription(ended.pk, by=SYSTEM, at=NOW)

    assert subscriptions_of(ana.pk) == [running, ended]


def test_the_database_refuses_moves_that_are_not_drawn(ana, plus, owner, transactional_db):
    cancel_subscription(start(ana).pk, by=SYSTEM, at=NOW)

    with pytest.raises(psycopg.errors.CheckViolation, match="may not go from cancelled to paused"):
        owner.execute("UPDATE ledger_subscription SET state = 'paused', ends_on = NULL")
    with pytest.raises(psycopg.errors.CheckViolation, match="subscription_ends_only_when_cancelled"):
        owner.execute("UPDATE ledger_subscription SET state = 'active'")


def test_the_tax_rate_of_the_price_is_the_tax_of_the_bill(ana, plus):
    start(ana)
    run_billing(at=NOW)

    assert set(Charge.objects.values_list("tax_rate", flat=True)) == {Decimal(19)}
    assert balance("tax_payable", "EUR") == eur(380)  # 2 × 1.90
