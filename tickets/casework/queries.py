"""Everything a case led to, and the earlier cases of the same customer, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.disputes.models import Dispute
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from tickets.casework.models import CaseLink
from tickets.conversations.models import Ticket
from tickets.promises.models import Promise


@dataclass(frozen=True)
class Case:
    """The objects linked to a ticket, oldest first, with their states as they are now."""

    disputes: list[Dispute] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


def case_of(ticket_id: int) -> Case:
    """Return what a ticket led to or is about."""
    ids: dict[str, list[int]] = {}
    for subject in CaseLink.objects.filter(ticket_id=ticket_id).order_by("id").values_list("subject", flat=True):
        kind, _, pk = subject.partition(":")
        if pk.isdigit():
            ids.setdefault(kind, []).append(int(pk))
    disputes = Dispute.objects.filter(pk__in=ids.get("dispute", [])).select_related("line__invoice")
    refunds = Refund.objects.filter(pk__in=ids.get("refund", [])).select_related("payment")
    return Case(
        disputes=list(disputes.order_by("id")),
        refunds=list(refunds.order_by("id")),
        payments=list(Payment.objects.filter(pk__in=ids.get("payment", [])).order_by("id")),
        notices=ids.get("notice", []),
        promises=list(Promise.objects.filter(ticket_id=ticket_id).order_by("id")),
    )


def earlier_cases(customer_id: int, *, before: int | None = None, limit: int = 20) -> list[Ticket]:
    """Return a customer's cases, newest first; those opened before ticket `before`, when one is given."""
    found = Ticket.objects.filter(customer_id=customer_id).select_related("queue")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-id")[:limit])
