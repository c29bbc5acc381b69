"""Overdue bills to begin with."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core import mail

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from tests.ledger.worlds import SYSTEM


def open_gil(at: datetime) -> Customer:
    """Open the account of Gil, a business in the United Kingdom."""
    return open_customer(
        name="Gil Ltd", country="GB", currency="GBP", kind="business", language="en-GB", time_zone="Europe/London",
        email="gil@example.com", by=SYSTEM, at=at,
    )  # fmt: skip


def owe(customer: Customer, minor: int, *, due_on: date, at: datetime) -> Invoice:
    """Bill an amount without tax, due on a day."""
    amount = Money(minor, customer.currency)
    charge = add_charge(customer.pk, amount=amount, description="Plus", tax_rate=Decimal(0), by=SYSTEM, at=at)
    issued_on = customer.local_day(at)
    return issue_invoice(
        customer.pk, charge_ids=[charge.pk], issued_on=issued_on, due_on=max(due_on, issued_on), by=SYSTEM, at=at
    )


def recorded(kind: str, customer: Customer) -> list[Event]:
    """Return the events of a kind about a customer, the oldest first."""
    return list(Event.objects.filter(kind=kind, customer_id=customer.pk).order_by("pk"))


def subjects() -> list[str]:
    """Return the subjects of the mails that went out."""
    return [message.subject for message in mail.outbox]
