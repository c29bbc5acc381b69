"""A refund in another currency: the customer gets back what they paid, the difference in the book currency is ours."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.fx.operations import realise
from ledger.fx.queries import has_rates, rate_for
from ledger.refunds.models import Refund


def book_exchange_difference(event: Event, at: datetime) -> None:
    """For refund.paid: book what the amount gained or lost since the customer paid it. Safe to run twice.

    A currency nobody keeps rates of has no value in the books to differ from. Where rates are kept and one of the days
    lacks its rate, this is tried again until it is loaded.

    :raises NoRate: if a rate is missing
    """
    kind, _, pk = event.subject.partition(":")
    refund = Refund.objects.select_related("payment").filter(pk=int(pk)).first() if kind == "refund" else None
    if refund is None or refund.currency == settings.BOOK_CURRENCY or not has_rates(refund.currency):
        return
    left_on = timezone.localdate(event.occurred_at)
    realise(
        event.subject,
        refund.amount,
        came_at=rate_for(refund.currency, to=settings.BOOK_CURRENCY, on=refund.payment.received_on),
        leaves_at=rate_for(refund.currency, to=settings.BOOK_CURRENCY, on=left_on),
        on=left_on,
        by=Actor.system("book_exchange_difference"),
        at=at,
    )
