"""Small worlds the ledger's tests begin from, built through the product's own operations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.customers.proof import IdentityProof
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.payments.operations import record_payment
from tests.conftest import NOW

SYSTEM = Actor.system("test")


def eur(minor: int) -> Money:
    """Return so many cents."""
    return Money(minor, "EUR")


def open_ana(*, at: datetime = NOW, email: str = "ana@example.com") -> Customer:
    """Open the account of Ana, a consumer in Germany."""
    return open_customer(name="Ana Berg", country="DE", currency="EUR", language="de-DE", email=email, by=SYSTEM, at=at)


def prove(customer: Customer, *, at: datetime = NOW, level: int = 2, minutes: int = 30) -> IdentityProof:
    """Return a proof as verification would hand out."""
    return IdentityProof(
        reference="check:1",
        customer_id=customer.pk,
        conversation="ticket:1",
        level=level,
        proved_at=at,
        expires_at=at + timedelta(minutes=minutes),
        may_move_money=True,
    )


def bill(customer: Customer, *minor: int, tax: int = 0, at: datetime = NOW) -> Invoice:
    """Charge each net amount and bill them together on 1 March."""
    charges = [
        add_charge(
            customer.pk,
            amount=eur(amount),
            description=f"Plus {number}",
            tax_rate=Decimal(tax),
            charged_on=date(2026, 3, 1),
            by=SYSTEM,
            at=at,
        )
        for number, amount in enumerate(minor, start=1)
    ]
    return issue_invoice(customer.pk, charge_ids=[charge.pk for charge in charges], by=SYSTEM, at=at)


def pay(customer: Customer, minor: int, *, at: datetime = NOW) -> Payment:
    """Receive a card payment."""
    return record_payment(customer.pk, amount=eur(minor), card_last4="4242", by=SYSTEM, at=at)
