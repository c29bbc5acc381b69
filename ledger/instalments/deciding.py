"""approve_plan, decline_plan and cancel_plan: nobody approves what they proposed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ledger.authority import operations as authority
from ledger.customers.operations import refuse_own_account
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.instalments.models import PaymentPlan
from ledger.instalments.moving import check_move, free_bills, lock_plan, parts_of, record, words_of
from ledger.instalments.operations import ACT, OPEN_DAYS
from ledger.instalments.queries import NoSuchPlan


@transaction.atomic
def approve_plan(plan_id: int, *, by: Actor, at: datetime) -> PaymentPlan:
    """This will approve a plan above its proposer's limit: the customer can agree to it now.

    :raises PlanNotInState: if it does not wait for approval
    :raises ApproverIsRequester, ApprovalLimitExceeded: if it is not theirs to approve
    """
    plan = lock_plan(plan_id)
    refuse_own_account(by, plan.customer_id)
    check_move(plan, plan.approve, "approved")
    subject = f"paymentplan:{plan.pk}"
    if not authority.agree_to(ACT, subject, amount=plan.agreed, requested_by=plan.requested_by, by=by, at=at):
        return plan
    plan.approve(by=str(by), at=at, open_until=plan.customer.local_day(at) + timedelta(days=OPEN_DAYS))
    plan.save()
    first = parts_of(plan)[0]
    record(
        kinds.PAYMENT_PLAN_APPROVED, plan, by=by, at=at, open_until=plan.open_until.isoformat(), is_open=True,
        first_on=first.due_on.isoformat(), first_minor=first.amount_minor, parts=len(parts_of(plan)),
    )  # fmt: skip
    return plan


@transaction.atomic
def decline_plan(plan_id: int, *, reason: str, by: Actor, at: datetime) -> PaymentPlan:
    """This will refuse a plan that waits for approval; the bills stay due as they were.

    :raises PlanNotInState: if it does not wait for approval
    :raises ApprovalLimitExceeded: if they may not decide so much
    """
    plan = lock_plan(plan_id)
    refuse_own_account(by, plan.customer_id)
    check_move(plan, plan.decline, "declined")
    authority.check_approver(ACT, plan.agreed, requested_by=plan.requested_by, by=by)
    why = words_of(reason)
    authority.close_declined(f"paymentplan:{plan.pk}", reason=why, by=by, at=at)
    plan.decline(by=str(by), at=at, reason=why)
    plan.save()
    free_bills(plan, by=by, at=at)
    record(kinds.PAYMENT_PLAN_DECLINED, plan, by=by, at=at, reason=why, requested_by=plan.requested_by)
    return plan


@transaction.atomic
def cancel_plan(plan_id: int, *, reason: str, by: Actor, at: datetime) -> PaymentPlan:
    """This will call a plan off: what is left is due as the bills say, and its holds are lifted.

    :raises NoSuchPlan: if a customer names somebody else's
    :raises PlanNotInState: if it is over
    """
    plan = lock_plan(plan_id)
    refuse_own_account(by, plan.customer_id)
    if by.kind == ActorKind.CUSTOMER and by.customer_id != plan.customer_id:
        raise NoSuchPlan("There is no such payment plan.")
    check_move(plan, plan.cancel, "called off")
    authority.close_cancelled(f"paymentplan:{plan.pk}", by=by, at=at)
    was_running = plan.state == PaymentPlan.State.ACTIVE
    plan.cancel(by=str(by), at=at, reason=words_of(reason))
    plan.save()
    free_bills(plan, by=by, at=at)
    left = sum(part.left.minor for part in parts_of(plan))
    record(
        kinds.PAYMENT_PLAN_CANCELLED, plan, by=by, at=at, reason=plan.close_reason, left_minor=left,
        was_running=was_running,
    )  # fmt: skip
    return plan
