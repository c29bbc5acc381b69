"""The dispute's whole life: open, review, uphold, reject, withdraw, appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.disputes.evidence import take_evidence
from ledger.disputes.holding import current_reference, hold, release
from ledger.disputes.models import Dispute
from ledger.disputes.reasons import REASONS
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.invoices.operations import lock_invoice
from ledger.money import Money

#: The level of identity proof a dispute needs: possession of a contact on file (verification/policy.py).
PROOF_LEVEL = 2
#: Days within which we promise an answer. Our own promise; a law that is stricter goes into the queue's SLA.
ANSWER_DAYS = 14


class NoSuchDispute(NotFound):
    """There is no such dispute, or it is somebody else's."""


class NoSuchLine(NotFound):
    """There is no such line on a bill."""


class DisputeNotInState(DomainError):
    """The dispute is not in a state in which this can be done."""


class AlreadyDisputed(DomainError):
    """This line is part of an open dispute already."""


class DisputeTooLarge(DomainError):
    """More was disputed than is left of the line."""


class NotAskedFor(DomainError):
    """The bill is void, given up or a draft: the customer does not have to pay it."""


class DisputeIdReused(DomainError):
    """The same external id was used before, for another dispute."""


@transaction.atomic
def open_dispute(
    line_id: int,
    *,
    amount: Money,
    reason: str,
    proof: IdentityProof,
    words: Sequence[Mapping[str, object]] = (),
    conversation: str = "",
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Dispute:
    """This will hold the disputed amount (tax included) and nothing else, and freeze the evidence.

    :raises ProofMissing: if the proof does not cover the customer now
    :raises DisputeTooLarge: if less is left of the line
    :raises AlreadyDisputed: if the line is in an open dispute
    :raises InvalidInput: if the reason is unknown or the amount not above zero
    """
    line = _line(line_id)
    refuse_own_account(by, line.invoice.customer_id)
    proof.check(customer_id=line.invoice.customer_id, level=PROOF_LEVEL, at=at)
    known = _known(external_id, line_id, amount)
    if known:
        return known
    invoice = lock_invoice(line.invoice_id)
    line = InvoiceLine.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=line_id)
    _check_opening(line, amount, reason)
    dispute = _create(invoice, line, amount, reason, proof, conversation, external_id, by=by, at=at)
    hold(dispute, invoice, line, number=1, by=by, at=at)
    take_evidence(dispute, line, words=words, at=at)
    _record(kinds.DISPUTE_OPENED, dispute, by=by, at=at, what=line.description, answer_by=dispute.due_at.isoformat())
    return dispute


def _create(
    invoice: Invoice,
    line: InvoiceLine,
    amount: Money,
    reason: str,
    proof: IdentityProof,
    conversation: str,
    external_id: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Dispute:
    unpaid = min(amount, invoice.due_amount)
    return Dispute.objects.create(
        number=next_number("D", invoice.customer.local_day(at).year),
        customer_id=invoice.customer_id,
        line=line,
        currency=amount.currency,
        amount_minor=amount.minor,
        unpaid_minor=unpaid.minor,
        paid_minor=(amount - unpaid).minor,
        reason=reason,
        conversation=conversation,
        proof_reference=proof.reference,
        external_id=external_id,
        opened_by=str(by),
        opened_at=at,
        due_at=at + timedelta(days=ANSWER_DAYS),
    )


def _known(external_id: str | None, line_id: int, amount: Money) -> Dispute | None:
    known = Dispute.objects.filter(external_id=external_id).first() if external_id else None
    if known and (known.line_id, known.amount) != (line_id, amount):
        raise DisputeIdReused(f"{external_id!r} was used before for another dispute.")
    return known


def _line(line_id: int) -> InvoiceLine:
    line = InvoiceLine.objects.filter(pk=line_id).select_related("invoice").first()
    if line is None:
        raise NoSuchLine("There is no such line on a bill.")
    return line


def _check_opening(line: InvoiceLine, amount: Money, reason: str) -> None:
    if line.invoice.state not in (Invoice.State.OPEN, Invoice.State.PAID):
        raise NotAskedFor(f"The bill {line.invoice.number} is {line.invoice.state}: nothing of it is asked for.")
    if reason not in REASONS:
        raise InvalidInput(f"{reason!r} is not a reason we know.")
    if amount.minor <= 0 or amount.currency != line.currency:
        raise InvalidInput(f"A disputed amount is above zero and in {line.currency}.")
    if line.disputed_minor:
        raise AlreadyDisputed("This line is in an open dispute already.")
    left = line.total - Money(line.credited_minor, line.currency)
    if amount > left:
        raise DisputeTooLarge(f"Only {left} of this line can be disputed.")


def _lock(dispute_id: int) -> tuple[Dispute, Invoice, InvoiceLine]:
    dispute = Dispute.objects.filter(pk=dispute_id).select_related("line").first()
    if dispute is None:
        raise NoSuchDispute("There is no such dispute.")
    invoice = lock_invoice(dispute.line.invoice_id)
    line = InvoiceLine.objects.select_for_update().get(pk=dispute.line_id)
    return Dispute.objects.select_for_update().get(pk=dispute_id), invoice, line


def _check_move(dispute: Dispute, move: object, words: str, *, by: Actor) -> None:
    refuse_own_account(by, dispute.customer_id)
    if not can_proceed(move):
        raise DisputeNotInState(f"{dispute.number} is {dispute.state}; it cannot be {words}.")


def _record(kind: str, dispute: Dispute, *, by: Actor, at: datetime, **more: Any) -> None:
    record_event(
        kind,
        subject=dispute,
        customer_id=dispute.customer_id,
        by=by,
        at=at,
        number=dispute.number,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        conversation=dispute.conversation,
        **more,
    )


@transaction.atomic
def review_dispute(dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will note that somebody looks into it.

    :raises DisputeNotInState: if it is not newly opened
    """
    dispute, _, _ = _lock(dispute_id)
    _check_move(dispute, dispute.review, "taken into review", by=by)
    dispute.review()
    dispute.save()
    _record(kinds.DISPUTE_IN_REVIEW, dispute, by=by, at=at)
    return dispute


@transaction.atomic
def uphold_dispute(dispute_id: int, *, explanation: str, by: Actor, at: datetime) -> Dispute:
    """This will find for the customer: a credit note takes the unpaid part off the bill, the paid part becomes credit.

    The credit can be paid out by a refund, or pays the next bill.

    :raises DisputeNotInState: if it is decided or withdrawn
    :raises InvalidInput: if nothing is said to the customer
    """
    dispute, invoice, line = _lock(dispute_id)
    _check_move(dispute, dispute.uphold, "upheld", by=by)
    _check_explanation(explanation)
    line.disputed_minor -= dispute.amount_minor
    line.save(update_fields=["disputed_minor"])
    if dispute.paid_minor:
        entry = posting_rules.dispute_upheld(
            Money(dispute.paid_minor, dispute.currency),
            customer_id=dispute.customer_id,
            dispute=current_reference(dispute),
            on=invoice.customer.local_day(at),
        )
        post_entry(entry, by=by, at=at)
    issue_credit_note(
        line.pk,
        amount=dispute.amount,
        reason=f"{REASONS[dispute.reason].label} ({dispute.number})",
        source=f"dispute:{dispute.pk}",
        disputed_unpaid=Money(dispute.unpaid_minor, dispute.currency),
        by=by,
        at=at,
    )
    dispute.uphold(by=str(by), at=at, explanation=explanation.strip())
    dispute.save()
    _record(kinds.DISPUTE_UPHELD, dispute, by=by, at=at, explanation=dispute.explanation, paid_minor=dispute.paid_minor)
    return dispute


def _check_explanation(explanation: str) -> None:
    if not explanation.strip():
        raise InvalidInput("Explain the decision; the customer reads it.")


@transaction.atomic
def reject_dispute(dispute_id: int, *, explanation: str, by: Actor, at: datetime) -> Dispute:
    """This will find the charge right: what was held is due again, and the customer is told why.

    :raises DisputeNotInState: if it is decided or withdrawn
    :raises InvalidInput: if nothing is said to the customer
    """
    dispute, invoice, line = _lock(dispute_id)
    _check_move(dispute, dispute.reject, "rejected", by=by)
    _check_explanation(explanation)
    release(dispute, invoice, line, by=by, at=at)
    dispute.reject(by=str(by), at=at, explanation=explanation.strip())
    dispute.save()
    _record(kinds.DISPUTE_REJECTED, dispute, by=by, at=at, explanation=dispute.explanation)
    return dispute


@transaction.atomic
def withdraw_dispute(dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will end a dispute the customer takes back: what was held is due again.

    :raises DisputeNotInState: if it is decided or withdrawn
    """
    dispute, invoice, line = _lock(dispute_id)
    _check_move(dispute, dispute.withdraw, "withdrawn", by=by)
    release(dispute, invoice, line, by=by, at=at)
    dispute.withdraw(by=str(by), at=at)
    dispute.save()
    _record(kinds.DISPUTE_WITHDRAWN, dispute, by=by, at=at)
    return dispute


@transaction.atomic
def appeal_dispute(dispute_id: int, *, reason: str, by: Actor, at: datetime) -> Dispute:
    """This will look into a rejected dispute once more, on new evidence, and hold its amount again.

    :raises DisputeNotInState: if it is not rejected, or was appealed before
    """
    dispute, invoice, line = _lock(dispute_id)
    _check_move(dispute, dispute.appeal, "appealed", by=by)
    unpaid = min(dispute.amount, invoice.due_amount)
    dispute.unpaid_minor, dispute.paid_minor = unpaid.minor, (dispute.amount - unpaid).minor
    dispute.appeal(at=at)
    dispute.decided_by, dispute.decided_at = "", None
    dispute.due_at = at + timedelta(days=ANSWER_DAYS)
    dispute.save()
    hold(dispute, invoice, line, number=2, by=by, at=at)
    _record(kinds.DISPUTE_APPEALED, dispute, by=by, at=at, reason=reason)
    return dispute
