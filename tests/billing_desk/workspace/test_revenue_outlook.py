"""The outlook on the page of recurring revenue: nothing before six months are known, then figures with a range."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.billing.operations import run_billing
from ledger.catalogue.models import Plan, Price
from ledger.subscriptions.operations import start_subscription
from tests.billing_desk.workspace.conftest import SYSTEM
from tests.conftest import berlin


@pytest.fixture
def subscribed(ana):
    """Return a function that bills Ana 25.00 EUR a month from the first of a month on, until February 2026."""
    product = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(
        product_id=product.pk, currency="EUR", amount_minor=2500, tax_rate=0, valid_from=date(2025, 1, 1)
    )

    def since(*months: tuple[int, int]) -> None:
        start_subscription(
            ana.pk, plan_code="plus", started_on=date(*months[0], 1), by=SYSTEM, at=berlin(*months[0], 1)
        )
        for month in months:
            run_billing(at=berlin(*month, 1, 6))

    return since


def test_too_few_months_are_said_to_be_too_few(sign_in, subscribed):
    subscribed((2026, 1), (2026, 2))

    page = sign_in("olg").get("/desk/billing/revenue").content.decode()

    assert "Not enough months yet" in page
    assert "1 of 6" in page  # January began with nothing, March is running


def test_after_six_months_what_may_come_is_shown_with_its_range(sign_in, subscribed):
    subscribed((2025, 8), (2025, 9), (2025, 10), (2025, 11), (2025, 12), (2026, 1), (2026, 2))

    page = sign_in("olg").get("/desk/billing/revenue").content.decode()

    outlook = page.partition('aria-labelledby="outlook-title"')[2].partition("</section>")[0]
    assert "Over 6 complete months: <strong>100.0 %</strong> stay" in outlook
    assert "0.0 percentage points" in outlook
    assert [f"{month} 2026" in outlook for month in ("March", "April", "May")] == [True] * 3
    assert outlook.count("€25.00") == 9  # the middle and both ends: it never moved
