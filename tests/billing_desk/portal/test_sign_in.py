"""Sign-in by one-time link."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from ledger.customers.models import ContactPoint, Customer
from ledger.customers.operations import add_contact_point, open_customer, remove_contact_point
from ledger.events.actor import Actor
from notifications.delivery.models import Message
from tests.billing_desk.portal.conftest import ANA, BOB, LONG_AGO, link_sent_to, refused, same_page, sign_in
from tests.conftest import NOW
from verification.models import Check


def text(response: object) -> str:
    return same_page(response).replace(ANA, "ADDRESS").replace("stranger@else.example", "ADDRESS")


def test_the_answer_is_the_same_for_a_customer_and_for_a_stranger(ana: Customer) -> None:
    known = Client().post("/account/sign-in", {"email": ANA})
    unknown = Client().post("/account/sign-in", {"email": "stranger@else.example"})

    assert known.status_code == unknown.status_code == 200
    assert text(known) == text(unknown)
    assert list(Message.objects.values_list("recipient", flat=True)) == [ANA]


def test_opening_the_link_shows_a_button_and_only_the_button_signs_in(ana: Customer) -> None:
    browser = Client()
    browser.post("/account/sign-in", {"email": ANA})
    link = link_sent_to(ANA)

    shown = [browser.get(link), browser.get(link)]
    assert all("Sign in now?" in page.content.decode() for page in shown)
    assert browser.get("/account/").url == "/account/sign-in"

    browser.post(link)
    assert "Hello Ana Almeida" in browser.get("/account/").content.decode()


def test_a_link_works_once(ana: Customer) -> None:
    sign_in(ANA)
    link, other = link_sent_to(ANA), Client()

    again = other.post(link)

    assert again.status_code == 410
    assert "used already or is too old" in again.content.decode()
    assert other.get("/account/").status_code == 302
    assert other.get(link).status_code == 410


def test_a_link_is_good_for_fifteen_minutes(ana: Customer, clock: time_machine.Traveller) -> None:
    Client().post("/account/sign-in", {"email": ANA})
    link = link_sent_to(ANA)

    clock.move_to(NOW + timedelta(minutes=15))
    assert Client().post(link).status_code == 410
    clock.move_to(NOW + timedelta(minutes=14, seconds=59))
    assert Client().post(link).status_code == 302


def test_a_made_up_link_signs_nobody_in(ana: Customer) -> None:
    assert Client().post("/account/sign-in/not-a-real-token").status_code == 410


def test_a_contact_taken_off_file_is_out_at_once(ana: Customer, system: Actor) -> None:
    added = add_contact_point(ana.pk, kind="email", value=BOB, person="Bob", by=system, at=LONG_AGO)
    browser = sign_in(BOB)

    remove_contact_point(added.pk, by=system, at=NOW)

    assert browser.get("/account/").url == "/account/sign-in"


def test_the_session_gets_a_new_key_and_ends_after_eight_hours(ana: Customer, clock: time_machine.Traveller) -> None:
    browser = Client()
    browser.get("/account/invoices/")
    before = browser.session.session_key
    browser.post("/account/sign-in", {"email": ANA})

    browser.post(link_sent_to(ANA))

    assert browser.session.session_key != before
    clock.move_to(NOW + timedelta(hours=8))
    assert browser.get("/account/").status_code == 302


def test_after_sign_in_the_page_that_was_wanted_opens(ana: Customer) -> None:
    browser = Client()
    browser.get("/account/subscriptions/")
    browser.post("/account/sign-in", {"email": ANA})

    assert browser.post(link_sent_to(ANA)).url == "/account/subscriptions/"


def test_signing_in_is_a_proof_of_level_three_for_this_session_only(browser: Client, ana: Customer) -> None:
    check = Check.objects.get(customer=ana)

    assert (check.level, check.state) == (3, "passed")
    assert check.conversation == f"portal:{browser.session['portal']['reference']}"


def test_signing_out_ends_it(browser: Client) -> None:
    browser.post("/account/sign-out")

    assert browser.get("/account/").status_code == 302


def test_an_address_of_two_customers_chooses_and_may_change(ana: Customer, system: Actor) -> None:
    shop = open_customer(name="Ana's Shop", country="DE", currency="EUR", email=ANA, by=system, at=LONG_AGO)
    browser = sign_in(ANA)
    assert browser.get("/account/").status_code == 302

    page = browser.get("/account/accounts").content.decode()
    assert "Ana Almeida" in page
    assert "Ana&#x27;s Shop" in page
    browser.post("/account/accounts", {"account": ContactPoint.objects.get(customer=shop).pk})

    assert shop.number in browser.get("/account/").content.decode()
    browser.post("/account/accounts", {"account": ContactPoint.objects.get(customer=ana).pk})
    assert ana.number in browser.get("/account/").content.decode()


def test_nobody_chooses_an_account_that_is_not_of_their_address(browser: Client, bob: Customer) -> None:
    foreign = ContactPoint.objects.get(customer=bob)

    answer = browser.post("/account/accounts", {"account": foreign.pk})

    assert answer.status_code == 400
    assert bob.number not in browser.get("/account/").content.decode()
    assert refused(f"contact_point:{foreign.pk}")


def test_a_mailbox_cannot_be_flooded_with_links(ana: Customer, clock: time_machine.Traveller) -> None:
    for _ in range(6):
        Client().post("/account/sign-in", {"email": ANA})
    assert Message.objects.count() == 5

    clock.move_to(NOW + timedelta(hours=1, minutes=1))
    Client().post("/account/sign-in", {"email": ANA})
    assert Message.objects.count() == 6


def test_the_page_with_the_token_is_neither_kept_nor_passed_on(ana: Customer) -> None:
    Client().post("/account/sign-in", {"email": ANA})

    page = Client().get(link_sent_to(ANA))

    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"


def test_a_form_from_another_site_is_refused(browser: Client, ana: Customer) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = browser.cookies

    assert careful.post("/account/sign-out").status_code == 403
    assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/account/verify/%00",
        "/account/verify/%F0%9F%92%A9",
        "/account/sign-in/%00",
        "/account/invoices/99999999999999999999999999/",
        "/account/conversations/99999999999999999999999999/",
        "/account/refunds/99999999999999999999999999/",
        "/account/conversations/new?about=%00",
        "/account/conversations/new?about=invoice:%C2%B2",
        "/account/invoices/?before=%C2%B2",
        "/account/conversations/?before=99999999999999999999999999",
    ],
)
def test_nonsense_in_an_address_is_refused_and_never_an_error(browser: Client, address: str) -> None:
    assert browser.get(address).status_code in (200, 404, 410)
