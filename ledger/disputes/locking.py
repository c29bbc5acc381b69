"""What every operation on a dispute begins and ends with: lock it with its bill, check the move, record the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import can_proceed

from ledger.customers.operations import refuse_own_account
from ledger.disputes.models import Dispute
from ledger.errors import DomainError, NotFound
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.operations import lock_invoice


class NoSuchDispute(NotFound):
    """There is no such dispute, or it is somebody else's."""


class DisputeNotInState(DomainError):
    """The dispute is not in a state in which this can be done."""


def lock_dispute(dispute_id: int) -> tuple[Dispute, Invoice, InvoiceLine]:
    """Lock a dispute with its bill and line, in the order everything about money is locked.

    :raises NoSuchDispute: if there is none
    """
    dispute = Dispute.objects.filter(pk=dispute_id).select_related("line").first()
    if dispute is None:
        raise NoSuchDispute("There is no such dispute.")
    invoice = lock_invoice(dispute.line.invoice_id)
    line = InvoiceLine.objects.select_for_update().get(pk=dispute.line_id)
    return Dispute.objects.select_for_update().get(pk=dispute_id), invoice, line


def check_move(dispute: Dispute, move: object, words: str, *, by: Actor) -> None:
    """Refuse a move the diagram does not have, and members of staff on their own account.

    :raises DisputeNotInState: if it is not possible now
    """
    refuse_own_account(by, dispute.customer_id)
    if not can_proceed(move):
        raise DisputeNotInState(f"{dispute.number} is {dispute.get_state_display().lower()}; it cannot be {words}.")


def record_dispute(kind: str, dispute: Dispute, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a dispute, with what customers and integrations are told about it."""
    record_event(
        kind,
        subject=dispute,
        customer_id=dispute.customer_id,
        by=by,
        at=at,
        number=dispute.number,
        amount_minor=more.pop("amount_minor", dispute.amount_minor),
        currency=dispute.currency,
        conversation=dispute.conversation,
        **more,
    )
