"""What the tests of the books share: a customer's number, entries, and a way to act as the application in plain SQL."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.books import claims, posting_rules
from ledger.books.operations import PostedEntry, post_entry
from ledger.books.posting_rules import Entry
from ledger.money import Money
from tests.conftest import NOW

CUSTOMER = 17
APRIL_1 = date(2026, 4, 1)


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


def charge(number: int = 1, amount: str = "100.00", *, customer: int = CUSTOMER, on: date = APRIL_1) -> Entry:
    return posting_rules.charge_added(eur(amount), customer_id=customer, charge=f"charge:{number}", on=on)


def payment(
    number: int, amount: str, to_credit: str = "0.00", *, customer: int = CUSTOMER, on: date = APRIL_1
) -> Entry:
    return posting_rules.payment_received(
        eur(amount), eur(to_credit), customer_id=customer, payment=f"payment:{number}", on=on
    )


def invoice(number: int, net: str, tax: str = "0.00", *, customer: int = CUSTOMER, on: date = APRIL_1) -> Entry:
    return posting_rules.invoice_issued(eur(net), eur(tax), customer_id=customer, invoice=f"invoice:{number}", on=on)


@pytest.fixture(autouse=True)
def _books_alone(monkeypatch) -> None:
    # There are no invoices or charges behind these entries, so what other concepts claim is not asked here.
    monkeypatch.setattr(claims, "CLAIMS", [])


@pytest.fixture
def post(system):
    """Return a function that posts one entry at T0."""

    def act(entry: Entry) -> PostedEntry:
        return post_entry(entry, by=system, at=NOW)

    return act
