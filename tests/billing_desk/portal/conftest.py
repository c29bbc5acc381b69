"""Ana, who has bills; a browser that is signed in as her through a real link; the clock at T0."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.operations import add_contact_point, open_customer
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from notifications.delivery.models import Message
from tests.conftest import NOW, berlin
from tickets.sla.defaults import ensure_defaults

ANA, BOB = "ana@kunde.example", "bob@kunde.example"
LONG_AGO = berlin(2025, 1, 7, 9)

Bill = Callable[..., Invoice]


@pytest.fixture(autouse=True)
def desk(db: None) -> None:
    """Queues, hours and clocks as a fresh installation has them."""
    ensure_defaults()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(system: Actor) -> Customer:
    return open_customer(
        name="Ana Almeida", country="DE", currency="EUR", email=ANA, person="Ana Almeida", by=system, at=LONG_AGO
    )


@pytest.fixture
def bob(system: Actor) -> Customer:
    return open_customer(
        name="Bob Brandt", country="DE", currency="EUR", email=BOB, person="Bob Brandt", by=system, at=LONG_AGO
    )


@pytest.fixture
def bill(system: Actor) -> Bill:
    """Return a function that bills charges at 19 % tax: bill(ana, date(2026, 3, 1), ("Plus", 2100), …)."""

    def make(customer: Customer, on: date, *charges: tuple[str, int], due_on: date | None = None) -> Invoice:
        at = datetime(on.year, on.month, on.day, 9, tzinfo=NOW.tzinfo)
        for description, minor in charges:
            add_charge(
                customer.pk,
                amount=Money(minor, customer.currency),
                description=description,
                tax_rate=Decimal(19),
                charged_on=on,
                by=system,
                at=at,
            )
        return issue_invoice(customer.pk, issued_on=on, due_on=due_on or date(2026, 3, 15), by=system, at=at)

    return make


def link_sent_to(address: str) -> str:
    """Return the path of the newest sign-in link that was queued for an address."""
    message = Message.objects.filter(recipient__iexact=address, template__startswith="sign_in_link").latest("pk")
    found = re.search(r"https?://[^/]+(/account/sign-in/\S+)", message.body)
    assert found, message.body
    return found[1]


def sign_in(address: str) -> Client:
    """Return a browser that asked for a link, opened it and pressed the button."""
    browser = Client()
    browser.post("/account/sign-in", {"email": address})
    browser.post(link_sent_to(address))
    return browser


@pytest.fixture
def browser(ana: Customer) -> Client:
    return sign_in(ANA)


@pytest.fixture
def user_browser(ana: Customer, system: Actor) -> Client:
    """Signed in as Ana's assistant, who may ask questions and see no money."""
    add_contact_point(
        ana.pk, kind="email", value="assistant@kunde.example", person="Ute", right="user", by=system, at=LONG_AGO
    )
    return sign_in("assistant@kunde.example")


def refused(subject: str) -> bool:
    """Say whether a refused access to this subject is on the audit trail."""
    return Event.objects.filter(kind="access.refused", subject=subject).exists()


def same_page(response: object) -> str:
    """Return a page without what differs at every request: the token against forged forms."""
    return re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())
