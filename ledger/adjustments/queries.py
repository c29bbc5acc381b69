"""Every read of adjustments worth a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from ledger.adjustments.models import Adjustment, AdjustmentReason, TeamBudget
from ledger.adjustments.policy import ManualRatio, possible_again_on
from ledger.customers.models import Customer
from ledger.errors import NotFound
from ledger.invoices.models import Invoice
from ledger.money import Money


class NoSuchAdjustment(NotFound):
    """There is no such adjustment, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason as it is offered for one customer: greyed with the day from which it is possible again."""

    reason: AdjustmentReason
    possible_again: date | None


@dataclass(frozen=True, slots=True)
class Room:
    """What a team may still give away in a month; an empty team is everybody without a budget of theirs."""

    team: str
    month: date
    amount: Money
    left: Money


def rooms_of(teams: Sequence[str], *, currency: str, today: date) -> list[Room]:
    """Return the month's budgets of these teams, and everybody's, by team; none limits nothing."""
    month = today.replace(day=1)
    budgets = TeamBudget.objects.filter(currency=currency, month=month, team__in=[*teams, ""])
    return [
        Room(
            budget.team,
            month,
            Money(budget.amount_minor, currency),
            Money(budget.amount_minor - budget.spent_minor, currency),
        )
        for budget in budgets.order_by("team")
    ]


def get_adjustment(adjustment_id: int, *, customer_id: int | None = None) -> Adjustment:
    """Return an adjustment, of this customer when one is named.

    :raises NoSuchAdjustment: if there is none, or it is another customer's
    """
    found = Adjustment.objects.filter(pk=adjustment_id).select_related("customer", "reason")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    adjustment = found.first()
    if adjustment is None:
        raise NoSuchAdjustment("There is no such adjustment.")
    return adjustment


def adjustments_of(customer_id: int, *, limit: int = 24) -> list[Adjustment]:
    """Return what a customer was given or asked for, the newest first."""
    found = Adjustment.objects.filter(customer_id=customer_id).select_related("reason")
    return list(found.order_by("-pk")[:limit])


def possible_again(customer: Customer, reason: AdjustmentReason, *, at: datetime, leave_out: int = 0) -> date | None:
    """Return from which day a reason is possible again for a customer; None when it is now. Requests count too."""
    live = Adjustment.objects.filter(customer_id=customer.pk, reason=reason)
    live = live.filter(state__in=[Adjustment.State.REQUESTED, Adjustment.State.GRANTED]).exclude(pk=leave_out)
    moments = live.values_list("granted_at", "requested_at")
    days = [customer.local_day(granted or requested) for granted, requested in moments]
    return possible_again_on(days, reason.per_year, today=customer.local_day(at))


def choices_for(customer: Customer, *, at: datetime) -> list[Choice]:
    """Return every reason in use, with the day from which it is possible again where it is used up."""
    reasons = list(AdjustmentReason.objects.filter(is_in_use=True).order_by("code"))
    given: dict[int, list[date]] = {}
    live = Adjustment.objects.filter(
        customer_id=customer.pk, state__in=[Adjustment.State.REQUESTED, Adjustment.State.GRANTED]
    )
    for reason_id, granted, requested in live.values_list("reason_id", "granted_at", "requested_at"):
        given.setdefault(reason_id, []).append(customer.local_day(granted or requested))
    today = customer.local_day(at)
    return [
        Choice(reason, possible_again_on(given.get(reason.pk, []), reason.per_year, today=today)) for reason in reasons
    ]


def manual_ratio(first: date, last: date) -> ManualRatio:
    """Return how many adjustments people gave for the bills of a span of days, by cause.

    What was taken back counts: it was work. Corrections that a batch made by itself are no adjustments and count not.
    """
    bills = Invoice.objects.filter(issued_on__gte=first, issued_on__lte=last)
    bills = bills.exclude(state__in=[Invoice.State.DRAFT, Invoice.State.VOID])
    given = Adjustment.objects.filter(granted_at__date__gte=first, granted_at__date__lte=last)
    by_hand = given.exclude(requested_by__startswith="system:").values_list("reason__cause").annotate(n=Count("pk"))
    return ManualRatio(bills.count(), dict(by_hand.order_by("reason__cause")))
