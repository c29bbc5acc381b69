"""Six people who act in the same moment, and what they left behind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django.db.models import Sum

from ledger.books.queries import entries_of
from ledger.disputes.models import OPEN_STATES, Dispute
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import InvoiceLine

ROUNDS = int(os.environ.get("BILLING_DESK_MONEY_ROUNDS", "8"))

MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
PIA = Actor.agent(3, name="Pia", roles=frozenset({"supervisor"}))
SAM = Actor.agent(5, name="Sam", roles=frozenset({"supervisor"}))
DECISIONS = ("dispute.upheld", "dispute.partly_upheld", "dispute.rejected", "dispute.withdrawn")

Acts = list[Callable[[], object]]


class Crowd:
    """Six people, each with a connection that is kept over the rounds."""

    SIZE = 6

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(self.SIZE)

    def at_once(self, acts: Acts) -> None:
        """Let six acts begin in the same moment; a refusal is an outcome, anything else is raised."""
        start = Barrier(self.SIZE)

        def run(act: Callable[[], object]) -> None:
            start.wait(timeout=60)
            with contextlib.suppress(DomainError):
                act()

        list(self.pool.map(run, acts, timeout=60))

    def leave(self) -> None:
        """Close the connections, each in its own thread."""
        self.at_once([lambda: connection.close()] * self.SIZE)
        self.pool.shutdown()


def kinds_of(subject: str) -> list[str]:
    """Return the kinds of a thing's events, in their order."""
    return list(Event.objects.filter(subject=subject).order_by("pk").values_list("kind", flat=True))


def entry_kinds(source: str) -> list[str]:
    """Return the kinds of a thing's entries, in their order."""
    return [entry.kind for entry in entries_of(source)]


def check_disputes_of(line: InvoiceLine) -> list[Dispute]:
    """Check that each dispute of a line was decided and booked once, and the line holds what is open; return those."""
    found = list(Dispute.objects.filter(line=line).order_by("pk"))
    for dispute in found:
        happened, posted = kinds_of(f"dispute:{dispute.pk}"), entry_kinds(f"dispute:{dispute.pk}")
        decided = [kind for kind in happened if kind in DECISIONS]
        assert len(decided) == (dispute.state not in OPEN_STATES), happened
        assert happened.count("dispute.opened") == 1
        assert len(posted) == len(set(posted)), posted
    still = [dispute for dispute in found if dispute.state in OPEN_STATES]
    assert len(still) <= 1
    line = InvoiceLine.objects.select_related("invoice").get(pk=line.pk)
    assert line.disputed_minor == sum(dispute.unpaid_minor + dispute.paid_minor for dispute in still)
    assert line.invoice.disputed_minor == sum(dispute.unpaid_minor for dispute in still)
    return still


def open_amounts() -> tuple[int, int]:
    """Return what open disputes hold in all: of what is owed, and of what was paid."""
    held = Dispute.objects.filter(state__in=OPEN_STATES).aggregate(unpaid=Sum("unpaid_minor"), paid=Sum("paid_minor"))
    return held["unpaid"] or 0, held["paid"] or 0
