"""The statement: opening, movements and closing of chosen months, in the customer's own account alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from ledger.customers.models import Customer
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.payments.operations import record_payment
from tests.billing_desk.portal.conftest import Bill, refused
from tests.conftest import berlin


@pytest.fixture
def account(ana: Customer, bob: Customer, bill: Bill, system: Actor) -> Customer:
    """Ana: billed 11.90 in January, 23.80 in February, paid 11.90 on 10 February."""
    bill(ana, date(2026, 1, 20), ("Seat", 1000), due_on=date(2026, 2, 3))
    bill(ana, date(2026, 2, 5), ("Plus", 2000))
    bill(bob, date(2026, 2, 5), ("Secret", 777_00))
    at = berlin(2026, 2, 10, 9)
    record_payment(ana.pk, amount=Money(1190, "EUR"), received_on=date(2026, 2, 10), by=system, at=at)
    return ana


def test_opening_and_movements_make_the_closing(browser: Client, account: Customer) -> None:
    page = browser.get("/account/statement", {"first": "2026-02", "last": "2026-02"}).content.decode()

    rows = page.split("<tbody>")[1].split("</tbody>")[0]
    amounts = [
        part.split("<")[0] for part in rows.replace('value="', "").split('">')[1:] if part.startswith(("€", "+", "−"))
    ]
    assert amounts == ["€11.90", "+€23.80", "€35.70", "−€11.90", "€23.80", "€23.80"]
    assert "924.63" not in page
    assert "/account/conversations/new?about=payment:" in page


def test_what_is_owed_today_is_told_by_how_late_it_is(browser: Client, account: Customer, bill: Bill) -> None:
    bill(account, date(2026, 2, 6), ("Old", 1000), due_on=date(2026, 2, 20))  # 11.90, ten days late

    page = browser.get("/account/statement").content.decode()

    assert "late by up to 30 days" in page
    assert "Not yet due, next on" in page
    assert "€35.70" in page  # 23.80 and 11.90


def test_whole_months_that_are_over_can_be_downloaded(browser: Client, account: Customer) -> None:
    answer = browser.get("/account/statement/pdf", {"first": "2026-01", "last": "2026-02"})
    running = browser.get("/account/statement/pdf", {"first": "2026-01", "last": "2026-03"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    assert running.status_code == 404


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-02", "2026-01"), ("x", "2026-01"), ("9999-12", "9999-12"), ("0001-01", "0001-02"), ("2000-01", "2026-02")],
)
def test_months_that_cannot_be_are_refused_in_words(browser: Client, account: Customer, first: str, last: str) -> None:
    answer = browser.get("/account/statement", {"first": first, "last": last})

    assert answer.status_code == 422
    assert "Please choose" in answer.content.decode()


def test_a_contact_without_the_right_sees_no_statement(user_browser: Client, account: Customer) -> None:
    answers = [user_browser.get(f"/account/statement{end}").status_code for end in ("", "/pdf")]

    assert answers == [403, 403]
    assert refused("page:/account/statement")
