"""follow_plan: the instalments of a running plan say what its bills say, whatever moved them and in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.instalments.moving import free_bills, in_json, lock_plan, parts_of, record
from ledger.instalments.spreading import Facts, Followed, Share, follow
from ledger.invoices.models import Invoice
from ledger.workdays import next_workday

State = Instalment.State
#: When a disputed amount is owed again after the last day of the plan, so many days are left to pay it.
OWED_AGAIN_DAYS = 30


@dataclass(frozen=True, slots=True)
class _Bills:
    """What the covered bills say now; `away` is what is in dispute since the plan began and may come back."""

    facts: Facts
    away: int


@transaction.atomic
def follow_plan(plan_id: int, *, by: Actor, at: datetime) -> PaymentPlan:
    """This will count payments to the oldest instalments, shorten the plan from its end by what was credited, take out
    what is disputed and spread the rest anew, and close the plan when nothing is left. Repeating it changes nothing.
    """
    plan = lock_plan(plan_id)
    if plan.state != PaymentPlan.State.ACTIVE:
        return plan
    today = plan.customer.local_day(at)
    parts, bills = parts_of(plan), _read_bills(plan)
    followed = follow([_share(part, today) for part in parts], bills.facts)
    if _write(plan, parts, followed, today=today, at=at):
        _tell(plan, parts, followed, by=by, at=at)
    if not followed.left and not bills.away:
        _close(plan, parts, today=today, by=by, at=at)
    return plan


def follow_plans_of(customer_id: int, *, by: Actor, at: datetime) -> int:
    """Follow every running plan of a customer; return how many there are."""
    running = PaymentPlan.objects.filter(customer_id=customer_id, state=PaymentPlan.State.ACTIVE)
    ids = list(running.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        follow_plan(pk, by=by, at=at)
    return len(ids)


def _share(part: Instalment, today: date) -> Share:
    return Share(part.amount_minor, part.paid_minor, part.waived_minor, part.due_on >= today)


def _read_bills(plan: PaymentPlan) -> _Bills:
    """Read the covered bills in one statement, and remember what is disputed of them."""
    bills = list(PlanBill.objects.filter(plan=plan).order_by("pk"))
    invoices = Invoice.objects.in_bulk([bill.invoice_id for bill in bills])
    paid = due = disputed = away = 0
    for bill in bills:
        invoice = invoices[bill.invoice_id]
        # A bill that was given up is asked for from nobody: it leaves the plan like a credit.
        due += invoice.due_amount.minor if invoice.state == Invoice.State.OPEN else 0
        paid += invoice.paid_minor - bill.paid_before_minor
        disputed += max(invoice.disputed_minor - bill.disputed_seen_minor, 0)
        away += max(invoice.disputed_minor - bill.disputed_before_minor, 0)
        if bill.disputed_seen_minor != invoice.disputed_minor:
            bill.disputed_seen_minor = invoice.disputed_minor
            bill.save(update_fields=["disputed_seen_minor"])
    return _Bills(Facts(paid, due, disputed), away)


def _write(
    plan: PaymentPlan, parts: Sequence[Instalment], followed: Followed, *, today: date, at: datetime
) -> list[Instalment]:
    """Write the instalments that changed, and what the plan covers; return the changed ones."""
    changed = []
    for part, share in zip(parts, followed.shares, strict=True):
        if (part.amount_minor, part.paid_minor, part.waived_minor) == (share.amount, share.paid, share.waived):
            continue
        part.amount_minor, part.paid_minor, part.waived_minor = share.amount, share.paid, share.waived
        _move(part, plan, today=today, at=at)
        part.save()
        changed.append(part)
    covered = sum(share.amount for share in followed.shares)
    if covered != plan.covered_minor:
        plan.covered_minor = covered
        plan.save(update_fields=["covered_minor"])
    return changed


def _move(part: Instalment, plan: PaymentPlan, *, today: date, at: datetime) -> None:
    is_open = part.state in (State.DUE, State.MISSED)
    if part.left and not is_open:
        part.reopen()
        if part.due_on < today:
            customer = plan.customer
            later = today + timedelta(days=OWED_AGAIN_DAYS)
            part.due_on, part.tried_on = next_workday(later, customer.country, customer.region), None
    elif is_open and not part.left:
        if part.paid_minor:
            part.pay(at=at)
        else:
            part.waive(at=at)


def _tell(plan: PaymentPlan, parts: list[Instalment], followed: Followed, *, by: Actor, at: datetime) -> None:
    """Record what became of the instalments: a change the customer is told of, else what was counted."""
    changes = {"disputed": followed.disputed, "credited": followed.credited, "owed_again": followed.owed_again}
    left = in_json(parts)
    for why, minor in changes.items():
        if minor:
            record(
                kinds.PAYMENT_PLAN_CHANGED, plan, by=by, at=at, why=why, part_minor=minor, left=left,
                left_minor=followed.left,
            )  # fmt: skip
    if not any(changes.values()):
        record(kinds.INSTALMENT_PAID, plan, by=by, at=at, left=left, left_minor=followed.left)


def _close(plan: PaymentPlan, parts: Sequence[Instalment], *, today: date, by: Actor, at: datetime) -> None:
    last_paid = max((part.due_on for part in parts if part.paid_minor), default=None)
    is_early = last_paid is None or today < last_paid
    if is_early:
        plan.settle_early(by=str(by), at=at)
    else:
        plan.keep(by=str(by), at=at)
    plan.save()
    free_bills(plan, by=by, at=at)
    kind = kinds.PAYMENT_PLAN_SETTLED_EARLY if is_early else kinds.PAYMENT_PLAN_KEPT
    paid = sum(part.paid_minor for part in parts)
    record(kind, plan, by=by, at=at, paid_minor=paid)
