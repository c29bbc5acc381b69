"""The Content-Security-Policy: on every page, strict on ours, and no page of ours breaks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page

from billing_desk.models import User
from tests.conftest import NOW
from tests.tickets.worlds import open_ana, open_desk, opened

PASSWORD = "a-long-password-1"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/desk/sign-in", "/account/sign-in", "/api/v1/docs", "/desk/nowhere", "/healthz"])
def test_our_pages_run_and_load_nothing_but_files_of_ours(address):
    answer = Client().get(address)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_the_admin_has_a_policy_of_its_own_that_still_loads_nothing_foreign():
    policy = Client().get("/admin/").headers["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy


@pytest.fixture
def page(chromium, live_server) -> Iterator[Page]:
    """A supervisor's browser, signed in."""
    user = User.objects.create_user("pia", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="supervisor"))
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/desk/sign-in")
    page.get_by_label("Username").fill("pia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    yield page
    context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_page_breaks_the_policy_in_a_real_browser(page):
    open_desk()
    ana = open_ana(at=NOW)
    ticket = opened()
    broken: list[str] = []
    page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)

    for address in (
        "/desk/",
        f"/desk/tickets/{ticket.pk}/",
        f"/desk/tickets/{ticket.pk}/verify",
        f"/desk/customers/{ana.pk}/",
        "/desk/approvals/",
        "/desk/calls/",
        "/desk/security",
        "/account/sign-in",
        "/api/v1/docs",
        "/admin/",
        "/admin/ledger/customer/",
        f"/admin/tickets/ticket/{ticket.pk}/change/",
        "/admin/notifications/messagetemplate/add/?key=refund_paid",
    ):
        page.goto(address)
        page.wait_for_load_state()
        assert not broken, (address, broken)
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.keyboard.press("v")
    page.get_by_role("button", name="Send code").wait_for()
    assert not broken
