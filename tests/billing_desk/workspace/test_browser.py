"""The desk in a real browser: keys, panels without a reload, drafts, widths, accessibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from ledger.billing.operations import run_billing
from ledger.catalogue.models import Plan
from ledger.collections.dunning import run_dunning
from ledger.collections.late_fees import charge_late_fee
from ledger.disputes.models import Dispute
from ledger.events.actor import Actor
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import start_subscription
from tests.billing_desk.workspace.conftest import SYSTEM
from tests.billing_desk.workspace.test_collections import late
from tests.billing_desk.workspace.test_subscriptions import sell
from tests.browser import keep_signed_in, press, serious, serious_in_the_dark, settled
from tests.conftest import NOW, berlin
from tickets.conversations.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    """A browser waits, so the clock must go on."""
    with time_machine.travel(NOW, tick=True) as moment:
        yield moment


@pytest.fixture
def desk(chromium, live_server, sign_in) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of the desk as somebody; an error on a page fails the test."""
    contexts, errors = [], []

    def open_page(address: str, *, name: str = "mia", width: int = 1440, height: int = 900) -> Page:
        context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        keep_signed_in(page, sign_in(name), live_server.url)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


def test_next_verify_and_dispute_by_keys_alone(desk, case, ana, enter_code):
    page = desk("/desk/")
    press(page, "n")
    expect(page.get_by_role("heading", name="I was charged twice")).to_be_visible()

    press(page, "v")
    page.get_by_role("button", name="Send code").press("Enter")
    expect(page.get_by_text("Code sent, not entered yet")).to_be_visible()
    enter_code()
    page.reload()
    press(page, "d")
    expect(page.get_by_label("Amount in dispute, tax included (EUR)")).to_have_value("40.00")
    page.get_by_role("button", name="Open dispute").press("Enter")

    expect(page.locator("#case-head").get_by_text("is open. Only 40.00 EUR is on hold")).to_be_visible()
    assert Dispute.objects.get().amount_minor == 4000


def test_a_plan_is_changed_by_keys_alone_after_its_price_was_shown(desk, verified, ana):
    for code, minor in (("basic", 1000), ("plus", 2500)):
        sell(Plan, code, minor)
    start_subscription(ana.pk, plan_code="basic", started_on=date(2026, 3, 1), by=SYSTEM, at=berlin(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 6))
    page = desk(f"/desk/tickets/{verified.pk}/")
    press(page, "c")
    expect(page.get_by_role("heading", name="Next bills")).to_be_visible()
    findings = serious(page)
    press(page, "1")
    expect(page.get_by_role("button", name="Show what it comes to")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Show what it comes to").press("Enter")
    expect(page.locator("#panel").get_by_text("€17.27")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Change the plan").press("Enter")

    expect(page.locator("#case-head").get_by_text("Basic: change plan, done from 2 March 2026")).to_be_visible()
    assert findings == []
    assert Subscription.objects.get().plan.code == "plus"


def test_keys_do_not_fire_while_somebody_types(desk, case):
    page = desk(f"/desk/tickets/{case.pk}/")
    press(page, "r")
    page.keyboard.type("never")

    expect(page.locator("#editor")).to_have_value("never")
    expect(page.locator("#panel form")).to_have_count(0)
    assert Ticket.objects.get(pk=case.pk).state == "open"


def test_what_is_typed_survives_a_panel_a_reload_and_goes_once_it_is_sent(desk, case):
    page = desk(f"/desk/tickets/{case.pk}/")
    page.locator("#editor").fill("We charged 40.00 EUR twice.")
    expect(page.get_by_text("The amounts agree with the account")).to_be_visible()
    page.reload()
    expect(page.locator("#editor")).to_have_value("We charged 40.00 EUR twice.")

    page.locator("#editor").press("Control+Enter")
    expect(page.get_by_text("Sent. The customer has the next word.").first).to_be_visible()

    expect(page.locator("#editor")).to_have_value("")
    assert Message.objects.filter(ticket=case, kind="out").count() == 1


def test_note_mode_writes_for_the_team(desk, case):
    page = desk(f"/desk/tickets/{case.pk}/")
    press(page, "o")
    page.keyboard.type("Both charges are ours.")
    page.get_by_role("button", name="Add note").click()

    expect(page.get_by_role("article", name="Note by Mia")).to_be_visible()
    assert Message.objects.filter(ticket=case, kind="note").count() == 1


def test_a_refusal_stands_in_the_panel_with_what_was_typed(desk, verified):
    page = desk(f"/desk/tickets/{verified.pk}/")
    press(page, "p")
    page.get_by_label("Amount (EUR)").fill("80.01")
    page.get_by_label("Reason").fill("All of it")
    page.get_by_role("button", name="Request refund").click()

    expect(page.locator("#panel").get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Amount (EUR)")).to_have_value("80.01")


def test_on_a_phone_one_pane_shows_at_a_time_and_nothing_is_cut_off(desk, case):
    page = desk(f"/desk/tickets/{case.pk}/", width=390)

    expect(page.locator("#main")).to_be_visible()
    expect(page.locator("#account")).to_be_hidden()
    page.get_by_role("link", name="Account").click()
    expect(page.locator("#account")).to_be_visible()
    expect(page.locator("#main")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_collections_board_fits_its_screen_and_axe_finds_nothing_serious(desk, width):
    customer, bill = late("Del BV with a rather long name for a company", days=20, minor=100_000, kind="business")
    run_dunning(at=NOW - timedelta(hours=1))
    charge_late_fee(bill.pk, by=Actor.system("test"), at=NOW)

    page = desk("/desk/collections/", width=width)
    expect(page.get_by_role("link", name="Del BV")).to_be_visible()
    findings = serious(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.goto(f"/desk/collections/{customer.pk}/")
    page.get_by_label("Paid by").fill("2026-03-10")
    page.get_by_role("button", name="Take the promise").click()
    expect(page.get_by_text("Noted: €1,000.00 by 10 March")).to_be_visible()

    assert findings + serious(page) == []
    assert max(wide, page.evaluate("document.documentElement.scrollWidth")) <= width


def test_on_a_phone_a_supervisor_pauses_a_queue_and_nothing_is_cut_off(desk, case):
    page = desk("/desk/control/", name="pia", width=390)
    page.get_by_text(f"Pause {case.queue}").first.click()
    page.locator(f"#why{case.queue_id}").fill("A wrong bill run with a rather long explanation of what went wrong")
    page.get_by_role("button", name=f"Pause {case.queue}").click()
    expect(page.get_by_role("button", name=f"Resume {case.queue}")).to_be_visible()
    page.get_by_text("Change a limit").click()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []


def test_the_help_sheet_opens_by_its_key_and_single_keys_can_be_switched_off(desk, case):
    page = desk(f"/desk/tickets/{case.pk}/")
    press(page, "?")
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    press(page, "v")

    expect(page.locator("#panel form")).to_have_count(0)


@pytest.mark.slow
def test_axe_finds_nothing_serious_on_any_page_in_light_or_dark(desk, verified, ana):
    bill = ana.invoices.get()
    page = desk(f"/desk/tickets/{verified.pk}/", name="pia")
    findings = serious(page) + serious_in_the_dark(page)
    press(page, "p")
    page.wait_for_selector("#panel form")
    findings += serious(page) + serious_in_the_dark(page)
    others = ["", "approvals/", "calls/", f"customers/{ana.pk}/", f"customers/{ana.pk}/?view=timeline"]
    others += ["control/", f"customers/{ana.pk}/give"]
    others += ["billing/", "billing/receivables?totals=1", "billing/revenue", f"invoices/{bill.pk}/credit"]
    others += [
        f"customers/{ana.pk}/?view=bills",
        f"invoices/{bill.pk}/",
        f"entries/invoice:{bill.pk}",
        "search?q=ana",
        "security",
        "nothing/",
    ]
    for address in others:
        page.goto(f"/desk/{address}")
        findings += serious(page) + serious_in_the_dark(page)
    page.context.clear_cookies()
    page.goto("/desk/sign-in")

    assert findings + serious(page) + serious_in_the_dark(page) == []
