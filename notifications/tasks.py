"""Celery entry points of notifications: each makes one call."""

from celery import shared_task
from django.utils import timezone

from notifications.delivery import operations as delivery
from notifications.notices import card_expiry, price_change, renewal


@shared_task(name="notifications.tasks.deliver_message")
def deliver_message(*, message_id: int, **_: object) -> None:
    """Send one message, soon after it was queued."""
    delivery.deliver_message(message_id, at=timezone.now())


@shared_task(name="notifications.tasks.deliver_due_messages")
def deliver_due_messages(**_: object) -> None:
    """Sweep: send whatever is due and nobody sent."""
    delivery.deliver_due_messages(at=timezone.now())


@shared_task(name="notifications.tasks.send_renewal_notices")
def send_renewal_notices(**_: object) -> None:
    """Nightly: tell customers whose plan renews within the notice period."""
    renewal.send_renewal_notices(as_of=timezone.localdate(), at=timezone.now())


@shared_task(name="notifications.tasks.send_card_expiry_notices")
def send_card_expiry_notices(**_: object) -> None:
    """Hourly: tell customers whose card expires in thirty days, and again in seven."""
    card_expiry.send_card_expiry_notices(at=timezone.now())


@shared_task(name="notifications.tasks.send_price_notices")
def send_price_notices(**_: object) -> None:
    """Hourly: tell customers of a higher price on the days the rules of their country plan."""
    price_change.send_price_notices(at=timezone.now())
