"""keep_plans: what the clock does to payment plans - lapse offers, charge on the day, miss, cure, default."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from ledger.authority import operations as authority
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.holds.queries import is_protected
from ledger.instalments.following import follow_plan
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.instalments.moving import free_bills, lock_plan, parts_of, record
from ledger.instalments.queries import OPEN_INSTALMENT
from ledger.instalments.wording import CURE_DAYS
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.attempt_models import Attempt, Collection
from ledger.payments.circuit import GatewayResting
from ledger.payments.collecting import GAVE_UP, NOT_NEEDED, CollectionInProgress, collect_invoice
from ledger.workdays import next_workday

log = logging.getLogger(__name__)

BY = Actor.system("payment plans")
State = Instalment.State
#: So many days before its day the customer is reminded of an instalment.
NOTICE_DAYS = 3


def keep_plans(*, at: datetime) -> int:
    """This will bring every live plan to where the clock has it; return how many there are. Safe to run at any time:
    each plan is a transaction of its own, and a charge is tried once a day.
    """
    soon = (at + timedelta(days=1 + NOTICE_DAYS)).date()
    has_something = Q(
        state=PaymentPlan.State.ACTIVE, instalments__due_on__lte=soon, instalments__state__in=OPEN_INSTALMENT
    )
    lapsing = Q(state__in=[PaymentPlan.State.PROPOSED, PaymentPlan.State.WAITING_APPROVAL], open_until__lte=soon)
    ids = PaymentPlan.objects.filter(has_something | lapsing).order_by("pk").values_list("pk", flat=True).distinct()
    found = list(ids)
    for plan_id in found:
        try:
            keep_plan(plan_id, at=at)
        except DomainError as refusal:
            log.warning("payment plan %s was not kept up: %s", plan_id, refusal)
    return len(found)


def keep_plan(plan_id: int, *, at: datetime) -> None:
    """This will do for one plan what is due: lapse it, or charge, notice, and in the end default."""
    if _lapse(plan_id, at=at):
        return
    follow_plan(plan_id, by=BY, at=at)
    _announce(plan_id, at=at)
    charge_plan(plan_id, at=at)
    follow_plan(plan_id, by=BY, at=at)
    _miss(plan_id, at=at)
    _default(plan_id, at=at)


@transaction.atomic
def _lapse(plan_id: int, *, at: datetime) -> bool:
    """Call off a plan nobody agreed to in time."""
    plan = lock_plan(plan_id)
    if plan.state not in (PaymentPlan.State.PROPOSED, PaymentPlan.State.WAITING_APPROVAL):
        return False
    if plan.customer.local_day(at) <= plan.open_until:
        return False
    authority.close_cancelled(f"paymentplan:{plan.pk}", by=BY, at=at)
    plan.cancel(by=str(BY), at=at, reason="It was not agreed to in time.")
    plan.save()
    free_bills(plan, by=BY, at=at)
    record(kinds.PAYMENT_PLAN_CANCELLED, plan, by=BY, at=at, reason=plan.close_reason, left_minor=plan.covered_minor,
           was_running=False)  # fmt: skip
    return True


@transaction.atomic
def _announce(plan_id: int, *, at: datetime) -> None:
    """Tell of the next instalment some days before its day, once."""
    plan = lock_plan(plan_id)
    if plan.state != PaymentPlan.State.ACTIVE:
        return
    today = plan.customer.local_day(at)
    for part in parts_of(plan):
        near = today < part.due_on <= today + timedelta(days=NOTICE_DAYS)
        if part.state == State.DUE and part.left and near and part.announced_on is None:
            part.announced_on = today
            part.save(update_fields=["announced_on"])
            _record_part(kinds.INSTALMENT_COMING, plan, part, at=at, is_charged=plan.charges_automatically)


def charge_plan(plan_id: int, *, at: datetime) -> None:
    """This will charge the instalments whose day has come to the method on file, each once: the oldest bill first.

    Must not run inside a transaction: the gateway is asked in between. Why nothing was charged is recorded.
    """
    for invoice_id, amount, source in _to_charge(plan_id, at=at):
        try:
            collect_invoice(invoice_id, amount=amount, trigger="schedule", despite=source, by=BY, at=at)
        except (GatewayResting, CollectionInProgress) as trouble:
            _not_charged(plan_id, amount, str(trouble), is_ours=True, at=at)
        except DomainError as refusal:
            _not_charged(plan_id, amount, str(refusal), at=at)


@transaction.atomic
def _to_charge(plan_id: int, *, at: datetime) -> list[tuple[int, Money, str]]:
    """Return which bills to charge with how much, and remember that it was tried."""
    plan = lock_plan(plan_id)
    if plan.state != PaymentPlan.State.ACTIVE or not plan.charges_automatically:
        return []
    today, wanted = plan.customer.local_day(at), Money(0, plan.currency)
    bills = _bills(plan)
    for part in parts_of(plan):
        is_due = part.state == State.DUE and part.left and part.due_on <= today
        if is_due and (part.tried_on is None or _never_asked(bills, since=part.tried_on)):
            part.tried_on = today
            part.save(update_fields=["tried_on"])
            wanted = wanted + part.left
    charges = []
    for invoice in Invoice.objects.filter(pk__in=bills, state=Invoice.State.OPEN).order_by("due_on", "pk"):
        amount = min(wanted, invoice.due_amount)
        if amount.minor > 0:
            charges.append((invoice.pk, amount, plan.source))
            wanted = wanted - amount
    return charges


def _bills(plan: PaymentPlan) -> list[int]:
    return list(PlanBill.objects.filter(plan=plan).values_list("invoice_id", flat=True))


def _never_asked(bills: list[int], *, since: date) -> bool:
    """Return whether the last try ended without the bank having heard of it: our fault, so it is tried again."""
    last = Attempt.objects.filter(invoice__in=bills, trigger=Attempt.Trigger.SCHEDULE, started_at__date__gte=since)
    newest = last.order_by("-pk").first()
    return newest is not None and newest.failure_code in (NOT_NEEDED, GAVE_UP)


def _is_under_way(plan: PaymentPlan) -> bool:
    """Return whether a payment of one of the bills waits for its answer."""
    return Collection.objects.filter(invoice__in=_bills(plan), closed_at=None).exists()


@transaction.atomic
def _not_charged(plan_id: int, amount: Money, why: str, *, is_ours: bool = False, at: datetime) -> None:
    """Record why nothing was charged; where the fault is ours it is tried again with the next run."""
    plan = lock_plan(plan_id)
    if is_ours:
        Instalment.objects.filter(plan=plan, state=State.DUE, tried_on__isnull=False).update(tried_on=None)
        return
    record(kinds.INSTALMENT_NOT_CHARGED, plan, by=BY, at=at, why=why, part_minor=amount.minor)


@transaction.atomic
def _miss(plan_id: int, *, at: datetime) -> None:
    """Mark what was not paid by the end of its day, and say until when it can be made good."""
    plan = lock_plan(plan_id)
    if plan.state != PaymentPlan.State.ACTIVE or _is_under_way(plan):
        return
    customer, today = plan.customer, plan.customer.local_day(at)
    for part in parts_of(plan):
        if part.state == State.DUE and part.left and part.due_on < today:
            # Counted from the day it is told, so that a worker that was down takes no day from the customer.
            part.miss(cure_until=next_workday(_cure_day(today), customer.country, customer.region))
            part.save()
            _record_part(kinds.INSTALMENT_MISSED, plan, part, at=at, cure_until=str(part.cure_until))


def _cure_day(today: date) -> date:
    return today + timedelta(days=CURE_DAYS)


@transaction.atomic
def _default(plan_id: int, *, at: datetime) -> None:
    """End a plan whose missed instalment was not made good in time: holds are lifted, what follows goes on.

    While help in hardship, or a payment, is under way nobody defaults.
    """
    plan = lock_plan(plan_id)
    if plan.state != PaymentPlan.State.ACTIVE:
        return
    today, parts = plan.customer.local_day(at), parts_of(plan)
    late = [part for part in parts if part.state == State.MISSED and part.cure_until and part.cure_until < today]
    if not late or _is_under_way(plan) or is_protected(plan.customer_id, at=at):
        return
    plan.default(by=str(BY), at=at, reason=f"Instalment {late[0].position} was not made good by {late[0].cure_until}.")
    plan.save()
    free_bills(plan, by=BY, at=at)
    left = sum(part.left.minor for part in parts)
    record(kinds.PAYMENT_PLAN_DEFAULTED, plan, by=BY, at=at, left_minor=left, reason=plan.close_reason)


def _record_part(kind: str, plan: PaymentPlan, part: Instalment, *, at: datetime, **more: object) -> None:
    record(
        kind, plan, by=BY, at=at, position=part.position, due_on=part.due_on.isoformat(), part_minor=part.left.minor,
        **more,
    )  # fmt: skip
