"""What every move of a payment plan begins and ends with: the lock, the check of the diagram, holds, the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import can_proceed

from ledger.customers.models import Customer
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.holds.models import Hold
from ledger.holds.operations import lift_holds, place_hold
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.instalments.queries import NoSuchPlan

Stop = Hold.Stop
#: What a plan stops on the bills it covers; its own instalments are charged as agreed.
STOPS = (Stop.COLLECTION.value, Stop.REMINDERS.value, Stop.FEES.value, Stop.RESTRICTION.value)


class PlanNotInState(DomainError):
    """The payment plan is not in a state in which this can be done."""


def lock_plan(plan_id: int) -> PaymentPlan:
    """Lock a plan and its customer for this transaction, the customer first.

    :raises NoSuchPlan: if there is none
    """
    found = PaymentPlan.objects.filter(pk=plan_id).values_list("customer_id", flat=True).first()
    if found is None:
        raise NoSuchPlan("There is no such payment plan.")
    customer = Customer.objects.select_for_update(no_key=True).get(pk=found)
    plan = PaymentPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    plan.customer = customer
    return plan


def parts_of(plan: PaymentPlan) -> list[Instalment]:
    """Return a locked plan's instalments in their order."""
    return list(Instalment.objects.filter(plan=plan).order_by("position"))


def check_move(plan: PaymentPlan, move: object, words: str) -> None:
    """Refuse a move the diagram does not have.

    :raises PlanNotInState: if it is not possible now
    """
    if not can_proceed(move):
        raise PlanNotInState(f"{plan.number} is {plan.get_state_display().lower()}; it cannot be {words}.")


def words_of(reason: str, *, most: int = 500) -> str:
    """Return a reason without blanks around it.

    :raises InvalidInput: if there is none, or too much of it
    """
    if not 1 <= len(reason.strip()) <= most:
        raise InvalidInput(f"Say why, in at most {most} characters.")
    return reason.strip()


def hold_bills(plan: PaymentPlan, *, by: Actor, at: datetime) -> None:
    """Stop reminders, fees, restriction and other collection on the covered bills; repeating it is harmless."""
    for bill in PlanBill.objects.filter(plan=plan).order_by("pk"):
        place_hold(
            plan.customer_id,
            kind=Hold.Kind.PAYMENT_PLAN,
            stops=STOPS,
            source=plan.source,
            why=f"Payment plan {plan.number}",
            invoice_id=bill.invoice_id,
            by=by,
            at=at,
        )


def free_bills(plan: PaymentPlan, *, by: Actor, at: datetime) -> None:
    """Give the bills of a plan that is over back to whatever follows, and lift its holds."""
    PlanBill.objects.filter(plan=plan, is_live=True).update(is_live=False)
    lift_holds(plan.source, by=by, at=at)


def record(kind: str, plan: PaymentPlan, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a plan, with what it covers."""
    record_event(
        kind,
        subject=plan,
        customer_id=plan.customer_id,
        by=by,
        at=at,
        **{
            "plan_id": plan.pk,
            "number": plan.number,
            "amount_minor": plan.covered_minor,
            "currency": plan.currency,
            "wording_hash": plan.wording_hash,
            "conversation": plan.conversation,
            **more,
        },
    )


def in_json(parts: list[Instalment]) -> list[dict[str, object]]:
    """Return what is still to be paid, as events keep it."""
    return [
        {"position": part.position, "due_on": part.due_on.isoformat(), "left_minor": part.left.minor}
        for part in parts
        if part.left
    ]
