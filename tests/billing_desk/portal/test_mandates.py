"""Giving a SEPA mandate in the portal, reading it again, revoking it; a card is kept only where the box was ticked."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ledger.models import Mandate, PaymentMethod
from tests.conftest import NOW

METHODS, GIVE = "/account/payment-methods/", "/account/payment-methods/account"


def shown_words(page: str) -> str:
    found = re.search(r'name="wording" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_mandate_is_given_by_a_tick_that_was_not_there_before_read_again_and_revoked(browser):
    page = browser.get(METHODS).content.decode()
    box = re.search(r'<input type="checkbox" id="accept-mandate"[^>]*>', page).group()
    assert "checked" not in box

    words = shown_words(page)
    page = browser.post(GIVE, {"account": "ok", "wording": words, "accepted": "yes"}, follow=True).content.decode()

    mandate = Mandate.objects.get()
    assert (mandate.wording, mandate.accepted_on) == (words, date(2026, 3, 2))
    assert mandate.reference in page
    assert page.count(words) >= 3  # the stored words beside the form's own
    browser.post(METHODS, {"remove": mandate.method_id})
    mandate.refresh_from_db()
    assert mandate.revoked_at == NOW
    assert not PaymentMethod.objects.filter(removed_at=None).exists()


@pytest.mark.parametrize("wrong", [{}, {"accepted": ""}, {"accepted": "yes", "wording": "other words"}])
def test_without_the_tick_or_with_other_words_nothing_is_kept(browser, wrong):
    words = shown_words(browser.get(METHODS).content.decode())

    answer = browser.post(GIVE, {"account": "ok", "wording": words, **wrong}, follow=True)

    assert not PaymentMethod.objects.exists()
    assert not Mandate.objects.exists()
    assert answer.context["messages"]


def test_on_a_real_gateway_the_box_to_keep_the_card_is_shown_and_not_ticked(browser, bill, ana, settings):
    settings.GATEWAY = "stripe"
    invoice = bill(ana, date(2026, 3, 1), ("Plus", 2100))

    page = browser.get(f"/account/invoices/{invoice.pk}/pay").content.decode()

    box = re.search(r'<input type="checkbox" id="keep"[^>]*>', page).group()
    assert "checked" not in box
    assert "at any time" in page
