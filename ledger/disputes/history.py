"""What was disputed and given before, and how consistently disputes are decided: reads for people who decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from ledger.books.queries import given_as
from ledger.disputes.consistency import Decided, Report, consistency, tenure_of
from ledger.disputes.models import Dispute
from ledger.money import Money

#: Goodwill is counted over this many days.
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class History:
    """A customer's disputes so far: how many, about how much, with which outcomes; and goodwill of twelve months."""

    count: int
    amounts: tuple[Money, ...]
    granted: tuple[Money, ...]
    outcomes: dict[str, int]
    goodwill: tuple[Money, ...]
    since: date


def dispute_history(customer_ids: Sequence[int], *, at: datetime) -> History:
    """Return the history of one customer, or of several that are one (merged accounts): both are summed."""
    disputes = list(Dispute.objects.filter(customer_id__in=list(customer_ids)))
    since = (at - YEAR).date()
    amounts, granted = Counter[str](), Counter[str]()
    for dispute in disputes:
        amounts[dispute.currency] += dispute.amount_minor
        granted[dispute.currency] += dispute.granted_minor
    outcomes = Counter(dispute.outcome or "open" for dispute in disputes)
    return History(
        count=len(disputes),
        amounts=_money(amounts),
        granted=_money(granted),
        outcomes=dict(sorted(outcomes.items())),
        goodwill=tuple(given_as("goodwill", customer_ids, since=since)),
        since=since,
    )


def _money(sums: Counter[str]) -> tuple[Money, ...]:
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()) if minor)


def similar_disputes(dispute: Dispute, *, limit: int = 5) -> list[Dispute]:
    """Return decided disputes with the same reason and currency, the customer's own first, then the newest."""
    decided = Dispute.objects.filter(reason=dispute.reason, currency=dispute.currency).exclude(pk=dispute.pk)
    decided = decided.filter(outcome__in=["upheld", "partly_upheld", "rejected"]).select_related("line__invoice")
    own = list(decided.filter(customer_id=dispute.customer_id).order_by("-decided_at")[:limit])
    others = decided.exclude(customer_id=dispute.customer_id).order_by("-decided_at")[: limit - len(own)]
    return [*own, *others]


def consistency_report(*, since: datetime, until: datetime) -> Report:
    """Return how alike disputes were decided between two moments, by country, language and tenure of the customer."""
    judged = Q(outcome__in=["upheld", "partly_upheld", "rejected"])
    found = Dispute.objects.filter(judged, decided_at__gte=since, decided_at__lt=until).select_related("customer")
    return consistency([_decided(dispute) for dispute in found.order_by("pk").iterator(chunk_size=500)])


def _decided(dispute: Dispute) -> Decided:
    first = dispute.first_outcome or dispute.outcome
    customer = dispute.customer
    return Decided(
        decider=dispute.first_decided_by or dispute.decided_by,
        approved=first != "rejected",
        recommended=dispute.recommended,
        country=customer.country,
        language=customer.first_language,
        tenure=tenure_of(max((dispute.told_at - customer.opened_at).days, 0)),
        was_appealed=dispute.appealed_at is not None,
        was_overturned=dispute.appealed_at is not None and dispute.outcome != first,
    )
