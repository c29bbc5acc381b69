"""S0-4: what a customer owes, on any day, is the same figure in the portal, on the desk and for programs."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from billing_desk.keys import SCOPES, issue_key
from billing_desk.models import User
from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.disputes.operations import open_dispute
from ledger.invoices.operations import issue_invoice
from ledger.invoices.receivables import control_difference
from ledger.payments.operations import record_payment
from tests.billing_desk.portal.conftest import sign_in
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, prove

TODAY = NOW.date()


@pytest.fixture
def cleo(desk):
    """On 31 January she owed 40.00; since then 35.00 were billed, 10.00 of them disputed, and 44.00 came in."""
    cleo = open_customer(
        name="Cleo", country="DE", currency="EUR", email="cleo@kunde.example", person="Cleo", by=SYSTEM,
        at=NOW - timedelta(days=90),
    )  # fmt: skip
    bill(cleo, 4000, date(2026, 1, 10))
    second = bill(cleo, 3500, date(2026, 2, 20))
    record_payment(cleo.pk, amount=eur(4400), by=SYSTEM, at=NOW - timedelta(days=5))
    line = second.lines.get()
    open_dispute(line.pk, amount=eur(1000), reason="duplicate", proof=prove(cleo), by=SYSTEM, at=NOW)
    return cleo


def bill(customer, minor, day):
    at = NOW.replace(month=day.month, day=day.day)
    add_charge(customer.pk, amount=eur(minor), description="Plus", by=SYSTEM, at=at)
    return issue_invoice(customer.pk, by=SYSTEM, at=at)


@pytest.fixture
def figures(cleo):
    """Return a function that reads due, overdue and on hold of a day from the API, the portal and the desk."""
    _, secret = issue_key(name="shop", scopes=tuple(SCOPES), customer_id=None, by=SYSTEM, at=timezone.now())
    agent = User.objects.create_user("mia", password="a-long-password-1")
    agent.groups.add(Group.objects.get(name="agent"))
    desk, portal = Client(), sign_in("cleo@kunde.example")
    desk.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")

    def read(day: date | None) -> list[tuple[str, str, str]]:
        query = {"as_of": day.isoformat()} if day else {}
        headers = {"Authorization": f"Bearer {secret}"}
        told = Client().get(f"/api/v1/customers/{cleo.pk}/account", query, headers=headers).json()
        account = tuple(f"{told[name]['amount_minor'] / 100:.2f}" for name in ("due", "overdue", "disputed"))
        home = portal.get("/account/", query).content.decode()
        page = desk.get(f"/desk/customers/{cleo.pk}/", query).content.decode()
        return [
            account,
            _shown(home, "You owe", r"of it overdue|nothing overdue"),
            _shown(page, ">Balance", "Overdue"),
        ]

    return read


def _shown(page: str, title: str, overdue: str) -> tuple[str, str, str]:
    """Return the figures of a page's balance card: due first, overdue and on hold beside their words."""
    card = page[page.index(title) : page.index("</section>", page.index(title))]
    amounts = [(found.start(), found[1]) for found in re.finditer(r'value="([\d.,]+) EUR"', card)]

    def near(words: str) -> str:
        """The desk writes a figure after its word, everything else stands before it."""
        place = re.search(words, card)
        if place is None or place[0] == "nothing overdue":
            return "0.00"
        if place[0] == "Overdue":
            return next(amount for start, amount in amounts if start > place.start())
        return [amount for start, amount in amounts if start < place.start()][-1]

    return amounts[0][1], near(overdue), near("on hold")


def test_today_and_thirty_days_ago_everybody_says_the_same(figures):
    # Today: 40.00 + 35.00 − 44.00 are 31.00, of which 10.00 are on hold; the bill of January is paid.
    assert set(figures(None)) == set(figures(TODAY)) == {("21.00", "0.00", "10.00")}
    # On 31 January the 40.00, due on the 24th, were overdue.
    assert set(figures(TODAY - timedelta(days=30))) == {("40.00", "40.00", "0.00")}
    assert control_difference(TODAY) == control_difference(TODAY - timedelta(days=30)) == []


def test_before_the_account_was_opened_there_is_zero_and_a_note(figures, cleo):
    assert set(figures(date(2025, 1, 1))) == {("0.00", "0.00", "0.00")}

    page = sign_in("cleo@kunde.example").get("/account/", {"as_of": "2025-01-01"}).content.decode()
    assert "nothing was owed before" in page


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "2027-01-01"])
def test_a_day_that_cannot_be_is_said_and_todays_figures_are_shown(figures, cleo, day):
    _, secret = issue_key(name="other", scopes=tuple(SCOPES), customer_id=None, by=SYSTEM, at=timezone.now())
    headers = {"Authorization": f"Bearer {secret}"}

    answer = Client().get(f"/api/v1/customers/{cleo.pk}/account", {"as_of": day}, headers=headers)
    page = sign_in("cleo@kunde.example").get("/account/", {"as_of": day})

    assert 400 <= answer.status_code < 500
    assert page.status_code == 200
    assert re.search("today(&#x27;|')s figures|forecast", page.content.decode())
