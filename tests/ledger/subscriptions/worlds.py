"""What the tests of subscriptions begin from: plans with prices, a customer, a bill; and what was billed, read back."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime, timedelta

from ledger.billing.operations import run_billing
from ledger.books.queries import customer_balances
from ledger.customers.models import Customer
from ledger.invoices.models import CreditNoteLine, InvoiceLine
from ledger.models import AddOn, Plan, Price, Product, Subscription
from ledger.money import Money
from ledger.subscriptions.operations import start_subscription
from tests.ledger.worlds import SYSTEM, open_ana, pay

SINCE = date(2020, 1, 1)


def sell(code: str, minor: int, *, tax: int | None = 19, kind: type = Plan, since: date = SINCE, **more) -> Product:
    """Put something on sale for a flat price per unit."""
    product = kind.objects.create(code=code, name=code.capitalize(), **more)
    price = {"model": "per_unit", "unit_minor": minor}
    Price.objects.create(product_id=product.pk, currency="EUR", tax_rate=tax, valid_from=since, **price)
    return product


def sell_all(**tax) -> None:
    """Put Basic, Plus, Plus-Y and the add-on Extra on sale, as in the reference world."""
    sell("basic", 1000, features=["Mail"], **tax)
    sell("plus", 2500, features=["Mail", "Chat"], **tax)
    sell("plus-y", 25000, interval="year", features=["Mail", "Chat"], **tax)
    sell("extra", 500, kind=AddOn, features=["Backup"], **tax)


def subscribed(code: str = "basic", *, at: datetime, customer: Customer | None = None, **more) -> Subscription:
    """Start a subscription and bill its first period."""
    customer = customer or open_ana(at=at)
    subscription = start_subscription(customer.pk, plan_code=code, by=SYSTEM, at=at, **more)
    run_billing(at=at)
    return again(subscription)


def again(subscription: Subscription) -> Subscription:
    """Read it as it stands now."""
    return Subscription.objects.select_related("plan", "customer").get(pk=subscription.pk)


def paid(subscription: Subscription, minor: int, *, at: datetime) -> None:
    """Pay by card."""
    pay(subscription.customer, minor, at=at)


def owes(subscription: Subscription) -> Money:
    """Return what the customer owes, less what they have as credit."""
    held = customer_balances(subscription.customer_id)
    nothing = Money(0, subscription.currency)
    accounts = ("receivable", "receivable_disputed")
    owed = sum((held.get((name, subscription.currency), nothing) for name in accounts), nothing)
    return owed - held.get(("customer_credit", subscription.currency), nothing)


def net_billed(subscription: Subscription) -> int:
    """Return what was billed less what was credited, without tax, from the bills and credit notes themselves."""
    lines = InvoiceLine.objects.filter(charge__source=f"subscription:{subscription.pk}")
    credited = CreditNoteLine.objects.filter(line__in=lines)
    return sum(line.net_minor for line in lines) - sum(part.net_minor for part in credited)


def days_billed(subscription: Subscription) -> dict[str, dict[date, int]]:
    """Return by product how often each day was billed and not given back, as bills and credit notes say in words."""
    counted: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    lines = InvoiceLine.objects.filter(charge__source=f"subscription:{subscription.pk}").select_related("charge")
    for line in lines.order_by("pk"):
        charge, end = line.charge, line.charge.period_end
        for part in CreditNoteLine.objects.filter(line=line).select_related("note"):
            spans = re.findall(rf"{charge.basis['name']}: (\S+) to {_last(end)} not used", part.note.reason)
            end = min([end, *(date.fromisoformat(begin) for begin in spans if begin >= str(charge.period_start))])
        day = charge.period_start
        while day < end:
            counted[charge.basis["product"]][day] += 1
            day += timedelta(days=1)
    return counted


def _last(end: date) -> str:
    return (end - timedelta(days=1)).isoformat()
