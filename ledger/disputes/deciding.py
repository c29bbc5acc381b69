"""The decisions: acknowledge, review, uphold, uphold in part, reject, withdraw, appeal, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.disputes import provisional
from ledger.disputes.authority import check_two_people
from ledger.disputes.evidence import add_evidence
from ledger.disputes.facts import recommendation_for
from ledger.disputes.holding import current_reference, hold, parts_of, release
from ledger.disputes.locking import DisputeNotInState, check_move, lock_dispute, record_dispute
from ledger.disputes.models import Dispute
from ledger.disputes.opening import check_opening, clock_of
from ledger.disputes.reasons import REASONS
from ledger.disputes.recommending import LOOK
from ledger.disputes.seeing import check_seen
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.money import Money


class SameDecider(DomainError):
    """An appeal is decided by somebody who did not decide before."""


class DeviationNeedsReason(DomainError):
    """The decision is not what the facts recommend, and nobody said why."""


class StillProvisional(DomainError):
    """Credit was given before the decision, and it is not taken back yet."""


@transaction.atomic
def acknowledge_dispute(dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will note that the customer has our confirmation in writing. Repeating it is harmless.

    :raises DisputeNotInState: if it is decided or withdrawn already
    """
    dispute, _, _ = lock_dispute(dispute_id)
    if dispute.acknowledged_at is not None:
        return dispute
    if not dispute.is_open:
        raise DisputeNotInState(f"{dispute.number} is {dispute.get_state_display().lower()}; it is past that.")
    if dispute.state == Dispute.State.OPENED:
        dispute.acknowledge(at=at)
    dispute.acknowledged_at = at
    dispute.save()
    record_dispute(kinds.DISPUTE_ACKNOWLEDGED, dispute, by=by, at=at)
    return dispute


@transaction.atomic
def review_dispute(dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will note that somebody looks into it.

    :raises DisputeNotInState: if it is in review, or decided
    """
    dispute, _, _ = lock_dispute(dispute_id)
    check_move(dispute, dispute.review, "taken into review", by=by)
    dispute.review()
    dispute.save()
    record_dispute(kinds.DISPUTE_IN_REVIEW, dispute, by=by, at=at)
    return dispute


@transaction.atomic
def uphold_dispute(
    dispute_id: int, *, explanation: str, deviation: str = "", review_token: str | None = None, by: Actor, at: datetime
) -> Dispute:
    """This will find for the customer: a credit note takes the unpaid part off the bill, the paid part becomes credit.

    The credit can be paid out by a refund, or pays the next bill.

    :raises DisputeNotInState: if it is decided or withdrawn
    :raises InvalidInput: if nothing is said to the customer
    :raises NotSeenYet: if something arrived that the decider has not seen
    :raises DeviationNeedsReason: if the facts recommend otherwise and `deviation` does not say why
    :raises DecidedByItsOpener: if it is above the decider's limit and they opened it
    """
    dispute, invoice, line = lock_dispute(dispute_id)
    check_move(dispute, dispute.uphold, "upheld", by=by)
    said = _check_decision(dispute, "upheld", explanation, deviation, review_token, by=by)
    granted = dispute.contested
    check_two_people(dispute, granted, by=by, at=at)
    _grant(dispute, invoice, line, granted, by=by, at=at)
    dispute.uphold(by=str(by), at=at, explanation=said)
    dispute.save()
    provisional.settle_part(dispute, parts_of(dispute, granted)[1], by=by, at=at)
    _record_decided(kinds.DISPUTE_UPHELD, dispute, granted, by=by, at=at)
    return dispute


@transaction.atomic
def uphold_dispute_partly(
    dispute_id: int,
    *,
    amount: Money,
    explanation: str,
    deviation: str = "",
    review_token: str | None = None,
    by: Actor,
    at: datetime,
) -> Dispute:
    """This will find for the customer for an amount (tax included); the rest is due again, or stays paid.

    The amount comes off the unpaid part first, what is above it becomes credit. Credit given provisionally beyond it is
    taken back after the notice period.

    :raises InvalidInput: if the amount is not above zero and below what is contested
    :raises DisputeNotInState: and the others, as `uphold_dispute`
    """
    dispute, invoice, line = lock_dispute(dispute_id)
    check_move(dispute, dispute.uphold_partly, "upheld in part", by=by)
    if amount.currency != dispute.currency or not 0 < amount.minor < dispute.contested.minor:
        raise InvalidInput(f"In part is above zero and below {dispute.contested}.")
    said = _check_decision(dispute, "partly_upheld", explanation, deviation, review_token, by=by)
    check_two_people(dispute, amount, by=by, at=at)
    _grant(dispute, invoice, line, amount, by=by, at=at)
    dispute.uphold_partly(by=str(by), at=at, explanation=said)
    dispute.save()
    provisional.settle_part(dispute, parts_of(dispute, amount)[1], by=by, at=at)
    provisional.announce_reversal(dispute, by=by, at=at)
    _record_decided(kinds.DISPUTE_PARTLY_UPHELD, dispute, amount, by=by, at=at)
    return dispute


def _grant(dispute: Dispute, invoice: Invoice, line: InvoiceLine, granted: Money, *, by: Actor, at: datetime) -> None:
    unpaid, paid = parts_of(dispute, granted)
    release(dispute, invoice, line, granted=granted, by=by, at=at)
    if paid.minor:
        entry = posting_rules.dispute_upheld(
            paid,
            customer_id=dispute.customer_id,
            dispute=current_reference(dispute),
            on=invoice.customer.local_day(at),
        )
        post_entry(entry, by=by, at=at)
    issue_credit_note(
        line.pk,
        amount=granted,
        reason=f"{REASONS[dispute.reason].label} ({dispute.number})",
        source=current_reference(dispute),
        disputed_unpaid=unpaid,
        by=by,
        at=at,
    )
    dispute.granted_minor += granted.minor


def _check_decision(
    dispute: Dispute, outcome: str, explanation: str, deviation: str, token: str | None, *, by: Actor
) -> str:
    """Refuse a decision nobody explains, somebody made blind, or that strays from the facts without a reason."""
    if not explanation.strip():
        raise InvalidInput("Explain the decision; the customer reads it.")
    if dispute.first_decided_by and dispute.first_decided_by == str(by):
        raise SameDecider("You decided this before. An appeal is decided by a colleague.")
    check_seen(dispute, token, by=by)
    found = recommendation_for(dispute)
    dispute.recommended, dispute.because = found.outcome, list(found.because)
    strays = found.outcome not in (LOOK, outcome)
    if strays and not deviation.strip():
        raise DeviationNeedsReason(f"{' '.join(found.because)} Say why you decide otherwise.")
    dispute.deviation = deviation.strip() if strays else ""
    return explanation.strip()


def _record_decided(kind: str, dispute: Dispute, granted: Money, *, by: Actor, at: datetime, **more: Any) -> None:
    record_dispute(
        kind,
        dispute,
        by=by,
        at=at,
        explanation=dispute.explanation,
        paid_minor=parts_of(dispute, granted)[1].minor,
        granted_minor=granted.minor,
        recommended=dispute.recommended,
        deviation=dispute.deviation,
        **more,
    )


@transaction.atomic
def reject_dispute(
    dispute_id: int, *, explanation: str, deviation: str = "", review_token: str | None = None, by: Actor, at: datetime
) -> Dispute:
    """This will find the charge right: what was held is due again, and the customer is told why.

    Credit given provisionally is taken back after the notice period, of which the customer is told.

    :raises DisputeNotInState: and the others, as `uphold_dispute`
    """
    dispute, invoice, line = lock_dispute(dispute_id)
    check_move(dispute, dispute.reject, "rejected", by=by)
    said = _check_decision(dispute, "rejected", explanation, deviation, review_token, by=by)
    release(dispute, invoice, line, by=by, at=at)
    dispute.reject(by=str(by), at=at, explanation=said)
    dispute.save()
    provisional.announce_reversal(dispute, by=by, at=at)
    _record_decided(kinds.DISPUTE_REJECTED, dispute, Money(0, dispute.currency), by=by, at=at)
    return dispute


@transaction.atomic
def withdraw_dispute(dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will end a dispute the customer takes back: what was held is due again.

    :raises DisputeNotInState: if it is decided or withdrawn
    """
    dispute, invoice, line = lock_dispute(dispute_id)
    check_move(dispute, dispute.withdraw, "withdrawn", by=by)
    release(dispute, invoice, line, by=by, at=at)
    dispute.withdraw(by=str(by), at=at)
    dispute.save()
    provisional.announce_reversal(dispute, by=by, at=at)
    record_dispute(kinds.DISPUTE_WITHDRAWN, dispute, by=by, at=at)
    return dispute


@transaction.atomic
def appeal_dispute(dispute_id: int, *, reason: str, by: Actor, at: datetime) -> Dispute:
    """This will look once more, on new evidence, at what was not granted, and hold it again; somebody else decides.

    :raises DisputeNotInState: if it is not rejected or upheld in part, or was appealed before
    :raises InvalidInput: if nothing new is said
    :raises AlreadyDisputed, DisputeTooLarge, NotAskedFor: if the line was disputed anew or credited since
    """
    dispute, invoice, line = lock_dispute(dispute_id)
    check_move(dispute, dispute.appeal, "appealed", by=by)
    if not reason.strip():
        raise InvalidInput("An appeal says what is new.")
    dispute.appeal(at=at)
    # Since the decision the line may have been credited, or disputed anew.
    check_opening(line, dispute.contested, dispute.reason)
    unpaid = min(dispute.contested, invoice.due_amount)
    dispute.unpaid_minor, dispute.paid_minor = unpaid.minor, (dispute.contested - unpaid).minor
    dispute.due_at = clock_of(invoice.customer, dispute.regime, at).decide_by
    dispute.warned_due_at = None
    dispute.save()
    hold(dispute, invoice, line, number=2, by=by, at=at)
    provisional.stand_again(dispute)
    add_evidence(dispute, kind="note", key="appeal", content={"appeal": reason.strip()}, by=by, at=at)
    record_dispute(kinds.DISPUTE_APPEALED, dispute, by=by, at=at, reason=reason, answer_by=dispute.due_at.isoformat())
    return dispute


@transaction.atomic
def close_dispute(dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will close a decided dispute for good: it cannot be appealed any more.

    :raises DisputeNotInState: if it is open, or closed already
    :raises StillProvisional: if credit given before the decision is not taken back yet
    """
    dispute, _, _ = lock_dispute(dispute_id)
    check_move(dispute, dispute.close, "closed", by=by)
    if provisional.is_open(dispute):
        raise StillProvisional(f"Credit given for {dispute.number} before the decision is still open.")
    dispute.close(at=at)
    dispute.save()
    record_dispute(kinds.DISPUTE_CLOSED, dispute, by=by, at=at, outcome=dispute.outcome)
    return dispute


#: The decisions by name, as interfaces offer them.
DECISIONS: dict[str, Callable[..., Dispute]] = {
    "upheld": uphold_dispute,
    "partly_upheld": uphold_dispute_partly,
    "rejected": reject_dispute,
}
