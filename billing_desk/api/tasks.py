"""Celery entry points of the API."""

from celery import shared_task
from django.utils import timezone

from billing_desk.api import webhooks


@shared_task(name="billing_desk.api.tasks.deliver_due_webhooks")
def deliver_due_webhooks(**_: object) -> None:
    """Post the webhooks that are due."""
    webhooks.deliver_due_webhooks(at=timezone.now())
