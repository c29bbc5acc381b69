"""What every step of a refund shares: finding it under lock, refusing a move, recording what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import can_proceed

from ledger.errors import DomainError, NotFound
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.refunds.models import Refund


class NoSuchRefund(NotFound):
    """There is no such refund, or it is somebody else's."""


class RefundNotInState(DomainError):
    """The refund is not in a state in which this can be done."""


def lock_refund(refund_id: int) -> Refund:
    """Lock a refund for this transaction.

    :raises NoSuchRefund: if there is none
    """
    locked = Refund.objects.select_for_update(of=("self",)).select_related("customer", "payment__method", "method")
    refund = locked.filter(pk=refund_id).first()
    if refund is None:
        raise NoSuchRefund("There is no such refund.")
    return refund


def check_move(refund: Refund, move: object, words: str) -> None:
    """Refuse a move the diagram does not have.

    :raises RefundNotInState: if it is not possible now
    """
    if not can_proceed(move):
        raise RefundNotInState(f"{refund.number} is {refund.state}; it cannot be {words}.")


def record(kind: str, refund: Refund, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a refund, with what customers and integrations are told about it."""
    record_event(
        kind,
        subject=refund,
        customer_id=refund.customer_id,
        by=by,
        at=at,
        number=refund.number,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        conversation=refund.conversation,
        **more,
    )
