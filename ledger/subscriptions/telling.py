"""Locks a subscription, and writes the event of a change with all that its confirmation tells the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledger.errors import NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.preview import Preview
from ledger.subscriptions.settling import Settled
from ledger.subscriptions.terms import What


class NoSuchSubscription(NotFound):
    """There is no such subscription, or it is somebody else's."""


def lock_subscription(subscription_id: int) -> Subscription:
    """Lock a subscription for this transaction.

    :raises NoSuchSubscription: if there is none
    """
    # Joined to its plan, the row would be lost to who waited for it while somebody else changed the plan.
    subscription = Subscription.objects.select_for_update().filter(pk=subscription_id).first()
    if subscription is None:
        raise NoSuchSubscription("There is no such subscription.")
    return subscription


def record_subscription(kind: str, subscription: Subscription, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a subscription: its plan, when it renews, by when it has to be paid to begin."""
    record_event(
        kind,
        subject=subscription,
        customer_id=subscription.customer_id,
        by=by,
        at=at,
        plan=subscription.plan.name,
        quantity=subscription.quantity,
        currency=subscription.currency,
        renews_on=subscription.renews_on.isoformat(),
        pay_by=subscription.pay_by.isoformat() if subscription.pay_by else None,
        **more,
    )


def record_change(
    kind: str,
    subscription: Subscription,
    preview: Preview | None,
    row: SubscriptionChange,
    *,
    settled: Settled | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Write the event of a change: all that its confirmation tells the customer."""
    subscription = Subscription.objects.select_related("plan").get(pk=subscription.pk)
    more: dict[str, object] = {}
    if preview is not None:
        more = {"lost_features": list(preview.lost_features), "warnings": list(preview.warnings)}
    if settled is not None:
        more["credit_notes"] = [note.number for note in settled.notes]
        more["invoice"] = settled.invoice.number if settled.invoice else None
        more["invoice_id"] = settled.invoice.pk if settled.invoice else None
    wanted = row.wanted
    if row.what == What.CANCEL:
        more |= {"reasons": list(wanted.get("reasons", [])), "words": wanted.get("words", "")}
    if row.refusal:
        more["refusal"] = row.refusal
    if wanted.get("pause_until"):
        more["resumes_on"] = wanted["pause_until"]
    figures = preview.figures() if preview else row.figures
    data = {**figures, "effective_on": row.effective_on.isoformat(), "what": row.what, "change_id": row.pk, **more}
    record_event(
        kind,
        subject=subscription,
        customer_id=subscription.customer_id,
        by=by,
        at=at,
        plan=subscription.plan.name,
        renews_on=(subscription.ends_on or subscription.renews_on).isoformat(),
        received_at=row.received_at.isoformat(),
        **data,
    )


def take_back(row: SubscriptionChange, subscription: Subscription, *, by: Actor, at: datetime) -> None:
    """Withdraw a locked change that was arranged."""
    row.withdraw(at=at)
    row.save()
    if row.figures:
        record_change(kinds.SUBSCRIPTION_CHANGE_WITHDRAWN, subscription, None, row, by=by, at=at)
