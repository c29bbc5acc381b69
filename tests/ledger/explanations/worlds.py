"""Accounts to explain, made through the product's own operations."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from ledger.billing.operations import run_billing
from ledger.catalogue.models import Price, Product
from ledger.customers.models import Customer
from ledger.invoices.models import Invoice
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.operations import start_subscription
from ledger.subscriptions.terms import Change, What
from tests.conftest import berlin
from tests.ledger.worlds import SYSTEM, open_ana

#: Before every first bill of these accounts.
EARLY = berlin(2026, 1, 5, 9)


def sell(
    code: str, minor: int, *, tax: str | None = "0", kind: str = "plan", valid_from: date = date(2025, 1, 1), **more
) -> Product:
    """Put something at a flat monthly price on sale."""
    product, _ = Product.objects.get_or_create(code=code, defaults={"name": code.capitalize(), "kind": kind})
    rate = None if tax is None else Decimal(tax)
    terms = {"amount_minor": minor, "currency": "EUR", **more}
    Price.objects.create(product=product, tax_rate=rate, valid_from=valid_from, **terms)
    return product


def subscribed(customer: Customer, plan: str, on: date, *, at: datetime = EARLY, **more: object) -> Subscription:
    """Start a subscription on a day."""
    return start_subscription(customer.pk, plan_code=plan, started_on=on, by=SYSTEM, at=at, **more)


def bills_of(customer: Customer, *, at: datetime) -> list[Invoice]:
    """Run the billing of a moment; return all bills the customer has, oldest first."""
    run_billing(at=at)
    return list(Invoice.objects.filter(customer=customer).order_by("pk"))


def change(subscription: Subscription, what: What, *, at: datetime, **wanted: object) -> SubscriptionChange:
    """Make a change of a subscription."""
    return apply_change(subscription.pk, Change(what, **wanted), by=SYSTEM, at=at)


def ana_upgrades(*, tax: str = "0") -> tuple[Subscription, SubscriptionChange, Invoice]:
    """Ana has Basic from 1 March and takes Plus on 16 March: 16 of 31 days are left."""
    sell("basic", 1000, tax=tax)
    sell("plus", 2500, tax=tax)
    ana = open_ana(at=EARLY)
    subscription = subscribed(ana, "basic", date(2026, 3, 1))
    bills_of(ana, at=berlin(2026, 3, 1, 6))
    changed = change(subscription, What.PLAN, plan="plus", at=berlin(2026, 3, 16, 11))
    return subscription, changed, Invoice.objects.order_by("-pk")[0]
