"""What follows from what has just happened, done at that moment of the past."""

from __future__ import annotations

from datetime import datetime

from ledger.events.outbox import run_due_reactions
from ledger.events.queries import failing_reactions
from notifications.delivery.operations import deliver_due_messages

REACTIONS_AT_ONCE, MAILS_AT_ONCE = 1000, 200


class ReactionFailed(Exception):
    """A handler failed while the company was loaded: a bug, and loud."""


def settle(moment: datetime) -> None:
    """Run the reactions that are due, then deliver the mails they queued.

    :raises ReactionFailed: at the first handler that fails, instead of a year of trying again
    """
    ran = claimed = run_due_reactions(at=moment, limit=REACTIONS_AT_ONCE)
    while claimed == REACTIONS_AT_ONCE:
        claimed = run_due_reactions(at=moment, limit=REACTIONS_AT_ONCE)
    for failing in failing_reactions(limit=1) if ran else ():
        raise ReactionFailed(f"{failing.handler} failed for {failing.event}: {failing.last_error}")
    while deliver_due_messages(at=moment, limit=MAILS_AT_ONCE) == MAILS_AT_ONCE:
        continue
