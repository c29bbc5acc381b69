"""Higher prices ahead: told within the days of the customer's country, once each; too short a notice is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.catalogue.models import Plan, Price
from ledger.catalogue.operations import PriceTerms, add_price
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.models import Event
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.price_notice import PriceNoticeTooShort
from notifications.delivery.models import Message
from notifications.notices.price_change import send_price_notices
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def plus() -> Plan:
    """Plus at 25.00 since 2024."""
    plan = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(product=plan, currency="EUR", amount_minor=2500, valid_from=date(2024, 1, 1))
    return plan


def subscribed(
    plan: Plan, name: str, *, country: str = "US", region: str = "US-CA", renews_on: date, **more
) -> Subscription:
    """Let somebody have the plan; 15 of each month is the billing day of Bo in California."""
    customer = open_customer(name=name.title(), country=country, currency="EUR", email=f"{name}@example.com",
                             language="en", by=SYSTEM, at=NOW)  # fmt: skip
    Customer.objects.filter(pk=customer.pk).update(region=region)
    anchor = renews_on.replace(year=2025)
    return Subscription.objects.create(customer=customer, plan=plan, currency="EUR", anchor_on=anchor,
                                       renews_on=renews_on, started_at=NOW, **more)  # fmt: skip


def dearer(plan: Plan, on: date, *, minor: int = 3000) -> Price:
    return add_price(plan.pk, terms=PriceTerms("EUR", on, amount_minor=minor), by=SYSTEM, at=NOW)


def told() -> list[Message]:
    return list(Message.objects.filter(template__startswith="price_change").order_by("pk"))


def sent_on(until: date) -> list[date]:
    """Run the sweep every day, and return the days on which it told somebody."""
    days = [TODAY + timedelta(days=days) for days in range((until - TODAY).days + 1)]
    return [day for day in days if send_price_notices(at=NOW + (day - TODAY))]


def test_bo_in_california_is_told_30_days_before_the_bill_and_again_10_days_before(plus):
    subscribed(plus, "bo", renews_on=date(2026, 3, 15))
    dearer(plus, date(2026, 4, 5))

    days = sent_on(date(2026, 4, 16))

    # The bill of 15 April is the first at the new price: 16 March is 30 days before, 5 April 10 days.
    assert days == [date(2026, 3, 16), date(2026, 4, 5)]
    assert all(7 <= (date(2026, 4, 15) - day).days <= 30 for day in days)
    assert "Plus costs €30.00 instead of €25.00" in told()[0].body
    assert "April 15, 2026" in told()[0].body


def test_each_is_told_once_however_often_and_nobody_whose_price_stays(plus):
    subscribed(plus, "bo", renews_on=date(2026, 3, 15))
    subscribed(plus, "eve", renews_on=date(2026, 3, 15), state="paused")
    subscribed(plus, "kim", renews_on=date(2026, 4, 15), priced_on=date(2026, 3, 20))
    dearer(plus, date(2026, 3, 20))
    later = NOW + timedelta(days=20)

    assert [send_price_notices(at=later), send_price_notices(at=later), len(told())] == [1, 0, 1]


@pytest.mark.parametrize(
    ("country", "region", "first"),
    [("US", "US-CA", date(2026, 3, 9)), ("DE", "", date(2026, 3, 12))],
    ids=["California, 7 days", "elsewhere, our own 10 days"],
)
def test_a_price_that_leaves_too_few_days_of_notice_is_refused_with_the_first_day_that_does(
    plus, country, region, first
):
    subscribed(plus, "bo", country=country, region=region, renews_on=date(2026, 3, 15))

    with pytest.raises(PriceNoticeTooShort, match=f"from {first} at the earliest"):
        dearer(plus, first - timedelta(days=1))

    assert dearer(plus, first).valid_from == first


def test_lower_prices_and_prices_for_new_customers_need_no_notice(plus):
    subscribed(plus, "bo", renews_on=date(2026, 3, 15))

    dearer(plus, TODAY, minor=2000)
    terms = PriceTerms("EUR", TODAY + timedelta(days=1), amount_minor=3000, is_for_new_only=True)
    add_price(plus.pk, terms=terms, by=SYSTEM, at=NOW)

    assert sent_on(date(2026, 4, 20)) == []


def test_a_notice_that_goes_out_too_late_goes_out_at_once_and_is_on_record(plus):
    subscribed(plus, "bo", renews_on=date(2026, 3, 6))
    Price.objects.create(product=plus, currency="EUR", amount_minor=3000, valid_from=date(2026, 3, 5))

    assert send_price_notices(at=NOW) == 1

    late = Event.objects.get(kind="price_notice.late")
    assert (late.data["takes_effect_on"], late.data["latest"]) == ("2026-03-06", "2026-02-27")
