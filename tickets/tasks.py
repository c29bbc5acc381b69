"""Celery entry points of tickets: each makes one call."""

from celery import shared_task
from django.utils import timezone

from tickets.casework import dispute_material
from tickets.conversations import operations as conversations
from tickets.intake import polling
from tickets.promises import operations as promises
from tickets.sla import operations as sla


@shared_task(name="tickets.tasks.poll_mailboxes")
def poll_mailboxes(**_: object) -> None:
    """Fetch what waits in the mailboxes."""
    polling.poll_mailboxes(at=timezone.now())


@shared_task(name="tickets.tasks.check_clocks")
def check_clocks(**_: object) -> None:
    """Tell every promise of time that was missed."""
    sla.escalate_overdue(at=timezone.now())


@shared_task(name="tickets.tasks.close_stale_tickets")
def close_stale_tickets(**_: object) -> None:
    """Close cases resolved a week ago."""
    conversations.close_stale_tickets(at=timezone.now())


@shared_task(name="tickets.tasks.break_overdue_promises")
def break_overdue_promises(**_: object) -> None:
    """Tell every promise to a customer that was not kept in time."""
    promises.break_overdue_promises(at=timezone.now())


@shared_task(name="tickets.tasks.acknowledge_disputes")
def acknowledge_disputes(**_: object) -> None:
    """Note which disputes were confirmed to the customer in writing."""
    dispute_material.acknowledge_told_disputes(at=timezone.now())
