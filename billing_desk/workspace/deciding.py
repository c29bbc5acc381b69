"""Saying yes or no to what waits: each kind of request by its own operation, a repeated click harmless."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ledger.adjustments.correcting import approve_corrections, decline_corrections
from ledger.adjustments.operations import approve_adjustment, decline_adjustment
from ledger.agreements.deciding import approve_agreement, decline_agreement
from ledger.authority.models import Approval
from ledger.authority.queries import get_approval
from ledger.collections.waiving import approve_late_fee_waiver, decline_late_fee_waiver
from ledger.discounts.operations import approve_grant, decline_grant
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.instalments.deciding import approve_plan, decline_plan
from ledger.invoices.writing_off import approve_write_off, decline_write_off
from ledger.refunds.operations import approve_refund, decline_refund

DECIDERS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "refund": (approve_refund, decline_refund),
    "invoice": (approve_write_off, decline_write_off),
    "discountgrant": (approve_grant, decline_grant),
    "agreement": (approve_agreement, decline_agreement),
    "adjustment": (approve_adjustment, decline_adjustment),
    "correctionbatch": (approve_corrections, decline_corrections),
    "latefee": (approve_late_fee_waiver, decline_late_fee_waiver),
    "paymentplan": (approve_plan, decline_plan),
}


class DecidedElsewhere(DomainError):
    """Requests of this kind are decided on a page of their own."""


def decide(approval_id: int, decision: str, *, reason: str = "", by: Actor, at: datetime) -> str:
    """Say yes (`approve`) or no (`decline`) to a request; return a sentence about what has become of it.

    The same person clicking twice is told what they have decided, and nothing happens twice.

    :raises DomainError: why it cannot be decided, or not by them
    """
    approval = get_approval(approval_id)
    repeated = _done_before(approval, decision, by=by)
    if repeated:
        return repeated
    kind, _, number = approval.subject.partition(":")
    if kind not in DECIDERS:
        raise DecidedElsewhere("This is decided on its own page.")
    approve, decline = DECIDERS[kind]
    if decision == "approve":
        approve(int(number), by=by, at=at)
    else:
        decline(int(number), reason=reason, by=by, at=at)
    return _outcome(get_approval(approval_id))


def _done_before(approval: Approval, decision: str, *, by: Actor) -> str:
    """Return what to answer to who decided the same before; empty when this is new."""
    wanted = {"approve": Approval.State.APPROVED, "decline": Approval.State.DECLINED}[decision]
    if approval.state == wanted and approval.decided_by == str(by):
        return f"You have decided this already: it is {approval.state}."
    voted = decision == "approve" and approval.votes.filter(voter=str(by)).exists()
    return _outcome(approval) if voted and approval.state == Approval.State.WAITING else ""


def _outcome(approval: Approval) -> str:
    if approval.state == Approval.State.WAITING:
        given = approval.votes.count()
        return f"You have agreed to {approval}. {given} of {approval.needed} people have; it waits for the others."
    return f"{approval} is {approval.state}.".capitalize()
