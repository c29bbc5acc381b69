"""Every read of charges worth a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from ledger.charges.models import Charge

#: Two charges further apart than this are two periods of the same plan, not a duplicate.
LOOK_ALIKE_DAYS = 35
#: How far back look-alikes are searched, in charges.
LOOK_BACK = 200


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two charges that look like one charged twice, and why."""

    first: Charge
    second: Charge
    why: str


def charges_of(customer_id: int, *, limit: int = 50, before: int | None = None) -> list[Charge]:
    """Return a customer's charges, newest first."""
    found = Charge.objects.filter(customer_id=customer_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def look_alike_charges(customer_id: int) -> list[LookAlike]:
    """Return pairs of standing charges with the same amount and wording for the same time, newest pair first.

    Same time: the same period; or, where neither has one, days at most LOOK_ALIKE_DAYS apart. A charge credited in
    full since is no longer half of a pair.
    """
    standing = Charge.objects.filter(customer_id=customer_id, reversed_at=None).select_related("invoice_line__invoice")
    newest = [charge for charge in standing.order_by("-charged_on", "-pk")[:LOOK_BACK] if not _credited(charge)]
    groups: dict[tuple[object, ...], list[Charge]] = {}
    for charge in newest:
        key = (charge.amount_minor, charge.currency, charge.description, charge.period_start, charge.period_end)
        groups.setdefault(key, []).append(charge)
    pairs = []
    for same in groups.values():
        for second, first in pairwise(same):
            days = second.charged_on - first.charged_on
            if first.period_start is not None:
                pairs.append(LookAlike(first, second, "same amount, same wording, same period"))
            elif days <= timedelta(days=LOOK_ALIKE_DAYS):
                pairs.append(LookAlike(first, second, f"same amount and wording, {days.days} days apart"))
    return pairs


def _credited(charge: Charge) -> bool:
    line = getattr(charge, "invoice_line", None)
    return line is not None and line.credited_minor >= line.net_minor + line.tax_minor
