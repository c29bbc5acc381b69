"""Every read of refunds worth a name."""

from __future__ import annotations

from ledger.authority import operations as authority
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.refunds.models import Refund
from ledger.refunds.operations import ACT, NoSuchRefund


def refunds_of(customer_id: int, *, limit: int = 24, before: int | None = None) -> list[Refund]:
    """Return a customer's refunds, newest first, paged by the id of the last one seen."""
    found = Refund.objects.filter(customer_id=customer_id).select_related("payment")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def refunds_waiting(*, limit: int = 50) -> list[Refund]:
    """Return refunds that wait for approval, the oldest request first."""
    waiting = Refund.objects.filter(state=Refund.State.REQUESTED).select_related("customer", "payment")
    return list(waiting.order_by("requested_at", "pk")[:limit])


def get_refund(refund_id: int, *, customer_id: int | None = None) -> Refund:
    """Return a refund, of this customer when one is named.

    :raises NoSuchRefund: if there is none, or it is another customer's
    """
    found = Refund.objects.filter(pk=refund_id).select_related("customer", "payment")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    refund = found.first()
    if refund is None:
        raise NoSuchRefund("There is no such refund.")
    return refund


def why_not_approve(refund: Refund, by: Actor) -> str | None:
    """Return why somebody may not approve a refund, for a greyed button; None when they may."""
    if refund.state != Refund.State.REQUESTED:
        return f"{refund.number} is {refund.state}."
    if by.customer_id is not None and by.customer_id == refund.customer_id:
        return "This is your own account; a colleague has to work on it."
    try:
        authority.check_approver(ACT, refund.amount, requested_by=refund.requested_by, by=by)
    except DomainError as refusal:
        return str(refusal)
    return None
