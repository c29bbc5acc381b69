"""What the panels about instalments and hardship do: each exactly one call into the domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from billing_desk.workspace.case import Case
from ledger.customers.acceptance import Acceptance
from ledger.customers.operations import refuse_access
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.hardship.operations import end_hardship, review_hardship, start_hardship
from ledger.instalments.accepting import accept_plan
from ledger.instalments.models import PaymentPlan
from ledger.instalments.operations import propose_plan
from ledger.instalments.queries import get_plan
from verification.queries import require_proof

#: What the proof of the customer's yes is for (verification/policy.py).
ACTION = "agree_payment_plan"


def payment_plan(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Propose a payment plan; the customer reads it in their account."""
    assert case.account is not None
    plan = propose_plan(
        case.account.customer.pk,
        invoice_ids=asked["invoice_ids"],
        terms=asked["terms"],
        reason=asked["reason"],
        conversation=_conversation(case),
        by=by,
        at=at,
    )
    many = asked["terms"].count
    if plan.state == PaymentPlan.State.WAITING_APPROVAL:
        return (
            f"Plan {plan.number} over {plan.covered} in {many} instalments is above your limit and waits for approval."
        )
    return (
        f"Plan {plan.number} over {plan.covered} in {many} instalments is proposed; the customer can agree to it now."
    )


def plan_agreed(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Take down the yes of a customer who proved in this very conversation who they are."""
    assert case.account is not None
    customer_id = case.account.customer.pk
    found = get_plan(asked["plan"], customer_id=customer_id)
    try:
        proof = require_proof(customer_id, _conversation(case), action=ACTION, at=at)
    except DomainError as refusal:
        refuse_access(
            f"ticket:{case.ticket.pk}", why=f"agree to a plan: {refusal}", customer_id=customer_id, by=by, at=at
        )
        raise
    said = Acceptance(found.wording_hash, channel="phone", accepted_by=case.account.customer.name)
    accept_plan(found.pk, acceptance=said, proof=proof, by=by, at=at)
    return f"Plan {found.number} is agreed. The agreement goes to the customer."


def hardship(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Note that the customer cannot pay; fees, reminders and restriction stop."""
    assert case.account is not None
    noted = start_hardship(
        case.account.customer.pk,
        words=asked["words"],
        can_pay_monthly=asked["monthly"],
        is_insolvent=asked["is_insolvent"],
        said_by=asked["said_by"],
        conversation=_conversation(case),
        by=by,
        at=at,
    )
    stopped = "Collection, reminders" if noted.cause == "insolvency" else "Reminders"
    return f"Noted. {stopped}, late fees and restriction have stopped. The customer is told who advises for free."


def hardship_review(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Keep what came of a hardship case, or end it."""
    found = asked["hardship"]
    if asked["outcome"] == "end":
        end_hardship(found.pk, reason=asked["note"], by=by, at=at)
        return "It is over. Reminders and late fees may come again; none are charged for the days between."
    reviewed = review_hardship(found.pk, outcome=asked["outcome"], note=asked["note"], by=by, at=at)
    return f"Kept. Somebody looks at it again on {reviewed.review_on}."


def _conversation(case: Case) -> str:
    return f"ticket:{case.ticket.pk}"
