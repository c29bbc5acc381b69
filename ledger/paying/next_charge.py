"""When a customer is charged next, for what and how much: the bills that are open, then those that are to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from ledger.customers.queries import get_customer
from ledger.errors import DomainError
from ledger.invoices.building import PAYMENT_TERM_DAYS
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.choice_models import MethodChoice
from ledger.payments.models import PaymentMethod
from ledger.payments.retry_models import Retry
from ledger.subscriptions.forecast import Forecast, forecast
from ledger.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class Scope:
    """What a choice is for: one plan, one bill, or (neither) everything else."""

    subscription_id: int | None = None
    invoice_id: int | None = None


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class NextCharge:
    """What is charged next: on which day, for what, how much; `is_exact` is False where use decides the amount."""

    on: date
    what: str
    amount: Money
    is_exact: bool = True


def next_charge(customer_id: int, scope: Scope, *, at: datetime) -> NextCharge | None:
    """Return what a choice is used for first; None when nothing is to be charged as far as we can see.

    Bills and plans with a choice of their own are left out of everything else.
    """
    today = get_customer(customer_id).local_day(at)
    found = [_of_bill(bill, today) for bill in _open_bills(customer_id, scope)]
    if scope.invoice_id is None:
        found += [each for plan in _plans(customer_id, scope) if (each := _of_plan(plan, today, at=at))]
    return min(found, key=lambda each: each.on, default=None)


def _open_bills(customer_id: int, scope: Scope) -> list[Invoice]:
    bills = Invoice.objects.filter(customer_id=customer_id, state=Invoice.State.OPEN)
    if scope.invoice_id is not None:
        bills = bills.filter(pk=scope.invoice_id)
    else:
        own = MethodChoice.objects.filter(customer_id=customer_id, state=MethodChoice.State.IN_FORCE)
        bills = bills.exclude(pk__in=own.exclude(Q(invoice=None) | Q(method=None)).values("invoice_id"))
    if scope.subscription_id is not None:
        bills = bills.filter(source=f"subscription:{scope.subscription_id}")
    elif scope == EVERYTHING:
        chosen = _plans_with_a_choice(customer_id)
        bills = bills.exclude(source__in=[f"subscription:{pk}" for pk in chosen])
    return [bill for bill in bills.order_by("due_on", "pk")[:50] if bill.due_amount.minor > 0]


def _plans_with_a_choice(customer_id: int) -> list[int]:
    found = Subscription.objects.filter(
        customer_id=customer_id, method_choices__state="in_force", method_choices__method__isnull=False
    )
    return list(found.values_list("pk", flat=True))


def _of_bill(bill: Invoice, today: date) -> NextCharge:
    """Return when an open bill is charged: when it is tried again, else when it is due, today at the earliest."""
    again = Retry.objects.filter(invoice=bill, state=Retry.State.PLANNED).order_by("planned_for").first()
    on = bill.customer.local_day(again.planned_for) if again else bill.due_on
    return NextCharge(max(on, today), bill.number, bill.due_amount)


def _plans(customer_id: int, scope: Scope) -> list[Subscription]:
    found = Subscription.objects.filter(customer_id=customer_id).select_related("plan")
    if scope.subscription_id is not None:
        found = found.filter(pk=scope.subscription_id)
    else:
        found = found.exclude(pk__in=_plans_with_a_choice(customer_id))
    return list(found)


def _of_plan(plan: Subscription, today: date, *, at: datetime) -> NextCharge | None:
    """Return when the next bill of a plan falls due; None when no bill comes, or nobody can say."""
    try:
        bills: list[Forecast] = forecast(plan.pk, at=at, bills=1)
    except DomainError:
        return None
    if not bills or bills[0].likely.minor <= 0:
        return None
    bill = bills[0]
    due_on = max(bill.on, today) + timedelta(days=PAYMENT_TERM_DAYS)
    return NextCharge(due_on, plan.plan.name, bill.likely, bill.is_exact)


def pays_until(method: PaymentMethod, charge: NextCharge | None) -> bool:
    """Return whether a card is still valid on the day it is used next."""
    return charge is None or method.expires_on is None or method.expires_on >= charge.on
