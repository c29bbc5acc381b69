"""S2-25: every page of the portal leads to a person, from one record; two records for the same purpose are refused."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.urls import URLPattern

from billing_desk.portal.urls import urlpatterns
from ledger.catalogue.models import Plan, Price
from ledger.subscriptions.operations import start_subscription
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill
from tests.practices.conftest import told
from tickets.models import BusinessHours, PhoneLine

#: What the links of Ana's account lead to, at the very least.
PAGES = {"home", "bills", "bill", "conversations", "ask", "conversation", "cases", "plans", "preferences"}


@pytest.fixture
def line(desk) -> PhoneLine:
    return PhoneLine.objects.create(number="+4930901820", name="Billing", hours=BusinessHours.objects.get())


@pytest.fixture
def account(ana, line, post_mail, work) -> None:
    """Ana has a plan, a bill, and a question."""
    plan = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(product=plan, currency="EUR", amount_minor=2500, valid_from=date(2025, 1, 1))
    start_subscription(ana.pk, plan_code="plus", by=SYSTEM, at=NOW)
    bill(ana, 2500)
    post_mail()
    work()


def crawl(browser: Client, start: str) -> dict[str, str]:
    """Return every page below /account/ that links lead to, by address."""
    waiting, pages = [start], {}
    while waiting:
        address = waiting.pop()
        answer = browser.get(address, follow=True)
        if not answer["Content-Type"].startswith("text/html"):
            pages[address] = ""
            continue
        pages[address] = answer.content.decode()
        links = re.findall(r'href="(/account/[^"#]*)"', pages[address])
        waiting += [unescape(each) for each in links if each not in pages and each not in waiting]
    return pages


def check_page(address: str, page: str, number: str) -> None:
    """The number, to tap, in the header; and once more for machines."""
    header = page.partition("<main")[0]
    assert f'href="tel:{number}"' in header, f"{address} has no number in its header"
    structured = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert structured["contactPoint"][0]["telephone"] == number, address


def test_every_page_a_signed_in_customer_can_reach_has_the_number_of_the_one_record(account, line, portal) -> None:
    number = "+4930901999"
    PhoneLine.objects.filter(pk=line.pk).update(number=number)
    pages = {address: page for address, page in crawl(portal(), "/account/").items() if page}

    for address, page in pages.items():
        check_page(address, page, number)
    assert reached(pages) >= PAGES


def test_so_has_every_page_for_somebody_who_is_not_signed_in(account, line) -> None:
    browser = Client()
    pages = {
        "sign-in": browser.get("/account/sign-in").content.decode(),
        "asked": browser.post("/account/sign-in", {"email": "ana@example.com"}).content.decode(),
        "spent link": browser.get("/account/sign-in/no-such-link").content.decode(),
        "spent check": browser.get("/account/verify/no-such-check").content.decode(),
    }

    for address, page in pages.items():
        check_page(address, page, line.number)


def test_so_have_the_pages_that_say_no(account, line, portal) -> None:
    browser = portal()

    for address in ("/account/invoices/999999/", "/account/refunds/999999/", "/account/conversations/999999/"):
        answer = browser.get(address)
        assert answer.status_code == 404
        check_page(address, answer.content.decode(), line.number)


def test_the_answer_to_help_and_every_mail_name_the_same_record(account, line, post_mail, work) -> None:
    PhoneLine.objects.filter(pk=line.pk).update(number="+4930901999")
    post_mail(text="HELP", subject="Help", message_id="<help@example.com>")
    work()

    (answer,) = told("help")
    assert "+49 30 901999" in answer.body


def reached(pages: dict[str, str]) -> set[str]:
    """Return the names of the portal's addresses among those that were crawled."""
    paths = [address.partition("?")[0].removeprefix("/account/") for address in pages]
    return {each.name for each in urlpatterns if isinstance(each, URLPattern) and any(each.resolve(p) for p in paths)}


def test_a_second_active_line_for_bills_is_refused_in_the_admin(line, staff) -> None:
    form = {"number": "030 901821", "name": "Second", "purpose": "billing", "country": "", "languages": "",
            "hours": line.hours_id, "is_active": "on", "closed_text": ""}  # fmt: skip
    answer = staff("pia", "supervisor").post("/admin/tickets/phoneline/add/", form)

    assert answer.status_code == 200
    assert "There is an active line for this purpose and country" in answer.content.decode()
    assert PhoneLine.objects.count() == 1
