"""Table of contents: everything that can be done to a dispute, and what stands in the way."""

from ledger.disputes.authority import DecidedByItsOpener
from ledger.disputes.deciding import (
    DECISIONS,
    DeviationNeedsReason,
    SameDecider,
    StillProvisional,
    acknowledge_dispute,
    appeal_dispute,
    close_dispute,
    reject_dispute,
    review_dispute,
    uphold_dispute,
    uphold_dispute_partly,
    withdraw_dispute,
)
from ledger.disputes.locking import DisputeNotInState, NoSuchDispute
from ledger.disputes.opening import (
    PROOF_LEVEL,
    AlreadyDisputed,
    DisputeIdReused,
    DisputeTooLarge,
    NoSuchLine,
    NotAskedFor,
    open_dispute,
)
from ledger.disputes.provisional import AlreadyCredited, NothingPaid, give_provisional_credit, take_back_due_credits
from ledger.disputes.seeing import NotSeenYet, add_dispute_evidence, mark_seen, note_new_material

__all__ = [
    "DECISIONS",
    "PROOF_LEVEL",
    "AlreadyCredited",
    "AlreadyDisputed",
    "DecidedByItsOpener",
    "DeviationNeedsReason",
    "DisputeIdReused",
    "DisputeNotInState",
    "DisputeTooLarge",
    "NoSuchDispute",
    "NoSuchLine",
    "NotAskedFor",
    "NotSeenYet",
    "NothingPaid",
    "SameDecider",
    "StillProvisional",
    "acknowledge_dispute",
    "add_dispute_evidence",
    "appeal_dispute",
    "close_dispute",
    "give_provisional_credit",
    "mark_seen",
    "note_new_material",
    "open_dispute",
    "reject_dispute",
    "review_dispute",
    "take_back_due_credits",
    "uphold_dispute",
    "uphold_dispute_partly",
    "withdraw_dispute",
]
