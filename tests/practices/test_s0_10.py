"""S0-10: the billing run is automatic, survives a killed worker, bills once, and shows what it did and could not do."""

from __future__ import annotations

import os
import random
import re
import time
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

from ledger.billing.lease import BillingRunInProgress
from ledger.billing.operations import run_billing
from ledger.billing.queries import recount
from ledger.books.proof import first_break
from ledger.customers.models import ContactPoint, Customer
from ledger.models import BillingException, BillingRun, BillingStep, Event, Invoice, Subscription
from tests.conftest import NOW
from tests.flows.processes import eventually
from tests.killable import Killable
from tests.ledger.billing.worlds import customer, plan_with_price, subscribe

#: With BILLING_RUN_SUBSCRIPTIONS=100000 the run killed three times is as large as it gets; it takes five minutes then.
SUBSCRIPTIONS, KILLS = int(os.environ.get("BILLING_RUN_SUBSCRIPTIONS", "600")), 3
# 150 steps; each worker is killed after three more, so a slow look at the count still finds it at work.
SIZE = SUBSCRIPTIONS // 150


def many_subscriptions(count: int) -> None:
    """Let customers subscribe, half of them at the tax rules' rate; nothing is billed yet."""
    plans = [plan_with_price("plus", 999), plan_with_price("basic", 500, tax=None)]
    numbers = range(count)
    Customer.objects.bulk_create(
        Customer(
            number=f"K-{n}",
            name=f"Customer {n}",
            country="DE",
            currency="EUR",
            time_zone="Europe/Berlin",
            opened_at=NOW,
        )
        for n in numbers
    )
    people = list(Customer.objects.order_by("pk"))
    ContactPoint.objects.bulk_create(
        ContactPoint(customer=one, kind="email", value=f"{one.number}@example.com", added_at=NOW) for one in people
    )
    Subscription.objects.bulk_create(
        Subscription(
            customer=one, plan=plans[n % 2], currency="EUR", anchor_on=NOW.date(), renews_on=NOW.date(), started_at=NOW
        )
        for n, one in enumerate(people)
    )


def worker(at: datetime = NOW) -> Killable:
    """Return a billing run in a process of its own."""
    return Killable("tests.ledger.billing.worker", at.isoformat(), str(SIZE))


def kill_once_it_has_done(steps: int, run: Killable, moments: random.Random) -> None:
    """Kill a worker, without warning, at some moment after so many more steps."""
    before = BillingStep.objects.count()
    eventually(lambda: BillingStep.objects.count() >= before + steps)
    time.sleep(moments.uniform(0, 0.05))
    run.kill()
    # Its server process notices when it next speaks to it; until then it still holds the right to bill.
    eventually(nobody_bills)


def nobody_bills() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7301 AND objid = 10")
        return cursor.fetchone()[0] == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_run_killed_three_times_bills_every_customer_once_without_a_gap():
    many_subscriptions(SUBSCRIPTIONS)
    moments = random.Random(20260302)

    with worker() as billing:
        for _ in range(KILLS):
            kill_once_it_has_done(3, billing, moments)
            assert Invoice.objects.count() < SUBSCRIPTIONS
            assert BillingRun.objects.get().state == "running"
            billing.start()
        assert billing.wait() == ["finished", "ended 0"]

    run, half = BillingRun.objects.get(), SUBSCRIPTIONS // 2
    assert (run.state, run.billed, run.invoices) == ("finished", SUBSCRIPTIONS, SUBSCRIPTIONS)
    assert (run.exceptions, run.takeovers) == (0, KILLS)
    assert Invoice.objects.values("customer_id").distinct().count() == SUBSCRIPTIONS
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{number:06d}" for number in range(1, SUBSCRIPTIONS + 1)]
    # Half at 9.99, half at 5.00 net; 19 % on each bill is 1.90 and 0.95: 600 bills come to 5,352.00.
    net, tax = half * (999 + 500), half * (190 + 95)
    assert run.totals == {"EUR": {"net": net, "tax": tax, "total": net + tax, "invoices": SUBSCRIPTIONS}}
    assert run.booked == {"EUR": net + tax}
    assert recount(run.pk) == (run.totals, run.booked)
    assert Event.objects.filter(kind="invoice.issued").count() == SUBSCRIPTIONS
    assert Event.objects.filter(kind="billing_run.taken_over").count() == KILLS
    assert first_break() is None


@pytest.mark.django_db(transaction=True)
def test_a_second_run_is_refused_while_a_process_is_billing():
    many_subscriptions(SUBSCRIPTIONS // 2)
    with worker() as billing:
        eventually(lambda: BillingStep.objects.exists())
        with pytest.raises(BillingRunInProgress, match="A second run is not started beside it"):
            run_billing(at=NOW)
        assert billing.wait() == ["finished", "ended 0"]

    assert BillingRun.objects.get().billed == SUBSCRIPTIONS // 2


@pytest.mark.django_db
def test_finance_starts_a_run_and_sees_counts_totals_and_who_could_not_be_billed(staff):
    good = subscribe(customer("ana"), plan_with_price(), on=NOW.date())
    odd = subscribe(customer("bo"), plan_with_price("odd"), on=NOW.date())
    Subscription.objects.filter(pk=odd.pk).update(currency="USD")
    olg = staff("olg", "finance")

    started = olg.post("/admin/ledger/billingrun/start/")
    waiting = olg.get(started["Location"]).content.decode()
    run_billing(at=timezone.now())
    page = olg.get(started["Location"]).content.decode()

    assert "It waits for a worker." in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "hx-trigger" not in page
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert figures["Periods billed"] == "1"
    assert figures["Could not be billed"] == "1"
    assert figures["Numbers"] == "INV-2026-000001 to INV-2026-000001"
    row = re.search(r"<tr><td>1</td>(.+?)</tr>", page)[1]
    assert re.findall(r"<td>([^<]*)</td>", row) == ["€9.99", "€1.90", "€11.89", "€11.89", "€0.00"]
    found = BillingException.objects.get()
    assert "Odd has no price in USD for 2026-03-02" in page
    assert f"/admin/ledger/billingexception/{found.pk}/change/" in page
    assert Event.objects.get(kind="billing_run.started").actor.startswith("agent:")
    assert Invoice.objects.get().customer_id == good.customer_id
    assert found.subscription_id == odd.pk


@pytest.mark.django_db
def test_only_who_may_run_billing_starts_a_run_and_closes_an_exception(staff):
    agent = staff("mia", "agent", "supervisor")
    odd = subscribe(customer("bo"), plan_with_price("odd"), on=NOW.date())
    Subscription.objects.filter(pk=odd.pk).update(currency="USD")
    run_billing(at=NOW)
    found = BillingException.objects.get()

    trainee = staff("qui", "senior_agent")
    assert trainee.post("/admin/ledger/billingrun/start/").status_code in (302, 403)
    assert BillingRun.objects.count() == 1
    agent.post(f"/admin/ledger/billingexception/{found.pk}/act/resolve/", {"words": "The plan is gone."})

    found.refresh_from_db()
    assert (found.resolution, found.subscription_id) == ("The plan is gone.", odd.pk)
