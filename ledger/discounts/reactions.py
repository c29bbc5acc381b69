"""What discounts do about a bill that does not count any more."""

from __future__ import annotations

from datetime import datetime

from ledger.discounts.using import return_uses
from ledger.events.actor import Actor
from ledger.events.models import Event

RETURNER = Actor.system("return_discounts")


def return_discounts(event: Event, at: datetime) -> None:
    """For invoice.voided: what its discounts took off can be used again; running it twice returns it once.

    Where the charges are billed again they bring their discounts along, so those stay used.
    """
    if not event.data.get("bill_again"):
        return_uses(int(event.subject.partition(":")[2]), by=RETURNER, at=at)
