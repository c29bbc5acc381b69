"""A billing run as its own process, so that a test can kill it."""

from datetime import datetime

from ledger.billing.lease import BillingRunInProgress
from ledger.billing.operations import run_billing


def main(at: str, size: str) -> None:
    """Bill what is due at a moment, so many subscriptions a step; say when it is over."""
    try:
        run_billing(at=datetime.fromisoformat(at), size=int(size))
    except BillingRunInProgress as refusal:
        print(refusal)
    else:
        print("finished")
