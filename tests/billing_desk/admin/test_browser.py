"""The admin in a real browser: accessible pages, a refund declined by its button, wording previewed while typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from ledger.models import Refund
from tests.browser import fits, keep_signed_in, serious
from tests.everything import EVERYTHING

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium: Browser, live_server, sign_in) -> Iterator[Page]:
    """A supervisor's browser."""
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    keep_signed_in(page, sign_in("pia", "supervisor"), live_server.url)
    yield page
    context.close()


@pytest.mark.slow
def test_the_pages_are_accessible(page, staff, ask_refund):
    refund = ask_refund(staff("mia", "agent"), "agent")
    addresses = [
        "/admin/",
        reverse("admin:ledger_refund_changelist"),
        reverse("admin:ledger_refund_change", args=[refund.pk]),
        reverse("admin:billing_desk_apikey_add"),
        # Every operation of the API on one page: axe reads it as long as all the others.
        *(["/api/v1/docs"] if EVERYTHING else []),
    ]

    for address in addresses:
        page.goto(address)
        assert serious(page) == [], address


def test_the_operations_of_the_api_fit_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto("/api/v1/docs")

    assert fits(page)


def test_a_supervisor_declines_a_refund_by_its_button(page, staff, ask_refund):
    refund = ask_refund(staff("mia", "agent"), "agent")
    page.goto(reverse("admin:ledger_refund_change", args=[refund.pk]))

    page.locator("summary", has_text="Decline").click()
    page.get_by_label("Reason the customer reads").fill("It was paid once only.")
    page.get_by_role("button", name=f"Decline {refund.number}").click()

    expect(page.get_by_text("Declined; the customer is told the reason.")).to_be_visible()
    expect(page.get_by_text("refund.declined")).to_be_visible()
    assert Refund.objects.get(pk=refund.pk).state == "declined"


def test_wording_is_previewed_while_it_is_typed(page):
    page.goto(reverse("admin:notifications_messagetemplate_add") + "?key=refund_paid")

    page.get_by_label("Subject").fill("Your {{amount}} are back")

    expect(page.get_by_text("Your €49.00 are back")).to_be_visible()
