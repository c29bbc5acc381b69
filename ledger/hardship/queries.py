"""Whether a customer is protected, whom they can ask for free advice, and what waits for a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.customers.models import Customer
from ledger.hardship.models import HardshipCase
from ledger.holds.queries import is_protected
from ledger.jurisdictions.models import JurisdictionRule

__all__ = ["FreeAdvice", "cases_to_review", "free_advice", "is_protected", "live_case"]


@dataclass(frozen=True, slots=True)
class FreeAdvice:
    """A place that advises people with debts for free: where our knowledge of it comes from, and who looked when."""

    name: str
    url: str
    phone: str
    source: str
    reviewed_on: date | None


def live_case(customer_id: int) -> HardshipCase | None:
    """Return the customer's hardship case that has not ended, if there is one."""
    return HardshipCase.objects.filter(customer_id=customer_id).exclude(state=HardshipCase.State.ENDED).first()


def cases_to_review(*, on: date, limit: int = 50) -> list[HardshipCase]:
    """Return the live cases somebody should look at by a day, the longest waiting first."""
    found = HardshipCase.objects.exclude(state=HardshipCase.State.ENDED).filter(review_on__lte=on)
    return list(found.select_related("customer").order_by("review_on", "pk")[:limit])


def free_advice(customer: Customer, *, on: date) -> list[FreeAdvice]:
    """Return who advises people with debts for free where a customer lives; none where we know of nobody."""
    rows = JurisdictionRule.objects.filter(
        kind="free_advice", country=customer.country, state=JurisdictionRule.State.APPROVED
    )
    fitting = [
        row
        for row in rows.order_by("category", "pk")
        if row.is_in_force(on) and row.region in ("", customer.region) and row.customer_type in ("", customer.kind)
    ]
    return [
        FreeAdvice(
            name=str(row.params["name"]),
            url=str(row.params["url"]),
            phone=str(row.params.get("phone", "")),
            source=row.source,
            reviewed_on=row.reviewed_at.date() if row.reviewed_at else None,
        )
        for row in fitting
    ]
