"""What follows from what has just happened, done at that moment of the past."""

from __future__ import annotations

from datetime import datetime

from ledger.events.outbox import run_due_reactions
from notifications.delivery.operations import deliver_due_messages

REACTIONS_AT_ONCE, MAILS_AT_ONCE = 1000, 200


def settle(moment: datetime) -> None:
    """Run the reactions that are due, then deliver the mails they queued."""
    while run_due_reactions(at=moment, limit=REACTIONS_AT_ONCE) == REACTIONS_AT_ONCE:
        continue
    while deliver_due_messages(at=moment, limit=MAILS_AT_ONCE) == MAILS_AT_ONCE:
        continue
