"""How reports of card networks come together (pure): repeated, late or in any order, they end in the same standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce

#: Forward only. Source: the stages of the card networks as payment providers report them; Stripe's `warning_*` states
#: are an early warning or an inquiry.
STAGES = ("early_warning", "inquiry", "chargeback", "pre_arbitration", "arbitration")
OPEN, WON, LOST, ACCEPTED = "received", "won", "lost", "accepted"
STATES = (OPEN, WON, LOST, ACCEPTED)
#: From here on the bank holds the money.
MONEY_MOVES_FROM = STAGES.index("chargeback")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a chargeback stands: its stage, whether that stage is decided, and by when the network wants an answer."""

    stage: str
    state: str
    due_at: datetime | None = None

    @property
    def rank(self) -> int:
        """How far it has come: a later stage beats an earlier one, a decision beats an open stage."""
        return STAGES.index(self.stage) * 2 + (self.state != OPEN)

    @property
    def is_taken(self) -> bool:
        """Whether the bank holds the money."""
        return STAGES.index(self.stage) >= MONEY_MOVES_FROM and self.state != WON


def merge(known: Standing, report: Standing) -> Standing:
    """Return the standing after a report: what is further on counts; a decision of a stage is final.

    Two reports of one open stage agree on the later deadline: networks prolong, they never shorten.
    """
    if report.rank > known.rank:
        return report
    if report.rank == known.rank and report.state == OPEN and report.due_at:
        later = max(report.due_at, known.due_at) if known.due_at else report.due_at
        return Standing(known.stage, known.state, later)
    return known


def contradicts(known: Standing, report: Standing) -> bool:
    """Whether a report says that a stage ended otherwise than we know, so that the money would be elsewhere."""
    return report.rank == known.rank and report.is_taken != known.is_taken


def after_all(reports: list[Standing]) -> Standing:
    """Return where a chargeback stands after some reports, whatever their order."""
    return reduce(merge, reports)
