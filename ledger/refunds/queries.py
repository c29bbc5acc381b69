"""Every read of refunds worth a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Count, F, Q, Sum

from ledger.authority import operations as authority
from ledger.authority.freezing import live_freeze
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.refunds.models import Refund
from ledger.refunds.operations import ACT
from ledger.refunds.recording import NoSuchRefund


def refunds_of(customer_id: int, *, limit: int = 24, before: int | None = None) -> list[Refund]:
    """Return a customer's refunds, newest first, paged by the id of the last one seen."""
    found = Refund.objects.filter(customer_id=customer_id).select_related("payment", "method")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def refunds_waiting(*, limit: int = 50) -> list[Refund]:
    """Return refunds that wait for approval, the oldest request first."""
    waiting = Refund.objects.filter(state=Refund.State.REQUESTED).select_related("customer", "payment", "method")
    return list(waiting.order_by("requested_at", "pk")[:limit])


def held_back() -> list[tuple[int, Money]]:
    """Return how many refunds have not left us yet, asked for or approved, and their sum, one pair a currency."""
    waiting = Refund.objects.filter(state__in=[Refund.State.REQUESTED, Refund.State.APPROVED])
    sums = waiting.values_list("currency").annotate(n=Count("pk"), sum=Sum("amount_minor")).order_by("currency")
    return [(count, Money(int(total), currency)) for currency, count, total in sums]


def get_refund(refund_id: int, *, customer_id: int | None = None) -> Refund:
    """Return a refund, of this customer when one is named.

    :raises NoSuchRefund: if there is none, or it is another customer's
    """
    found = Refund.objects.filter(pk=refund_id).select_related("customer", "payment", "method")
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
    frozen = live_freeze(ACT)
    if frozen:
        return f"Refunds are frozen at the moment: {frozen.why}"
    try:
        subject = f"refund:{refund.pk}"
        authority.check_approver(ACT, refund.amount, requested_by=refund.requested_by, subject=subject, by=by)
    except DomainError as refusal:
        return str(refusal)
    return None


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many refunds left in a span, and how those whose outcome is known kept the day told first."""

    sent: int
    known: int
    in_time: int
    told_of_delay: int

    @property
    def accuracy(self) -> Fraction | None:
        """The share of known arrivals that came by the promised day; None where nothing is known yet."""
        return Fraction(self.in_time, self.known) if self.known else None


def punctuality(since: datetime, until: datetime) -> Punctuality:
    """Return how well the promised days of refunds sent in a span were kept; credit, there at once, is left out."""
    sent = Refund.objects.filter(sent_at__gte=since, sent_at__lt=until, promised_by__isnull=False)
    counts = sent.exclude(route=Refund.Route.CREDIT).aggregate(
        sent=Count("pk"),
        known=Count("pk", filter=Q(settled_on__isnull=False)),
        in_time=Count("pk", filter=Q(settled_on__lte=F("promised_by"))),
        told_of_delay=Count("pk", filter=Q(delay_told_at__isnull=False)),
    )
    return Punctuality(**counts)
