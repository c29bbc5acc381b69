"""Paying in the portal: the bill, the ways that can pay it, test cards to choose, and nobody else's bill."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.models import Attempt, Invoice, PaymentMethod
from ledger.payments.on_file import add_test_card
from tests.billing_desk.portal.conftest import refused
from tests.conftest import NOW

METHODS = "/account/payment-methods/"


@pytest.fixture
def invoice(ana, bill):
    return bill(ana, date(2026, 3, 1), ("Plus", 2100))  # 24.99 with tax


def address(invoice) -> str:
    return f"/account/invoices/{invoice.pk}/pay"


def test_a_card_is_chosen_put_on_file_and_pays_the_bill(browser, invoice):
    bill_page = browser.get(f"/account/invoices/{invoice.pk}/").content.decode()
    assert address(invoice) in bill_page
    empty = browser.get(address(invoice)).content.decode()
    assert "no card or account on file" in empty
    assert "DE89370400440532013000" in empty  # she can transfer it

    added = browser.post(f"{METHODS}?pay={invoice.pk}", {"card": "ok"})
    assert added.url == address(invoice)
    page = browser.get(address(invoice)).content.decode()
    assert "Test card 4242" in page
    paid = browser.post(address(invoice), {"method": PaymentMethod.objects.get().pk}, follow=True)

    assert "€24.99 is paid" in paid.content.decode()
    assert Invoice.objects.get().state == "paid"
    assert "Nothing is asked for" in browser.get(address(invoice)).content.decode()


def test_a_decline_is_read_in_plain_words_and_another_card_pays(browser, invoice):
    browser.post(METHODS, {"card": "insufficient_funds"})
    method = PaymentMethod.objects.get()

    answer = browser.post(address(invoice), {"method": method.pk})

    assert answer.status_code == 422
    assert "did not have enough money" in answer.content.decode()
    browser.post(METHODS, {"remove": method.pk})
    browser.post(METHODS, {"card": "ok"})
    browser.post(address(invoice), {"method": PaymentMethod.objects.get(removed_at=None).pk})
    assert Invoice.objects.get().state == "paid"


def test_a_fault_on_our_side_blames_nobody_and_a_second_press_charges_nothing(browser, invoice):
    browser.post(METHODS, {"card": "lost_answer"})
    chosen = {"method": PaymentMethod.objects.get().pk}

    first = browser.post(address(invoice), chosen, follow=True).content.decode()
    second = browser.post(address(invoice), chosen)

    assert "nothing for you to do" in first
    assert (second.status_code, Attempt.objects.count()) == (422, 1)
    assert "under way already" in second.content.decode()


def test_an_expired_card_is_shown_and_cannot_be_chosen(browser, invoice, ana):
    browser.post(METHODS, {"card": "ok"})
    PaymentMethod.objects.update(expires_on=date(2026, 3, 1))

    assert "has expired" in browser.get(address(invoice)).content.decode()
    assert browser.post(address(invoice), {"method": PaymentMethod.objects.get().pk}).status_code == 422
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("wrong", ["", "x", "999", "9" * 30, "-1"])
def test_a_choice_that_cannot_be_is_refused_in_words(browser, invoice, wrong):
    answer = browser.post(address(invoice), {"method": wrong})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_nobody_pays_with_or_removes_another_customers_card_nor_sees_their_bill(browser, invoice, bob, bill, system):
    foreign_card = add_test_card(bob.pk, card="ok", by=system, at=NOW)
    foreign_bill = bill(bob, date(2026, 3, 1), ("Plus", 2100))

    assert browser.post(address(invoice), {"method": foreign_card.pk}).status_code == 422
    assert browser.post(METHODS, {"remove": foreign_card.pk}).status_code == 404
    assert browser.get(address(foreign_bill)).status_code == 404
    assert browser.post(f"{address(foreign_bill)}/link").status_code == 404
    assert refused(f"invoice:{foreign_bill.pk}")
    assert refused(f"paymentmethod:{foreign_card.pk}")
    assert PaymentMethod.objects.filter(removed_at=None).count() == 1


def test_contacts_who_see_no_money_pay_nothing_and_see_no_cards(user_browser, invoice):
    assert user_browser.get(address(invoice)).status_code == 403
    assert user_browser.post(METHODS, {"card": "ok"}).status_code == 403
    assert not PaymentMethod.objects.exists()


def test_a_link_for_somebody_else_is_shown_once(browser, invoice):
    page = browser.post(f"{address(invoice)}/link").content.decode()

    assert "/account/pay/" in page
    assert browser.get(f"{address(invoice)}/link").status_code == 405
