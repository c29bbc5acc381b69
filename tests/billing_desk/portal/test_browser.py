"""The portal in a real browser: forms that a browser's own rules let through, the phone's width, accessibility."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from notifications.delivery.models import Message
from tests.billing_desk.portal.conftest import ANA, LONG_AGO, Bill, link_sent_to, sign_in
from tests.browser import fits, keep_signed_in, serious, serious_in_the_dark
from tests.conftest import NOW, berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from verification.models import Challenge
from verification.operations import start_check

GRETA = "greta@kunde.example"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """A browser waits, so the clock must go on."""
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def phone(chromium: Browser, live_server: object) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_a_customer_signs_in_reads_the_bill_and_asks_about_a_line_on_a_phone(
    phone: Page, ana: Customer, bill: Bill
) -> None:
    invoice = bill(ana, date(2026, 3, 1), ("Plus", 2000))

    phone.goto("/account/sign-in")
    phone.get_by_label("Your e-mail address").fill(ANA)
    phone.get_by_role("button", name="Send me the link").click()
    expect(phone.get_by_role("heading", name="Look into your mail")).to_be_visible()
    phone.goto(link_sent_to(ANA))
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_role("heading", name="Hello Ana Almeida")).to_be_visible()
    assert (fits(phone), serious(phone)) == (True, [])

    phone.get_by_role("link", name="See the latest bill").click()
    expect(phone.get_by_role("heading", name=f"Bill {invoice.number}")).to_be_visible()
    assert (fits(phone), serious(phone)) == (True, [])

    phone.get_by_role("link", name="Ask about this line").click()
    phone.get_by_label("Your message").fill("What is this for?")
    phone.get_by_role("button", name="Send the question").click()
    expect(phone.get_by_text("What is this for?")).to_be_visible()
    expect(phone.get_by_role("status").filter(has_text="We answer by")).to_be_visible()
    assert (fits(phone), serious(phone)) == (True, [])


def test_a_customer_takes_a_smaller_plan_and_takes_it_back_on_a_phone(
    phone: Page, live_server: object, ana: Customer
) -> None:
    sell_all()
    subscribed("plus", customer=ana, at=berlin(2026, 3, 1, 6))
    session = sign_in(ANA).cookies["sessionid"].value
    phone.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    phone.goto("/account/subscriptions/")
    assert (fits(phone), serious(phone)) == (True, [])
    phone.get_by_role("link", name="Change plan").click()
    phone.get_by_label("Basic, €10.00 a month plus tax").check()
    phone.get_by_role("button", name="See what it comes to").click()
    expect(phone.get_by_text("You will no longer have: Chat")).to_be_visible()
    assert (fits(phone), serious(phone)) == (True, [])
    phone.get_by_role("button", name="Change the plan").click()
    expect(phone.get_by_role("heading", name="Arranged for 1 April")).to_be_visible()
    phone.get_by_role("button", name="Take it back").click()

    expect(phone.get_by_text("Taken back. Your plan stays as it is.")).to_be_visible()


def test_a_customer_enters_a_code_without_sign_in(phone: Page, ana: Customer, mia: Actor) -> None:
    start_check(customer_id=ana.pk, conversation="ticket:9", purpose="request_refund", by=mia, at=NOW)
    code = re.search(r"\b(\d{6})\b", Message.objects.latest("pk").body)
    assert code

    phone.goto(f"/account/verify/{Challenge.objects.get().token}")
    assert (fits(phone), serious(phone)) == (True, [])
    phone.get_by_label("Your code").fill(code[1])
    phone.get_by_role("button", name="Confirm").click()

    expect(phone.get_by_role("heading", name="Thank you, that is you")).to_be_visible()


def test_german_words_fit_a_phone(phone: Page, live_server: object, system: Actor, bill: Bill) -> None:
    greta = open_customer(
        name="Greta Groß", country="DE", currency="EUR", language="de-DE", email=GRETA, by=system, at=LONG_AGO
    )
    invoice = bill(greta, date(2026, 3, 1), ("Plus", 2100))
    sell_all()
    plan = subscribed("plus", customer=greta, at=berlin(2026, 3, 1, 6))
    keep_signed_in(phone, sign_in(GRETA), live_server.url)
    pages = (
        "", "invoices/", f"invoices/{invoice.pk}/", f"invoices/{invoice.pk}/pay", "statement", "conversations/new",
        "cases/", f"subscriptions/{plan.pk}/", f"subscriptions/{plan.pk}/cancel", "next-60-days", "cannot-pay",
        "payment-methods/", "preferences/", "how-it-works",
    )  # fmt: skip

    found = []
    for address in pages:
        answer = phone.goto(f"/account/{address}")
        faults = serious(phone) + serious_in_the_dark(phone)
        found.append((address, answer.status, phone.locator("html").get_attribute("lang"), fits(phone), faults))

    assert found == [(address, 200, "de", True, []) for address in pages]
