"""Two nightly runs at the same moment tell everybody once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection

from ledger.catalogue.models import Plan, Price
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.subscriptions.models import Subscription
from notifications.delivery.models import Message
from notifications.notices.defaults import ensure_lead_times
from notifications.notices.models import Notice
from notifications.notices.renewal import plan_notices, tell_planned
from tests.conftest import NOW

SYSTEM = Actor.system("test")
DAY = date(2026, 3, 2)


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_tell_sixty_customers_once_each():
    ensure_lead_times()
    plan = Plan.objects.create(code="studio", name="Studio", interval="year")
    Price.objects.create(product=plan, currency="EUR", amount_minor=49000, valid_from=date(2025, 1, 1))
    for number in range(60):
        customer = open_customer(
            name=f"C{number}", country="DE", currency="EUR", email=f"c{number}@mail.example", by=SYSTEM, at=NOW
        )
        Subscription.objects.create(
            customer=customer, plan=plan, currency="EUR", anchor_on=DAY, started_at=NOW,
            renews_on=DAY + timedelta(days=20),
        )  # fmt: skip
    start = threading.Barrier(4)

    def run(_: int) -> tuple[int, int]:
        try:
            start.wait()
            return plan_notices(as_of=DAY, at=NOW)[0], tell_planned(as_of=DAY, at=NOW, chunk=7)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        created, told = (sum(column) for column in zip(*pool.map(run, range(4)), strict=True))
    told += tell_planned(as_of=DAY, at=NOW)

    assert (created, told) == (60, 60)
    assert Message.objects.values("recipient").distinct().count() == Message.objects.count() == 60
    assert Notice.objects.filter(message=None).count() == 0
