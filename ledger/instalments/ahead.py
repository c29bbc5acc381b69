"""What a customer has to pay in the next days: bills, instalments and the bills to come, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ledger.customers.queries import get_customer
from ledger.errors import DomainError
from ledger.instalments.models import PlanBill
from ledger.instalments.queries import instalments_due
from ledger.invoices.queries import open_invoices
from ledger.money import Money
from ledger.subscriptions.forecast import forecast
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.queries import subscriptions_of

DAYS = 60
#: Bills asked of the forecast: enough for a weekly plan over the days shown.
BILLS = DAYS // 7 + 1
RUNNING = (Subscription.State.TRIAL, Subscription.State.ACTIVE, Subscription.State.PAST_DUE, Subscription.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Obligation:
    """One amount to pay on a day: a bill, an instalment, or a bill to come; `number` names it, `pk` leads to it.

    What is overdue stands on today. Where use decides, the amount is the likely one.
    """

    on: date
    kind: str
    number: str
    amount: Money
    pk: int
    is_overdue: bool = False
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything to pay from today on, the nearest first, with what it comes to; `unknown` could not be forecast."""

    today: date
    until: date
    items: tuple[Obligation, ...]
    total: Money
    unknown: tuple[str, ...] = ()

    @property
    def overdue(self) -> Money:
        """What should have been paid already."""
        late = (item.amount for item in self.items if item.is_overdue)
        return sum(late, Money(0, self.total.currency))

    def needed_by(self) -> list[tuple[date, Money]]:
        """Return how much will have been needed in all by each day on which something is due."""
        running, days = Money(0, self.total.currency), dict[date, Money]()
        for item in self.items:
            running = running + item.amount
            days[item.on] = running
        return sorted(days.items())


def obligations(customer_id: int, *, at: datetime, days: int = DAYS) -> Ahead:
    """Return what a customer has to pay within some days; what a running plan covers counts by its instalments."""
    customer = get_customer(customer_id)
    today = customer.local_day(at)
    until = today + timedelta(days=days)
    coming, unknown = _coming(customer_id, until, at=at)
    items = [*_bills(customer_id, today, until), *_instalments(customer_id, today, until), *coming]
    ordered = tuple(sorted(items, key=lambda item: (item.on, not item.is_overdue, item.kind, item.pk)))
    total = sum((item.amount for item in ordered), Money(0, customer.currency))
    return Ahead(today, until, ordered, total, tuple(unknown))


def _bills(customer_id: int, today: date, until: date) -> Sequence[Obligation]:
    in_plans = set(
        PlanBill.objects.filter(plan__customer_id=customer_id, plan__state="active", is_live=True).values_list(
            "invoice_id", flat=True
        )
    )
    return [
        Obligation(
            max(bill.due_on, today), "bill", bill.number, bill.due_amount, bill.pk, is_overdue=bill.due_on < today
        )
        for bill in open_invoices(customer_id)
        if bill.pk not in in_plans and bill.due_on <= until and bill.due_amount.minor > 0
    ]


def _instalments(customer_id: int, today: date, until: date) -> Sequence[Obligation]:
    return [
        Obligation(
            max(part.due_on, today), "instalment", f"{part.plan.number}/{part.position}", part.left, part.plan_id,
            is_overdue=part.due_on < today,
        )
        for part in instalments_due(customer_id, until=until)
    ]  # fmt: skip


def _coming(customer_id: int, until: date, *, at: datetime) -> tuple[list[Obligation], list[str]]:
    """Return the bills that will be made, and the plans of which nobody can say."""
    found, unknown = list[Obligation](), list[str]()
    for subscription in subscriptions_of(customer_id):
        if subscription.state not in RUNNING:
            continue
        try:
            bills = forecast(subscription.pk, at=at, bills=BILLS if subscription.plan.interval == "week" else 3)
        except DomainError:
            unknown.append(subscription.plan.name)
            continue
        found += [
            Obligation(bill.on, "coming", subscription.plan.name, bill.likely, subscription.pk, is_exact=bill.is_exact)
            for bill in bills
            if bill.on <= until and bill.likely.minor > 0
        ]
    return found, unknown
