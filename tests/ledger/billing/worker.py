"""A billing run as its own process, so that a test can kill it: `python -m tests.ledger.billing.worker`."""

import os
import sys
from datetime import datetime

import django


def main() -> None:
    """Bill what is due at a moment, so many subscriptions a step; say so when it begins and when it is over."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")
    django.setup()
    from ledger.billing.lease import BillingRunInProgress
    from ledger.billing.operations import run_billing

    at, size = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2])
    print("working", flush=True)
    try:
        run_billing(at=at, size=size)
    except BillingRunInProgress as refusal:
        print(refusal, flush=True)
    else:
        print("finished", flush=True)


if __name__ == "__main__":
    main()
