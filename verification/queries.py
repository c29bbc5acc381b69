"""current_proof, the only maker of an IdentityProof; and what the screens show of checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.customers.proof import IdentityProof, ProofMissing
from verification import policy
from verification.models import Challenge, Check


def current_proof(customer_id: int, conversation: str, *, at: datetime) -> IdentityProof | None:
    """Return the proof that holds now for a customer in a conversation, or None.

    Of several, one whose contact may move money, then the strongest, then the one that holds longest. A contact taken
    off file since then proves nothing any more.
    """
    passed = Check.objects.filter(
        customer_id=customer_id,
        conversation=conversation,
        state=Check.State.PASSED,
        expires_at__gt=at,
        contact_point__removed_at=None,
    ).select_related("contact_point")
    proofs = [_proof(check) for check in passed]
    return max(proofs, key=lambda proof: (proof.may_move_money, proof.level, proof.expires_at), default=None)


def require_proof(customer_id: int, conversation: str, *, action: str, at: datetime) -> IdentityProof:
    """Return the proof that covers an action of policy.NEEDED now. The caller records a refusal.

    :raises ProofMissing: if there is none, with what would do
    """
    need = policy.need_of(action)
    proof = current_proof(customer_id, conversation, at=at)
    if proof is None or proof.level < need.level:
        raise ProofMissing(f"Please verify the customer first: this needs {policy.LEVELS[need.level]}.")
    return proof


def _proof(check: Check) -> IdentityProof:
    return IdentityProof(
        reference=f"check:{check.pk}",
        customer_id=check.customer_id,
        conversation=check.conversation,
        level=check.level,
        proved_at=check.passed_at or check.started_at,
        expires_at=check.expires_at,
        may_move_money=check.contact_point is not None and check.contact_point.may_move_money,
    )


def checks_of(conversation: str, *, limit: int = 20) -> list[Check]:
    """Return the checks of a conversation with their challenges, newest first."""
    found = Check.objects.filter(conversation=conversation).prefetch_related("challenges")
    return list(found.order_by("-pk")[:limit])


def locked_checks(*, since: datetime, limit: int = 50) -> list[Check]:
    """Return the checks locked by wrong answers that began after a moment, newest first, with their customers."""
    found = Check.objects.filter(state=Check.State.LOCKED, started_at__gt=since).select_related("customer")
    return list(found.order_by("-pk")[:limit])


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """What the page that asks for a code shows. `state` is open, passed, or closed: locked, late or replaced."""

    state: str
    purpose: str
    purpose_in_german: str
    why: str
    sent_to: str
    conversation: str
    customer_id: int
    attempts_left: int
    expires_at: datetime


def open_challenge(token: str, *, at: datetime) -> OpenChallenge | None:
    """Return the challenge a link names, or None when no link was ever like this."""
    challenge = (
        Challenge.objects.filter(token=token, method=Challenge.Method.ONE_TIME_CODE)
        .select_related("identity_check")
        .first()
    )
    if challenge is None:
        return None
    check = challenge.identity_check
    need = policy.need_of(check.purpose)
    return OpenChallenge(
        state=_state_of(challenge, check, at),
        purpose=need.what,
        purpose_in_german=policy.what_for(check.purpose, "de"),
        why=need.why,
        sent_to=challenge.sent_to,
        conversation=check.conversation,
        customer_id=check.customer_id,
        attempts_left=challenge.most_attempts - challenge.attempts,
        expires_at=challenge.expires_at,
    )


def _state_of(challenge: Challenge, check: Check, at: datetime) -> str:
    if challenge.used_at:
        return "passed"
    is_open = check.state == Check.State.OPEN and at < challenge.expires_at
    return "open" if is_open and challenge.attempts < challenge.most_attempts else "closed"
