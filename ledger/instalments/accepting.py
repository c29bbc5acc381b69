"""accept_plan: the customer agrees to exactly the words they were shown; the plan begins and its holds are placed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.acceptance import Acceptance
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.instalments.acceptance import PlanAcceptance
from ledger.instalments.models import PaymentPlan, PlanBill
from ledger.instalments.moving import check_move, hold_bills, lock_plan, parts_of, record
from ledger.instalments.queries import NoSuchPlan
from ledger.invoices.models import Invoice


class PlanIsOver(DomainError):
    """The plan can no longer be accepted: its time has passed, or the bills have changed since."""


@transaction.atomic
def accept_plan(
    plan_id: int, *, acceptance: Acceptance, proof: IdentityProof | None = None, by: Actor, at: datetime
) -> PaymentPlan:
    """This will begin a plan: the customer's yes is kept with the words it was given to, reminders, fees, restriction
    and other collection stop on its bills.

    Customers accept for themselves in the portal; whoever takes it down for them needs a proof of who they are.

    :raises WordingDiffers: if the text accepted is another one
    :raises PlanIsOver: if it was open until earlier, its first day has passed, or the bills changed since
    :raises ProofMissing: if nobody knows that it was the customer
    """
    plan = lock_plan(plan_id)
    refuse_own_account(by, plan.customer_id)
    if by.kind == ActorKind.CUSTOMER and by.customer_id != plan.customer_id:
        raise NoSuchPlan("There is no such payment plan.")
    acceptance.check(proof, customer_id=plan.customer_id, shown_at=plan.requested_at, by=by, at=at)
    check_move(plan, plan.accept, "agreed to")
    acceptance.check_wording(plan.wording_hash)
    _check_open(plan, at=at)
    plan.accept(at=at)
    plan.save()
    kept = _keep(plan, acceptance, proof, by=by, at=at)
    hold_bills(plan, by=by, at=at)
    first = parts_of(plan)[0]
    record(
        kinds.PAYMENT_PLAN_AGREED, plan, by=by, at=at, accepted_by=kept.accepted_by, channel=kept.channel,
        contact_point=acceptance.contact_point_id, wording_version=kept.wording_version, proof=kept.proof_reference,
        first_on=first.due_on.isoformat(), first_minor=first.amount_minor, parts=len(parts_of(plan)),
    )  # fmt: skip
    return plan


def _check_open(plan: PaymentPlan, *, at: datetime) -> None:
    today = plan.customer.local_day(at)
    if today > min(plan.open_until, parts_of(plan)[0].due_on):
        raise PlanIsOver(f"{plan.number} could be agreed to until {plan.open_until}; please ask for a new plan.")
    bills = PlanBill.objects.filter(plan=plan).values_list("invoice_id", "covered_minor")
    due = {one.pk: one.due_amount.minor for one in Invoice.objects.filter(pk__in=[pk for pk, _ in bills])}
    if any(due[pk] != covered for pk, covered in bills):
        raise PlanIsOver("What is due on these bills has changed since; please ask for a new plan.")


def _keep(
    plan: PaymentPlan, acceptance: Acceptance, proof: IdentityProof | None, *, by: Actor, at: datetime
) -> PlanAcceptance:
    return PlanAcceptance.objects.create(
        plan=plan,
        wording_version=plan.wording_version,
        **acceptance.columns(proof, person=plan.customer.name, by=by, at=at),
    )
