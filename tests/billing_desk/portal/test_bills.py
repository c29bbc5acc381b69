"""Home and bills: what is owed, why, and nobody else's."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.payments.operations import record_payment
from tests.billing_desk.portal.conftest import Bill, refused, sign_in
from tests.conftest import NOW


def test_home_says_what_is_owed_by_when_and_what_is_overdue(browser: Client, ana: Customer, bill: Bill) -> None:
    bill(ana, date(2026, 1, 20), ("Seat", 1000), due_on=date(2026, 2, 3))  # 11.90 with tax, overdue
    bill(ana, date(2026, 3, 1), ("Plus", 2000))  # 23.80

    page = browser.get("/account/").content.decode()

    assert "€35.70" in page  # 11.90 + 23.80
    assert "15 March" in page
    assert "€11.90</data> of it overdue" in page
    assert "+49 30 901820" in page


def test_home_says_that_nothing_is_owed_and_shows_credit(
    browser: Client, ana: Customer, bill: Bill, system: Actor
) -> None:
    bill(ana, date(2026, 3, 1), ("Plus", 2000))
    record_payment(ana.pk, amount=Money(2780, "EUR"), received_on=date(2026, 3, 2), by=system, at=NOW)

    page = browser.get("/account/").content.decode()

    assert "Nothing to pay at the moment" in page
    assert "€4.00</data> credit" in page  # 27.80 - 23.80


def test_home_explains_a_higher_bill(browser: Client, ana: Customer, bill: Bill) -> None:
    bill(ana, date(2026, 2, 1), ("Plus", 2000))
    bill(ana, date(2026, 3, 1), ("Plus", 2000), ("Two seats", 1000))

    page = browser.get("/account/").content.decode()

    assert "Why your latest bill is" in page
    assert "+€11.90" in page


def test_a_bill_explains_each_line_with_its_tax(browser: Client, ana: Customer, bill: Bill) -> None:
    invoice = bill(ana, date(2026, 3, 1), ("Plus", 2000), ("Two seats", 1000))

    page = browser.get(f"/account/invoices/{invoice.pk}/").content.decode()

    assert invoice.number in page
    assert "€23.80" in page  # 20.00 + 19 %
    assert "19 % tax" in page
    assert "€35.70" in page
    assert page.count("Ask about this line") == 2


def test_a_bill_of_many_lines_asks_the_database_no_more_often(browser: Client, ana: Customer, bill: Bill) -> None:
    few = bill(ana, date(2026, 2, 1), ("Plus", 2000))
    many = bill(ana, date(2026, 2, 2), *((f"Seat {number}", 1000) for number in range(8)))
    browser.get(f"/account/invoices/{few.pk}/")

    with CaptureQueriesContext(connection) as for_few:
        browser.get(f"/account/invoices/{few.pk}/")
    with CaptureQueriesContext(connection) as for_many:
        page = browser.get(f"/account/invoices/{many.pk}/").content.decode()

    assert page.count("How this is made up") == 8
    assert len(for_many) <= len(for_few) + 4  # the second has one before it to be compared with


def test_a_bill_paid_from_abroad_says_price_tax_exchange_and_the_name_on_the_statement(
    bill: Bill, system: Actor
) -> None:
    eve = open_customer(name="Eve Evans", country="US", currency="USD", email="eve@kunde.example", by=system, at=NOW)
    invoice = bill(eve, date(2026, 3, 1), ("Plus", 2000))

    page = sign_in("eve@kunde.example").get(f"/account/invoices/{invoice.pk}/").content.decode()

    assert "Paid from abroad" in page
    assert "Exchange: none, the price is in the currency of your card charge" in page
    assert "Charged as" in page


def test_another_customers_bill_is_not_there_and_the_try_is_recorded(
    browser: Client, bob: Customer, bill: Bill
) -> None:
    foreign = bill(bob, date(2026, 3, 1), ("Plus", 2000))

    answer = browser.get(f"/account/invoices/{foreign.pk}/")

    assert answer.status_code == 404
    assert foreign.number not in answer.content.decode()
    assert refused(f"invoice:{foreign.pk}")


def test_the_list_of_bills_is_paged_and_asks_the_database_a_constant_number_of_times(
    browser: Client, ana: Customer, bill: Bill, django_assert_max_num_queries: object
) -> None:
    for day in range(1, 27):
        bill(ana, date(2026, 2, day), ("Plus", 2000))

    with django_assert_max_num_queries(14):
        first = browser.get("/account/invoices/").content.decode()

    assert first.count("February 2026") == 24
    assert "Show older" in first


def test_a_contact_without_the_right_sees_no_amount_anywhere(user_browser: Client, ana: Customer, bill: Bill) -> None:
    invoice = bill(ana, date(2026, 3, 1), ("Plus", 2000))

    home = user_browser.get("/account/").content.decode()
    pages = [
        user_browser.get(f"/account/{path}")
        for path in ("invoices/", f"invoices/{invoice.pk}/", "cases/", "subscriptions/")
    ]

    assert "€" not in home
    assert "Open requests" in home
    assert [page.status_code for page in pages] == [403] * 4
    assert all("€" not in page.content.decode() for page in pages)
    assert refused(f"page:/account/invoices/{invoice.pk}/")


def test_a_german_browser_gets_no_german_dates_between_english_sentences(
    browser: Client, ana: Customer, bill: Bill
) -> None:
    bill(ana, date(2026, 3, 1), ("Plus", 2000), due_on=date(2026, 5, 15))

    page = browser.get("/account/", headers={"Accept-Language": "de"}).content.decode()

    assert "15 May" in page
    assert "Mai" not in page
