"""Celery entry points of verification: each makes one call."""

from celery import shared_task
from django.utils import timezone

from verification import operations


@shared_task(name="verification.tasks.expire_checks")
def expire_checks(**_: object) -> None:
    """Close what nobody answered and proofs that are used up."""
    operations.expire_checks(at=timezone.now())
