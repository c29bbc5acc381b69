"""IdentityProof: the value that every operation which moves money to a customer requires."""

from dataclasses import dataclass
from datetime import datetime

from ledger.errors import DomainError


class ProofMissing(DomainError):
    """The customer has not proved who they are well enough for this, or the proof has expired."""


@dataclass(frozen=True, slots=True)
class IdentityProof:
    """Who was proved to be the account holder, how strongly, in which conversation, until when.

    Only `verification.queries.current_proof` makes one (import contract `proofs`).
    """

    reference: str
    customer_id: int
    conversation: str
    level: int
    proved_at: datetime
    expires_at: datetime
    may_move_money: bool

    def check(self, *, customer_id: int, level: int, at: datetime) -> None:
        """Refuse unless this proof covers the customer at the level, now.

        :raises ProofMissing: if it is for somebody else, too weak, expired, or its contact may not move money
        """
        if self.customer_id != customer_id:
            raise ProofMissing("The identity that was verified is not this customer's.")
        if at >= self.expires_at:
            raise ProofMissing("The verification has expired; please verify the customer again.")
        if self.level < level:
            raise ProofMissing("This needs a stronger verification: a one-time code or a portal sign-in.")
        if not self.may_move_money:
            raise ProofMissing("This contact may not move money for the customer.")
