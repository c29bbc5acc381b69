"""S0-5: a question asked from a line of a bill is about that line, and its explanation is attached already."""

from __future__ import annotations

import uuid

import pytest
import time_machine
from django.test import Client

from ledger.explanations.models import GivenExplanation
from ledger.invoices.models import Invoice, InvoiceLine
from notifications.preferences.operations import set_preference
from tests.billing_desk.portal.conftest import refused, sign_in
from tests.conftest import berlin
from tests.ledger.explanations.worlds import ana_upgrades
from tests.ledger.worlds import SYSTEM, open_ana
from tickets.conversations.models import Message, Ticket
from tickets.sla.defaults import ensure_defaults

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> InvoiceLine:
    """The Plus line of Ana's upgrade: 16 of 31 days of 25.00."""
    return ana_upgrades()[2].lines.get()


@pytest.fixture
def browser(line: InvoiceLine) -> Client:
    ensure_defaults()
    set_preference(line.invoice.customer_id, language="en", by=SYSTEM, at=berlin(2026, 3, 20, 9))
    with time_machine.travel(berlin(2026, 3, 20, 10), tick=False):
        yield sign_in("ana@example.com")


def ask(browser: Client, about: str, **more: object) -> object:
    values = {"subject": "Plus", "text": "Why is it this much?", "key": uuid.uuid4(), "about": about, **more}
    return browser.post("/account/conversations/new", values)


def test_a_line_of_a_bill_opens_to_its_explanation_and_where_it_stands(browser: Client, line: InvoiceLine) -> None:
    page = browser.get(f"/account/invoices/{line.invoice_id}/").content.decode()

    assert "That is the price of all 31 days; for 16 of them it is €12.90." in page
    assert f"bill {line.invoice.number}, line 1" in page
    assert f'href="/account/conversations/new?about=invoiceline:{line.pk}"' in page
    assert f'href="/account/invoices/{line.invoice_id}/pdf"' in page


def test_a_question_about_a_line_is_bound_to_it_with_the_explanation_attached(
    browser: Client, line: InvoiceLine
) -> None:
    about = f"invoiceline:{line.pk}"

    form = browser.get("/account/conversations/new", {"about": about}).content.decode()
    key = uuid.uuid4()
    ask(browser, about, key=key)
    ask(browser, about, key=key)  # the second click

    ticket = Ticket.objects.get()
    told = Message.objects.get(ticket=ticket, kind="event", about=about)
    assert f"on bill {line.invoice.number}" in form
    assert ticket.subject_of_question == about
    assert "for 16 of them it is €12.90." in told.text
    assert GivenExplanation.objects.get().subject == about
    assert "The customer was shown" not in browser.get(f"/account/conversations/{ticket.pk}/").content.decode()


def test_a_line_of_another_customer_opens_no_case(line: InvoiceLine, browser: Client) -> None:
    with time_machine.travel(berlin(2026, 3, 20, 10), tick=False):
        open_ana(email="bob@example.com")
        bob, about = sign_in("bob@example.com"), f"invoiceline:{line.pk}"

        answers = [bob.get("/account/conversations/new", {"about": about}).status_code, ask(bob, about).status_code]

    assert answers == [404, 404]
    assert refused(about)
    assert not Ticket.objects.exists()


def test_a_name_that_holds_an_amount_does_not_lose_the_question(browser: Client, line: InvoiceLine) -> None:
    basis = {**line.charge.basis, "name": "Plus (at 99 € for early birds)"}
    charge = type(line.charge).objects.filter(pk=line.charge_id)
    charge.update(basis=basis)

    ask(browser, f"invoiceline:{line.pk}")

    assert Ticket.objects.get().subject_of_question == f"invoiceline:{line.pk}"
    assert Invoice.objects.count() == 2
