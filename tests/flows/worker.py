"""A worker as its own process, doing what Celery's does, so that a test can kill it: `python -m tests.flows.worker`."""

import os
import time

import django


def main() -> None:
    """Work until killed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")
    django.setup()
    from django.db import OperationalError
    from django.utils import timezone

    from billing_desk.api.webhooks import deliver_due_webhooks
    from ledger.events import outbox, sealing
    from ledger.refunds.paying import pay_due_refunds
    from notifications.delivery.operations import deliver_due_messages

    print("working", flush=True)
    while True:
        try:
            outbox.run_due_reactions(at=timezone.now(), limit=1)
            deliver_due_messages(at=timezone.now(), limit=1)
            pay_due_refunds(at=timezone.now())
            deliver_due_webhooks(at=timezone.now())
            sealing.seal_events()
        except OperationalError as problem:
            print(problem, flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
