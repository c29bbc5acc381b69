"""The world of these tests: five members of staff, one customer charged twice, one case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from billing_desk.models import User
from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.payments.operations import record_payment
from notifications.delivery.models import Message as Mail
from tests.conftest import NOW
from tickets.conversations.models import Ticket
from tickets.intake.operations import receive_email
from verification.models import Challenge
from verification.operations import answer_challenge, start_check

SYSTEM = Actor.system("test")
STAFF = {"mia": "agent", "noe": "senior_agent", "pia": "supervisor", "olg": "finance", "qui": ""}
MAIL = (
    "From: {name} <{sender}>\r\nTo: billing@nordlicht.example\r\nSubject: {subject}\r\n"
    "Message-ID: <{message_id}@mail.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    """Views take the time themselves, so the clock stands at T0 until a test moves it."""
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def staff(db) -> dict[str, User]:
    """Mia, Noe, Pia and Olg with their roles; Qui, who is in training, without one."""
    people = {}
    for name, role in STAFF.items():
        people[name] = User.objects.create_user(name, password="a-long-password-1", first_name=name.capitalize())
        if role:
            people[name].groups.add(Group.objects.get(name=role))
    return people


@pytest.fixture
def sign_in(staff) -> Callable[[str], Client]:
    """Return a function that signs somebody in and gives their browser."""

    def browser(name: str) -> Client:
        client = Client()
        client.force_login(staff[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


@pytest.fixture
def ana(db) -> Customer:
    """Ana Berger: 40.00 EUR charged twice in February on one bill of 80.00 EUR, which she has paid."""
    customer = open_customer(
        name="Ana Berger",
        country="DE",
        currency="EUR",
        email="ana@mail.example",
        by=SYSTEM,
        at=NOW - timedelta(days=90),
    )
    day = date(2026, 2, 2)
    for _ in range(2):
        add_charge(
            customer.pk,
            amount=Money(4000, "EUR"),
            description="Plus monthly",
            tax_rate=Decimal(0),
            charged_on=day,
            by=SYSTEM,
            at=NOW - timedelta(days=28),
        )
    issue_invoice(customer.pk, issued_on=day, due_on=date(2026, 2, 16), by=SYSTEM, at=NOW - timedelta(days=28))
    record_payment(
        customer.pk,
        amount=Money(8000, "EUR"),
        received_on=date(2026, 2, 3),
        card_last4="4242",
        by=SYSTEM,
        at=NOW - timedelta(days=27),
    )
    return customer


@pytest.fixture
def write_in() -> Callable[..., Ticket]:
    """Return a function that lets a mail arrive and gives its ticket."""

    def arrive(
        sender: str = "ana@mail.example",
        subject: str = "I was charged twice",
        text: str = "Hello, you charged me twice. Please help. Ana",
        name: str = "Ana Berger",
        message_id: str = "first",
    ) -> Ticket:
        raw = MAIL.format(name=name, sender=sender, subject=subject, text=text, message_id=message_id)
        ticket = receive_email(raw.encode(), mailbox="billing@nordlicht.example", at=NOW)
        assert ticket is not None
        return ticket

    return arrive


@pytest.fixture
def case(ana, write_in) -> Ticket:
    """Ana's case: she was charged twice."""
    return write_in()


@pytest.fixture
def enter_code(ana) -> Callable[[], None]:
    """Return a function that does what the customer does: read the code in her mail and enter it."""

    def enter() -> None:
        mail = Mail.objects.filter(is_secret=True).latest("pk")
        code = re.search(r"\b(\d{3}) ?(\d{3})\b", mail.body)
        assert code is not None
        challenge = Challenge.objects.latest("pk")
        answer_challenge(challenge.token, answer="".join(code.groups()), by=Actor.customer(ana.pk), at=NOW)

    return enter


@pytest.fixture
def verified(case, ana, enter_code, staff) -> Ticket:
    """Ana's case after she has proved who she is."""
    by = Actor.agent(staff["mia"].pk, roles=frozenset({"agent"}))
    start_check(customer_id=ana.pk, conversation=f"ticket:{case.pk}", purpose="request_refund", by=by, at=NOW)
    enter_code()
    return case
