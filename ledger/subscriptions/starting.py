"""A subscription that is served only once its first bill is paid, and never started when nobody pays it in time.

Source: Stripe API reference, "Subscription", status: incomplete becomes incomplete_expired when the first bill is not
paid within 23 hours, and the bill is voided.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.telling import lock_subscription, record_subscription

PAY_WITHIN = timedelta(hours=23)


@transaction.atomic
def begin_subscription(subscription_id: int, *, by: Actor, at: datetime) -> Subscription:
    """This will let a subscription begin whose first bill is paid; one that has begun, or ended, stays as it is."""
    subscription = lock_subscription(subscription_id)
    if subscription.state == Subscription.State.STARTING:
        subscription.begin()
        subscription.save()
        record_subscription(kinds.SUBSCRIPTION_BEGAN, subscription, by=by, at=at, next_bill_minor=None)
    return subscription


@transaction.atomic
def expire_subscription(subscription_id: int, *, bill: Invoice, by: Actor, at: datetime) -> Subscription:
    """This will end a subscription as never started, because its first bill was not paid; repeating is harmless."""
    subscription = lock_subscription(subscription_id)
    if subscription.state == Subscription.State.STARTING:
        subscription.expire()
        subscription.save()
        record_subscription(
            kinds.SUBSCRIPTION_EXPIRED, subscription, by=by, at=at, invoice_id=bill.pk, invoice=bill.number,
            amount_minor=bill.total_minor,
        )  # fmt: skip
    return subscription
