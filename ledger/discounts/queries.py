"""Every read of discounts worth a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Max, Q

from ledger.discounts.models import DiscountGrant
from ledger.discounts.rules import Discount
from ledger.errors import NotFound
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.money import Money

#: How far back bills are looked at to say what a percentage is worth.
USUAL_WITHIN = timedelta(days=366)


class NoSuchDiscount(NotFound):
    """There is no such discount, or it is somebody else's."""


def discounts_in_force(customer_ids: Iterable[int], on: date) -> dict[int, list[Discount]]:
    """Return the discounts each customer has on a day, by one query; customers without any are left out."""
    grants = DiscountGrant.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=on),
        customer_id__in=list(customer_ids),
        state=DiscountGrant.State.ACTIVE,
        valid_from__lte=on,
    )
    found: dict[int, list[Discount]] = {}
    for grant in grants.order_by("customer_id", "id"):
        found.setdefault(grant.customer_id, []).append(as_discount(grant))
    return found


def as_discount(grant: DiscountGrant) -> Discount:
    """Return a grant as the rules read it."""
    until_used_up = grant.duration == DiscountGrant.Duration.UNTIL_USED_UP
    return Discount(
        name=grant.name,
        percent=None if grant.percent is None else Fraction(grant.percent),
        amount=grant.amount,
        targets=frozenset(grant.targets),
        priority=grant.priority,
        granted_on=grant.granted_on,
        stacks_on_original=grant.stacks_on_original,
        until_used_up=until_used_up,
        left=Money(grant.left_minor or 0, grant.currency) if until_used_up else None,
        grant=grant.pk,
    )


def usual_bill(customer_id: int, currency: str, *, on: date) -> Money | None:
    """Return the largest net of a customer's bills of the past year, None when there is none that counts."""
    bills = Invoice.objects.filter(customer_id=customer_id, currency=currency, issued_on__gt=on - USUAL_WITHIN)
    counting = bills.exclude(state__in=[Invoice.State.DRAFT, Invoice.State.VOID])
    largest = counting.aggregate(net=Max("net_minor"))["net"]
    return None if largest is None else Money(largest, currency)


def grants_of(customer_id: int) -> list[DiscountGrant]:
    """Return every discount a customer was given or was to be given, the newest first, with its uses."""
    return list(DiscountGrant.objects.filter(customer_id=customer_id).prefetch_related("uses").order_by("-pk"))


def why_not_decide(grant: DiscountGrant, by: Actor) -> str | None:
    """Return why somebody cannot approve or decline a discount, or None when they can; the limit is checked later."""
    if grant.state != DiscountGrant.State.REQUESTED:
        return f"{grant} is {grant.get_state_display().lower()}."
    if by.customer_id is not None and by.customer_id == grant.customer_id:
        return "This is your own account; a colleague has to work on it."
    if grant.requested_by == str(by):
        return "Somebody else has to approve this: you asked for it."
    return None
