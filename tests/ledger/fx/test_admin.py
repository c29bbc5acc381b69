"""Finance adds rates and books exchanges on their own pages; what cannot be is refused in words."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ledger.fx.models import Exchange, ExchangeRate
from tests.staff import browser

pytestmark = pytest.mark.django_db
RATE = {"base": "eur", "quote": "usd", "rate": "1.0800", "on": "2026-03-02", "source": "ECB"}
EXCHANGE = {
    "reference": "B-1", "sold_currency": "USD", "bought_currency": "EUR", "exchanged_on": "2026-03-02",
    "sold": "10.00", "bought": "9.26", "fee": "0.10", "quoted": "0.9259", "quoted_by": "the bank",
}  # fmt: skip


def test_finance_adds_a_rate_once():
    olg = browser("finance")
    for _ in range(2):
        assert olg.post(reverse("admin:ledger_exchangerate_add"), RATE).status_code == 302

    (row,) = ExchangeRate.objects.all()
    assert str(row.quoted) == "1 EUR = 1.08 USD (ECB, 2026-03-02)"


def test_a_rate_of_an_unknown_currency_is_refused_on_its_page():
    page = browser("finance").post(reverse("admin:ledger_exchangerate_add"), {**RATE, "quote": "XXQ"})

    assert "is not a currency we know" in page.content.decode()
    assert not ExchangeRate.objects.exists()


def test_finance_books_an_exchange_and_cannot_change_it_afterwards():
    olg = browser("finance")
    assert olg.post(reverse("admin:ledger_exchange_add"), EXCHANGE).status_code == 302

    (row,) = Exchange.objects.all()
    assert (str(row.sold), str(row.bought), str(row.fee)) == ("10.00 USD", "9.26 EUR", "0.10 USD")
    page = olg.get(reverse("admin:ledger_exchange_change", args=[row.pk]))
    assert "currency.exchanged" in page.content.decode()
    assert olg.post(reverse("admin:ledger_exchange_change", args=[row.pk]), EXCHANGE).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "words"), [({"sold": "10,00"}, "is not an amount"), ({"bought": "92.60"}, "At 1 USD = 0.9259 EUR")]
)
def test_an_exchange_that_cannot_be_is_refused_on_its_page(wrong, words):
    page = browser("finance").post(reverse("admin:ledger_exchange_add"), {**EXCHANGE, **wrong})

    assert words in page.content.decode()
    assert not Exchange.objects.exists()


def test_an_agent_adds_neither():
    mia = browser("agent")

    assert mia.get(reverse("admin:ledger_exchangerate_add")).status_code in {302, 403}
    assert mia.post(reverse("admin:ledger_exchange_add"), EXCHANGE).status_code in {302, 403}
    assert not Exchange.objects.exists()
