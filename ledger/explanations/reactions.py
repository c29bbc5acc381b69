"""What follows for given explanations when the facts behind them move."""

from __future__ import annotations

from datetime import datetime

from ledger.events.models import Event
from ledger.explanations.operations import renew_explanations


def renew_given_explanations(event: Event, at: datetime) -> None:
    """This will make the customer's standing explanations anew; what reads otherwise now is superseded.

    Safe to run twice: an explanation that reads the same stays as it is.
    """
    if event.customer_id is not None:
        renew_explanations(event.customer_id, at=at)
