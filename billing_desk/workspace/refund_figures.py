"""How well the promised days of refunds were kept, how often customers asked where their money is, what was by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.db.models import DateTimeField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone

from ledger.adjustments.models import AdjustmentReason
from ledger.adjustments.policy import ManualRatio
from ledger.adjustments.queries import manual_ratio
from ledger.refunds.models import Refund
from ledger.refunds.queries import Punctuality, punctuality
from tickets.conversations.models import Ticket

#: What a message asking for one's refund is about.
TOPIC = "refund_request"
SPAN = timedelta(days=30)
Cause = AdjustmentReason.Cause


@dataclass(frozen=True)
class RefundFigures:
    """The figures of one span of time."""

    kept: Punctuality
    contacts: int
    by_hand: ManualRatio

    @property
    def accuracy_percent(self) -> int | None:
        """The share of known arrivals in time, in per cent."""
        return None if self.kept.accuracy is None else round(self.kept.accuracy * 100)

    @property
    def contacts_per_hundred(self) -> str:
        """Questions after a refund for each hundred sent, with one digit; empty where none was sent."""
        return f"{float(Fraction(self.contacts * 100, self.kept.sent)):.1f}" if self.kept.sent else ""

    @property
    def causes(self) -> list[tuple[str, int]]:
        """How many adjustments each cause had, in words."""
        return [(str(Cause(cause).label), count) for cause, count in self.by_hand.by_cause.items()]

    @property
    def by_hand_per_thousand(self) -> str:
        """Adjustments by hand for each thousand bills, with one digit; empty where there was no bill."""
        ratio = self.by_hand.per_thousand
        return "" if ratio is None else f"{float(ratio):.1f}"


def where_is_my_refund(since: datetime, until: datetime) -> int:
    """Return how many cases were opened about a refund by customers who had one on its way: sent, and not arrived."""
    sent = Refund.objects.filter(customer_id=OuterRef("customer_id"), sent_at__lt=OuterRef("opened_at"))
    on_its_way = sent.annotate(arrived=Cast(F("settled_on"), DateTimeField())).filter(
        Q(arrived=None) | Q(arrived__gte=OuterRef("opened_at")), state__in=["paid", "settled", "failed"]
    )
    asked = Ticket.objects.filter(topic=TOPIC, opened_at__gte=since, opened_at__lt=until)
    return asked.filter(Exists(on_its_way)).count()


def refund_figures(*, at: datetime) -> RefundFigures:
    """Return the figures of the last thirty days."""
    since, first, last = at - SPAN, timezone.localdate(at - SPAN), timezone.localdate(at)
    return RefundFigures(punctuality(since, at), where_is_my_refund(since, at), manual_ratio(first, last))
