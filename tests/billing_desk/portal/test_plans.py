"""Plan and preferences: what a customer changes alone."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from ledger.billing.operations import run_billing
from ledger.catalogue.models import AddOn, Plan, Price
from ledger.customers.models import Customer
from ledger.customers.operations import add_contact_point
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.operations import start_subscription
from ledger.usage.operations import UsageReport, report_usage
from notifications.preferences.models import Preference
from tests.billing_desk.portal.conftest import BOB, refused, sign_in
from tests.conftest import NOW, berlin


def sell(kind: type, code: str, minor: int, **more: object) -> None:
    """Put something on sale at a flat monthly price with 19 % tax."""
    product = kind.objects.create(code=code, name=code.capitalize(), **more)
    price = {"currency": "EUR", "amount_minor": minor, "tax_rate": 19, "valid_from": date(2025, 1, 1)}
    Price.objects.create(product_id=product.pk, **price)


@pytest.fixture
def plus() -> None:
    sell(Plan, "plus", 2500, features=["Mail", "Chat"])
    sell(Plan, "basic", 1000, features=["Mail"])
    sell(AddOn, "extra", 500)


@pytest.fixture
def subscription(ana: Customer, plus: None, system: Actor) -> Subscription:
    """Plus, paid for from 1 March on; today is 2 March."""
    start = start_subscription(ana.pk, plan_code="plus", started_on=date(2026, 3, 1), by=system, at=berlin(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 6))
    return start


def state(subscription: Subscription) -> str:
    return Subscription.objects.get(pk=subscription.pk).state


def shown(browser: Client, subscription: Subscription, name: str, **wanted: object) -> tuple[str, dict[str, object]]:
    """Return the page that shows what a change comes to, and what its button sends."""
    page = browser.get(f"/account/subscriptions/{subscription.pk}/{name}", wanted).content.decode()
    found = re.search(r'name="expected" value="(-?\d+)"', page)
    return page, {**wanted, "expected": found[1] if found else ""}


def confirm(browser: Client, subscription: Subscription, name: str, **wanted: object) -> object:
    """Look at what a change comes to, and press the button."""
    _, sent = shown(browser, subscription, name, **wanted)
    return browser.post(f"/account/subscriptions/{subscription.pk}/{name}", sent)


def test_the_plan_page_says_price_renewal_day_and_the_next_three_bills(
    browser: Client, subscription: Subscription
) -> None:
    page = browser.get("/account/subscriptions/").content.decode()

    assert "€25.00" in page
    assert "plus 19 % tax" in page
    assert "Renews" in page
    assert "1 April" in page
    assert page.count('class="coming"') == 3  # April, May and June, 29.75 each
    assert "€29.75" in page


def test_use_so_far_is_shown_with_the_steps_of_its_price(browser: Client, ana: Customer, system: Actor) -> None:
    tiers = [{"up_to": "1000", "unit_minor": "0"}, {"up_to": None, "unit_minor": "1.23"}]
    plan = Plan.objects.create(code="meter", name="Meter", meter="calls", unit="calls")
    Price.objects.create(
        product_id=plan.pk, currency="EUR", model="graduated", tiers=tiers, tax_rate=19, valid_from=date(2024, 1, 1)
    )
    start_subscription(ana.pk, plan_code="meter", started_on=date(2026, 3, 1), by=system, at=berlin(2026, 3, 1))
    report_usage([UsageReport(ana.pk, "calls", Decimal(3000), berlin(2026, 3, 2, 8), "k")], by=system, at=NOW)

    page = browser.get("/account/subscriptions/").content.decode()

    assert "3,000" in page
    assert "€24.60" in page  # 2,000 × 0.0123
    assert "above 1,000" in page


def test_a_smaller_plan_is_shown_first_and_comes_with_the_next_bill_to_the_cent(
    browser: Client, subscription: Subscription
) -> None:
    page, sent = shown(browser, subscription, "plan", plan="basic")
    answer = browser.post(f"/account/subscriptions/{subscription.pk}/plan", sent)
    done = browser.get(answer.url).content.decode()
    run_billing(at=berlin(2026, 4, 1, 6))

    assert "€11.90" in page  # 10.00 and 19 %
    assert "You will no longer have: <strong>Chat</strong>" in page
    assert "Arranged for" in done
    assert Invoice.objects.latest("pk").total_minor == 1190


def test_a_bigger_plan_is_billed_at_once_as_shown(browser: Client, ana: Customer, system: Actor, plus: None) -> None:
    small = start_subscription(ana.pk, plan_code="basic", started_on=date(2026, 3, 1), by=system, at=berlin(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 6))

    page, sent = shown(browser, small, "plan", plan="plus")
    browser.post(f"/account/subscriptions/{small.pk}/plan", sent)

    # 30 of 31 days: 24.19 + 4.60 tax = 28.79 less 9.68 + 1.84 = 11.52 not used
    assert sent["expected"] == str(2879 - 1152)
    assert "given back from bill INV-" in page
    assert [bill.total_minor for bill in Invoice.objects.order_by("pk")] == [1190, 2879]


def test_figures_that_moved_are_shown_again_before_anything_is_done(
    browser: Client, subscription: Subscription
) -> None:
    _, sent = shown(browser, subscription, "plan", plan="basic")

    answer = browser.post(f"/account/subscriptions/{subscription.pk}/plan", {**sent, "expected": "1"})

    assert answer.status_code == 422
    assert "Please confirm again" in answer.content.decode()
    assert 'name="expected" value="1190"' in answer.content.decode()
    assert not SubscriptionChange.objects.exists()


def test_a_double_click_makes_one_change(browser: Client, subscription: Subscription) -> None:
    _, sent = shown(browser, subscription, "add-ons", add_on="extra", quantity=2)
    address = f"/account/subscriptions/{subscription.pk}/add-ons"

    first, second = browser.post(address, sent), browser.post(address, sent)

    assert first.url == second.url
    assert SubscriptionChange.objects.count() == 1


def test_what_waits_for_its_day_can_be_taken_back(browser: Client, bob: Customer, subscription: Subscription) -> None:
    confirm(browser, subscription, "plan", plan="basic")
    change = SubscriptionChange.objects.get()
    address = f"/account/subscriptions/{subscription.pk}/changes/{change.pk}/undo"

    assert "Basic instead of Plus" in browser.get("/account/subscriptions/").content.decode()
    assert sign_in(BOB).post(address).status_code == 404
    browser.post(address)

    assert refused(f"subscription:{subscription.pk}")
    assert SubscriptionChange.objects.get().state == "withdrawn"


def test_a_plan_that_cannot_be_had_is_refused_in_words(browser: Client, subscription: Subscription) -> None:
    Plan.objects.filter(code="basic").update(is_on_sale=False)

    answer = browser.get(f"/account/subscriptions/{subscription.pk}/plan", {"plan": "basic"})

    assert answer.status_code == 422
    assert "This plan cannot be had any more." in answer.content.decode()


def test_cancelling_says_what_it_means_before_it_happens_and_can_be_taken_back(
    browser: Client, subscription: Subscription
) -> None:
    page, sent = shown(browser, subscription, "cancel")
    unconfirmed = browser.post(f"/account/subscriptions/{subscription.pk}/cancel")

    assert "It does not renew any more" in page
    assert (unconfirmed.status_code, state(subscription)) == (200, "active")
    answer = browser.post(f"/account/subscriptions/{subscription.pk}/cancel", {**sent, "reasons": ["not_used"]})
    assert "Your plan is cancelled." in browser.get(answer.url).content.decode()
    assert state(subscription) == "cancelled"
    assert SubscriptionChange.objects.get().wanted["reasons"] == ["not_used"]

    confirm(browser, subscription, "keep")

    assert state(subscription) == "active"


def test_pausing_and_resuming(browser: Client, subscription: Subscription) -> None:
    confirm(browser, subscription, "pause", pause_until="2026-04-01")
    assert state(subscription) == "paused"

    confirm(browser, subscription, "resume")
    assert state(subscription) == "active"


def test_a_change_that_is_not_possible_says_so(browser: Client, subscription: Subscription) -> None:
    confirm(browser, subscription, "cancel")

    again = browser.post(f"/account/subscriptions/{subscription.pk}/pause", {"expected": "0"})

    assert again.status_code == 422
    assert "cancelled" in again.content.decode()


def test_an_old_sign_in_does_not_change_the_plan(
    browser: Client, subscription: Subscription, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + timedelta(minutes=31))

    answer = confirm(browser, subscription, "cancel")

    assert "You signed in a while ago" in answer.content.decode()
    assert state(subscription) == "active"


def test_a_contact_added_this_week_does_not_change_the_plan(
    ana: Customer, subscription: Subscription, system: Actor
) -> None:
    add_contact_point(ana.pk, kind="email", value="new@kunde.example", by=system, at=NOW - timedelta(days=2))

    answer = confirm(sign_in("new@kunde.example"), subscription, "cancel")

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
