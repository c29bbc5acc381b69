"""accept_plan: the customer agrees to exactly the words they were shown; the plan begins and its holds are placed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof, ProofMissing
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.instalments.acceptance import PlanAcceptance
from ledger.instalments.models import PaymentPlan, PlanBill
from ledger.instalments.moving import check_move, hold_bills, lock_plan, parts_of, record
from ledger.instalments.queries import NoSuchPlan
from ledger.invoices.models import Invoice

#: How well somebody must be known whose yes is taken down for them: a one-time code, or the portal.
PROOF_LEVEL = 2
Channel = PlanAcceptance.Channel


class PlanIsOver(DomainError):
    """The plan can no longer be accepted: its time has passed, or the bills have changed since."""


class WordingDiffers(DomainError):
    """What was accepted is not the text of this plan."""


@dataclass(frozen=True, slots=True)
class PlanConsent:
    """How the customer said yes: to which words (their hash), and by which way."""

    wording_hash: str
    channel: str = Channel.PORTAL.value
    accepted_by: str = ""
    ip_address: str | None = None
    user_agent: str = ""


@transaction.atomic
def accept_plan(
    plan_id: int, *, consent: PlanConsent, proof: IdentityProof | None = None, by: Actor, at: datetime
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
    _check_who(plan, consent, proof, by=by, at=at)
    check_move(plan, plan.accept, "agreed to")
    if consent.wording_hash != plan.wording_hash:
        raise WordingDiffers("The text that was accepted is not the text of this plan; please show it again.")
    _check_open(plan, at=at)
    plan.accept(at=at)
    plan.save()
    kept = _keep(plan, consent, proof, by=by, at=at)
    hold_bills(plan, by=by, at=at)
    first = parts_of(plan)[0]
    record(
        kinds.PAYMENT_PLAN_AGREED, plan, by=by, at=at, accepted_by=kept.accepted_by, channel=kept.channel,
        wording_version=kept.wording_version, proof=kept.proof_reference, first_on=first.due_on.isoformat(),
        first_minor=first.amount_minor, parts=len(parts_of(plan)),
    )  # fmt: skip
    return plan


def _check_who(
    plan: PaymentPlan, consent: PlanConsent, proof: IdentityProof | None, *, by: Actor, at: datetime
) -> None:
    if consent.channel not in Channel.values:
        raise InvalidInput("A plan is agreed to in the portal, by phone, by e-mail or by letter.")
    if by.kind == ActorKind.CUSTOMER:
        if by.customer_id != plan.customer_id:
            raise NoSuchPlan("There is no such payment plan.")
        if consent.channel != Channel.PORTAL:
            raise InvalidInput("Customers agree for themselves in the portal.")
        return
    if consent.channel == Channel.PORTAL:
        raise InvalidInput("Only customers themselves agree in the portal.")
    if proof is None:
        raise ProofMissing("Please verify the customer first: their yes needs a proof of who they are.")
    proof.check(customer_id=plan.customer_id, level=PROOF_LEVEL, at=at)


def _check_open(plan: PaymentPlan, *, at: datetime) -> None:
    today = plan.customer.local_day(at)
    if today > min(plan.open_until, parts_of(plan)[0].due_on):
        raise PlanIsOver(f"{plan.number} could be agreed to until {plan.open_until}; please ask for a new plan.")
    bills = PlanBill.objects.filter(plan=plan).values_list("invoice_id", "covered_minor")
    due = {one.pk: one.due_amount.minor for one in Invoice.objects.filter(pk__in=[pk for pk, _ in bills])}
    if any(due[pk] != covered for pk, covered in bills):
        raise PlanIsOver("What is due on these bills has changed since; please ask for a new plan.")


def _keep(
    plan: PaymentPlan, consent: PlanConsent, proof: IdentityProof | None, *, by: Actor, at: datetime
) -> PlanAcceptance:
    return PlanAcceptance.objects.create(
        plan=plan,
        accepted_by=(consent.accepted_by or by.name or plan.customer.name)[:200],
        channel=consent.channel,
        wording_version=plan.wording_version,
        wording_hash=plan.wording_hash,
        proof_reference=proof.reference if proof else "",
        ip_address=consent.ip_address,
        user_agent=consent.user_agent[:300],
        accepted_at=at,
        recorded_by=str(by),
    )
