"""Every read of payment plans worth a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from ledger.errors import NotFound
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.invoices.models import Invoice
from ledger.invoices.queries import open_invoices
from ledger.money import Money

OPEN_INSTALMENT = (Instalment.State.DUE, Instalment.State.MISSED)


class NoSuchPlan(NotFound):
    """There is no such payment plan, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a plan is: the parts add up to what it covers."""

    paid: Money
    left: Money
    waived: Money
    next_one: Instalment | None


def _with_parts(found: QuerySet[PaymentPlan]) -> QuerySet[PaymentPlan]:
    return found.select_related("customer", "acceptance").prefetch_related(
        Prefetch("instalments", Instalment.objects.order_by("position")),
        Prefetch("bills", PlanBill.objects.select_related("invoice").order_by("pk")),
    )


def plans_of(customer_id: int, *, limit: int = 24) -> list[PaymentPlan]:
    """Return a customer's payment plans with their instalments and bills, the newest first."""
    return list(_with_parts(PaymentPlan.objects.filter(customer_id=customer_id)).order_by("-pk")[:limit])


def get_plan(plan_id: int, *, customer_id: int | None = None) -> PaymentPlan:
    """Return a plan with its instalments and bills, of this customer when one is named.

    :raises NoSuchPlan: if there is none, or it is another customer's
    """
    found = PaymentPlan.objects.filter(pk=plan_id)
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    plan = _with_parts(found).first()
    if plan is None:
        raise NoSuchPlan("There is no such payment plan.")
    return plan


def progress_of(plan: PaymentPlan) -> Progress:
    """Return how far a plan is, with the instalment to pay next."""
    parts = sorted(plan.instalments.all(), key=lambda part: part.position)
    nothing = Money(0, plan.currency)
    return Progress(
        paid=sum((part.paid for part in parts), nothing),
        left=sum((part.left for part in parts), nothing),
        waived=Money(sum(part.waived_minor for part in parts), plan.currency),
        next_one=next((part for part in parts if part.left and part.state in OPEN_INSTALMENT), None),
    )


def bills_to_cover(customer_id: int) -> list[Invoice]:
    """Return the open bills a plan could cover: something is due, and no live plan has them; the oldest debt first."""
    taken = PlanBill.objects.filter(is_live=True).values("invoice_id")
    found = open_invoices(customer_id).exclude(pk__in=taken)
    return [invoice for invoice in found if invoice.due_amount.minor > 0]


def live_plan_of(invoice_id: int) -> PaymentPlan | None:
    """Return the live plan that covers a bill, if there is one."""
    return PaymentPlan.objects.filter(bills__invoice_id=invoice_id, bills__is_live=True).first()


def instalments_due(customer_id: int, *, until: date) -> Sequence[Instalment]:
    """Return what a customer has still to pay in instalments up to and including a day, the first due first."""
    found = Instalment.objects.filter(
        plan__customer_id=customer_id,
        plan__state=PaymentPlan.State.ACTIVE,
        state__in=OPEN_INSTALMENT,
        due_on__lte=until,
    )
    return [part for part in found.select_related("plan").order_by("due_on", "pk") if part.left]
