"""A worker as its own process, doing what Celery's does, so that a test can kill it."""

import sys
import time

from django.db import OperationalError
from django.utils import timezone

from billing_desk.api.webhooks import deliver_due_webhooks
from ledger.events import outbox, sealing
from ledger.refunds.paying import pay_due_refunds
from notifications.delivery.operations import deliver_due_messages


def main() -> None:
    """Work until killed."""
    while True:
        try:
            outbox.run_due_reactions(at=timezone.now(), limit=1)
            deliver_due_messages(at=timezone.now(), limit=1)
            pay_due_refunds(at=timezone.now())
            deliver_due_webhooks(at=timezone.now())
            sealing.seal_events()
        except OperationalError as problem:
            print(problem, file=sys.stderr)
        time.sleep(0.01)
