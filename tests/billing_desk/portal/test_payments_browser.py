"""Paying in a real browser: on a phone and on a wide screen, by link and signed in, and readable by everybody."""

from __future__ import annotations

import os
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from ledger.customers.models import Customer
from ledger.payments.linking import make_payment_link
from ledger.payments.on_file import add_test_card
from tests.billing_desk.portal.conftest import ANA, Bill, link_sent_to
from tests.billing_desk.portal.test_browser import clock, phone
from tests.browser import fits, serious
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM

__all__ = ["clock", "phone"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


WIDTHS = (390, 1280)


def looked_at(page: Page, name: str) -> bool:
    """Say whether a page fits a phone and a wide screen and has no serious fault; keep pictures where wanted."""
    fine = not serious(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        fine = fine and fits(page)
        folder = os.environ.get("PICTURES")
        if folder:
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    return fine


def test_a_bill_is_paid_by_link_and_signed_in(phone: Page, ana: Customer, bill: Bill) -> None:
    first, second = bill(ana, date(2026, 3, 1), ("Plus", 2000)), bill(ana, date(2026, 3, 1), ("Chat", 500))
    add_test_card(ana.pk, card="insufficient_funds", by=SYSTEM, at=NOW)

    phone.goto(f"/account/pay/{make_payment_link(first.pk, by=SYSTEM, at=NOW)}")
    assert looked_at(phone, "link")
    phone.get_by_role("button", name="Pay this bill").click()
    expect(phone.get_by_text("Nothing is left to pay")).to_be_visible()

    phone.goto("/account/sign-in")
    phone.get_by_label("Your e-mail address").fill(ANA)
    phone.get_by_role("button", name="Send me the link").click()
    expect(phone.get_by_role("heading", name="Look into your mail")).to_be_visible()
    phone.goto(link_sent_to(ANA))
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_role("heading", name="Hello Ana Almeida")).to_be_visible()
    phone.goto(f"/account/invoices/{second.pk}/")
    phone.get_by_role("link", name="Pay this bill").click()
    phone.get_by_label("Test card 9995").check()
    phone.get_by_role("button", name="Pay €5.95").click()
    expect(phone.get_by_role("alert")).to_contain_text("did not have enough money")
    assert looked_at(phone, "declined")

    phone.get_by_role("link", name="Use another card").click()
    assert looked_at(phone, "methods")
    phone.get_by_role("button", name="Put it on file").click()
    phone.get_by_label("Test card 4242").check()
    phone.get_by_role("button", name="Pay €5.95").click()
    expect(phone.get_by_text("€5.95 is paid")).to_be_visible()
