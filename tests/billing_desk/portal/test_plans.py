"""Plan and preferences: what a customer changes alone."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import time_machine
from django.test import Client

from ledger.customers.models import Customer
from ledger.customers.operations import add_contact_point
from ledger.events.actor import Actor
from ledger.catalogue.models import Plan, Price
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import start_subscription
from notifications.preferences.models import Preference
from tests.billing_desk.portal.conftest import BOB, refused, sign_in
from tests.conftest import NOW


@pytest.fixture
def plus() -> Plan:
    plan = Plan.objects.create(code="plus", name="Plus", interval="month")
    Price.objects.create(product=plan, currency="EUR", amount_minor=2500, tax_rate=19, valid_from=date(2025, 1, 1))
    return plan


@pytest.fixture
def subscription(ana: Customer, plus: Plan, system: Actor) -> Subscription:
    return start_subscription(ana.pk, plan_code="plus", started_on=date(2026, 4, 1), by=system, at=NOW)


def state(subscription: Subscription) -> str:
    return Subscription.objects.get(pk=subscription.pk).state


def test_the_plan_page_says_price_and_renewal_day(browser: Client, subscription: Subscription) -> None:
    page = browser.get("/account/subscriptions/").content.decode()

    assert "€25.00" in page
    assert "plus 19 % tax" in page
    assert "1 April" in page


def test_cancelling_says_what_it_means_before_it_happens(browser: Client, subscription: Subscription) -> None:
    address = f"/account/subscriptions/{subscription.pk}/cancel"

    assert "It does not renew any more" in browser.get(address).content.decode()
    assert state(subscription) == "active"
    browser.post(address)

    assert state(subscription) == "cancelled"
    assert "Your plan is cancelled." in browser.get("/account/subscriptions/").content.decode()


def test_pausing_and_resuming(browser: Client, subscription: Subscription) -> None:
    browser.post(f"/account/subscriptions/{subscription.pk}/pause")
    assert state(subscription) == "paused"

    browser.post(f"/account/subscriptions/{subscription.pk}/resume")
    assert state(subscription) == "active"


def test_a_change_that_is_not_possible_says_so(browser: Client, subscription: Subscription) -> None:
    browser.post(f"/account/subscriptions/{subscription.pk}/cancel")

    again = browser.post(f"/account/subscriptions/{subscription.pk}/pause")

    assert again.status_code == 422
    assert "cancelled" in again.content.decode()


def test_an_old_sign_in_does_not_change_the_plan(
    browser: Client, subscription: Subscription, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + timedelta(minutes=31))

    answer = browser.post(f"/account/subscriptions/{subscription.pk}/cancel")

    assert "You signed in a while ago" in answer.content.decode()
    assert state(subscription) == "active"


def test_a_contact_added_this_week_does_not_change_the_plan(
    ana: Customer, subscription: Subscription, system: Actor
) -> None:
    add_contact_point(ana.pk, kind="email", value="new@kunde.example", by=system, at=NOW - timedelta(days=2))

    answer = sign_in("new@kunde.example").post(f"/account/subscriptions/{subscription.pk}/cancel")

    assert "please call us" in answer.content.decode()
    assert state(subscription) == "active"


def test_nobody_cancels_another_customers_plan(bob: Customer, subscription: Subscription) -> None:
    answer = sign_in(BOB).post(f"/account/subscriptions/{subscription.pk}/cancel")

    assert answer.status_code == 404
    assert state(subscription) == "active"
    assert refused(f"subscription:{subscription.pk}")


def test_the_address_in_a_notice_leads_to_the_plan(browser: Client, subscription: Subscription) -> None:
    answer = browser.get(f"/account/subscriptions/{subscription.pk}/")

    assert answer.url == f"/account/subscriptions/#plan-{subscription.pk}"


def test_preferences_are_kept(browser: Client, ana: Customer) -> None:
    wanted = {"channel": "email", "language": "de", "quiet_from": "21:00", "quiet_until": "08:00"}

    browser.post("/account/preferences/", wanted)

    kept = Preference.objects.get(customer=ana)
    assert (kept.channel, kept.language, kept.quiet_from, kept.quiet_until) == ("email", "de", time(21), time(8))
    assert 'value="21:00"' in browser.get("/account/preferences/").content.decode()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"channel": "email", "language": "en", "quiet_from": "21:00"}, "both ends of the quiet hours"),
        ({"channel": "sms", "language": "en"}, "no phone number on file"),
        ({"channel": "pigeon", "language": "en"}, "Select a valid choice"),
        (
            {"channel": "email", "language": "en", "quiet_from": "21:00", "quiet_until": "21:00"},
            "cannot begin and end at the same time",
        ),
    ],
)
def test_preferences_that_make_no_sense_are_refused_in_words(
    browser: Client, wanted: dict[str, str], words: str
) -> None:
    answer = browser.post("/account/preferences/", wanted)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Preference.objects.exists()
