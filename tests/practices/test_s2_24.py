"""S2-24: the number is one click away, for machines too; changed once it changes everywhere but on old bills."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from ledger.customers.models import Customer
from ledger.documents.models import Document
from ledger.events.models import Event
from tests.conftest import NOW
from tests.ledger.documents.pages import page_texts, plain
from tests.ledger.worlds import bill
from tickets.models import BusinessHours, PhoneLine

OLD, NEW = "+49 30 901820", "+49 30 901999"


@pytest.fixture
def line(desk) -> PhoneLine:
    return PhoneLine.objects.create(
        number="+4930901820", name="Billing", hours=BusinessHours.objects.get(), languages=["de", "en"]
    )


def structured_in(page: str) -> dict:
    """Return the structured data of a page."""
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return json.loads(found)


def change_number(browser: Client, line: PhoneLine, **changes: object) -> None:
    """Edit the line in the admin, as a supervisor does."""
    form = {"number": line.number, "name": line.name, "purpose": "billing", "country": "", "languages": "de,en",
            "hours": line.hours_id, "is_active": "on", "closed_text": "", **changes}  # fmt: skip
    answer = browser.post(f"/admin/tickets/phoneline/{line.pk}/change/", form)
    assert answer.status_code == 302, answer.content.decode()[-3000:]


def test_a_changed_number_is_on_every_surface_at_once_and_old_bills_keep_theirs(
    ana, line, work, portal, staff, clock
) -> None:
    bill(ana, 2500)
    work()
    old_bill = bytes(Document.objects.get().content)
    browser = portal()
    assert OLD in browser.get("/account/").content.decode()

    change_number(staff("pia", "supervisor"), line, number="030 901999")
    clock.shift(timedelta(seconds=59))
    bill(Customer.objects.get(pk=ana.pk), 1000)
    work()

    page = browser.get("/account/").content.decode()
    assert NEW in page
    assert OLD not in page
    assert structured_in(page)["contactPoint"][0]["telephone"] == "+4930901999"
    assert Client().get("/contact.json").json()["display"] == NEW
    assert f"Phone {NEW}" in outbox.outbox[-1].body
    assert NEW in plain(page_texts(outbox.outbox[-1].attachments[0][1])[0])
    assert bytes(Document.objects.order_by("pk")[0].content) == old_bill
    assert OLD in plain(page_texts(old_bill)[0])
    answer = browser.get(f"/account/invoices/{Document.objects.order_by('pk')[0].subject.partition(':')[2]}/pdf")
    assert answer.content == old_bill
    changed = Event.objects.filter(kind="configuration.changed").latest("pk")
    assert (changed.data["before"], changed.data["after"]) == ({"number": "+4930901820"}, {"number": "+4930901999"})


def test_other_sites_may_ask_and_keep_the_answer_for_half_a_minute(line) -> None:
    answer = Client().get("/contact.json", {"country": "de", "lang": "de"}, headers={"Origin": "https://shop.example"})

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in answer
    said = answer.json()
    assert (said["link"], said["hours"], said["is_open"]) == ("tel:+4930901820", "Mo–Fr 09:00–17:30", True)
    assert said["structured"]["contactPoint"][0]["@type"] == "ContactPoint"


@pytest.mark.parametrize("query", ["?country=%00&lang=../../x", "?country=<script>&lang=" + "x" * 5000, "?lang=zz"])
def test_a_hostile_question_gets_the_international_line(line, query) -> None:
    answer = Client().get(f"/contact.json{query}")

    assert answer.status_code == 200
    assert answer.json()["number"] == "+4930901820"
    assert b"<script>" not in answer.content


def test_only_reading_is_possible(line) -> None:
    assert Client().post("/contact.json").status_code == 405
    assert Client().post(reverse("contact-js")).status_code == 405


def test_the_widget_writes_text_only_and_needs_nothing_a_strict_policy_forbids(line) -> None:
    answer = Client().get("/contact.js")
    script = answer.content.decode()

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    for forbidden in ("innerHTML", "eval(", "document.write", "insertAdjacentHTML", ".style", 'setAttribute("on'):
        assert forbidden not in script


def test_structured_data_cannot_be_closed_by_a_name(line, settings) -> None:
    settings.COMPANY = {**settings.COMPANY, "name": "</script><b>&Co"}
    page = Client().get("/account/sign-in").content.decode()

    assert structured_in(page)["name"] == "</script><b>&Co"


def test_the_page_for_somebody_signed_in_shows_the_line_of_their_country(ana, line, portal) -> None:
    PhoneLine.objects.create(
        number="+33142685300", name="Facturation", hours=line.hours, country="FR", languages=["fr"]
    )
    Customer.objects.filter(pk=ana.pk).update(country="FR")

    page = portal().get("/account/").content.decode()

    assert 'href="tel:+33142685300"' in page
    assert structured_in(page)["contactPoint"][0]["areaServed"] == "FR"


def test_half_past_five_it_is_closed(line, clock) -> None:
    clock.move_to(NOW.replace(hour=17, minute=30))

    assert Client().get("/contact.json").json()["is_open"] is False
