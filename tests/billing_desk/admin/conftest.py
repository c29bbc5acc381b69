"""Staff signed in to the admin, and a customer with a refund that waits for somebody's word."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from billing_desk.models import User
from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.invoices.operations import issue_invoice
from ledger.models import Customer, Dispute, Payment, Refund
from ledger.money import Money
from ledger.payments.operations import record_payment
from tests.billing_desk.proofs import prove
from tickets.casework.operations import open_dispute_for_ticket, request_refund_for_ticket

SETUP = Actor.system("setup")


@pytest.fixture
def staff(db):
    """A function that makes a member of staff with some roles."""

    def make(username: str, *roles: str, **fields: object) -> User:
        user = User.objects.create_user(username, password="long-enough-word", **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


@pytest.fixture
def sign_in(staff):
    """A function that makes a member of staff and returns their browser; CSRF is checked as in real life."""

    def make(username: str, *roles: str, **fields: object) -> Client:
        browser = Client(enforce_csrf_checks=False)
        browser.force_login(staff(username, *roles, **fields), backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return make


@pytest.fixture
def ana(db) -> Customer:
    """A customer in Berlin, billed in EUR, with an e-mail address on file."""
    return open_customer(
        name="Ana Sommer", country="DE", currency="EUR", email="ana@example.org", by=SETUP, at=timezone.now()
    )


@pytest.fixture
def payment(ana) -> Payment:
    """60.00 EUR from Ana that owe her nothing: all of it is credit."""
    return record_payment(ana.pk, amount=Money(6000, "EUR"), by=SETUP, at=timezone.now())


@pytest.fixture
def ask_refund(ana, payment):
    """A function: a member of staff asks for a refund of Ana's payment in her case."""

    def ask(user: User, *roles: str, minor: int = 5000) -> Refund:
        ticket = prove(ana)
        by = Actor.agent(user.pk, name=str(user), roles=frozenset(roles))
        return request_refund_for_ticket(
            ticket.pk, payment_id=payment.pk, amount=Money(minor, "EUR"), reason="Paid twice", by=by, at=timezone.now()
        )

    return ask


@pytest.fixture
def dispute(ana) -> Dispute:
    """Ana disputes 11.90 EUR of a bill."""
    at = timezone.now()
    add_charge(ana.pk, amount=Money(1000, "EUR"), description="Internet", tax_rate=19, by=SETUP, at=at)
    invoice = issue_invoice(ana.pk, by=SETUP, at=at)
    return open_dispute_for_ticket(
        prove(ana).pk,
        line_id=invoice.lines.get().pk,
        amount=Money(1190, "EUR"),
        reason="duplicate",
        by=Actor.agent(99, name="Mia", roles=frozenset({"agent"})),
        at=at,
    )
