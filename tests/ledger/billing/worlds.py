"""Customers with subscriptions, for the tests of the billing run."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.catalogue.models import Plan, Price
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.subscriptions.models import Subscription
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM


def plan_with_price(code: str = "plus", minor: int = 999, *, tax: int | None = 19, interval: str = "month") -> Plan:
    """Make a plan with a flat price in EUR, in force since 2024."""
    plan = Plan.objects.create(code=code, name=code.title(), interval=interval)
    Price.objects.create(product=plan, currency="EUR", amount_minor=minor, tax_rate=tax, valid_from=date(2020, 1, 1))
    return plan


def customer(name: str = "ana", *, zone: str = "Europe/Berlin", country: str = "DE", **more: Any) -> Customer:
    """Open an account with an address."""
    opened = open_customer(
        name=name.title(),
        country=country,
        email=f"{name}@example.com",
        by=SYSTEM,
        at=NOW,
        **{"currency": "EUR", **more},
    )
    Customer.objects.filter(pk=opened.pk).update(time_zone=zone)
    opened.refresh_from_db()
    return opened


def subscribe(of: Customer, plan: Plan, *, on: date = date(2026, 1, 31), **more: Any) -> Subscription:
    """Let a subscription run since a day, with nothing billed yet."""
    return Subscription.objects.create(
        customer=of, plan=plan, currency=of.currency, anchor_on=on, renews_on=on, started_at=NOW, **more
    )
