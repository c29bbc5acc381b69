"""open_dispute: hold the disputed amount, set the clocks that bind, freeze the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.disputes.clocks import OUR_PROMISE, PROMISE, Clock, clock
from ledger.disputes.evidence import take_evidence
from ledger.disputes.holding import hold
from ledger.disputes.locking import record_dispute
from ledger.disputes.models import Dispute
from ledger.disputes.reasons import REASONS
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.invoices.operations import lock_invoice
from ledger.jurisdictions.queries import find_rule
from ledger.jurisdictions.rules import Place, Rule
from ledger.money import Money

#: The level of identity proof a dispute needs: possession of a contact on file (verification/policy.py).
PROOF_LEVEL = 2


class NoSuchLine(NotFound):
    """There is no such line on a bill."""


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
    received_at: datetime | None = None,
    regime: str = Dispute.Regime.BILL,
    by: Actor,
    at: datetime,
) -> Dispute:
    """This will hold the disputed amount (tax included) and nothing else, and freeze the evidence.

    The clocks run from `received_at`, the moment the customer told us (a call), else from now.

    :raises ProofMissing: if the proof does not cover the customer now
    :raises DisputeTooLarge: if less is left of the line
    :raises AlreadyDisputed: if the line is in an open dispute
    :raises InvalidInput: if reason or regime are unknown, the amount not above zero, or it was received in the future
    """
    line = _line(line_id)
    refuse_own_account(by, line.invoice.customer_id)
    proof.check(customer_id=line.invoice.customer_id, level=PROOF_LEVEL, at=at)
    if known := _known(external_id, line_id, amount):
        return known
    invoice = lock_invoice(line.invoice_id)
    line = InvoiceLine.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=line_id)
    check_opening(line, amount, reason)
    told_at = _told_at(received_at, regime, at=at)
    dispute = _new(invoice, line, amount, reason, proof)
    dispute.conversation, dispute.external_id, dispute.regime = conversation, external_id, regime
    _start(dispute, invoice.customer, told_at, by=by, at=at)
    hold(dispute, invoice, line, number=1, by=by, at=at)
    take_evidence(dispute, line, words=words, at=at)
    told = {"what": line.description, "answer_by": dispute.due_at.isoformat()}
    record_dispute(kinds.DISPUTE_OPENED, dispute, by=by, at=at, **told)
    return dispute


def _told_at(received_at: datetime | None, regime: str, *, at: datetime) -> datetime:
    told_at = received_at or at
    if regime not in Dispute.Regime.values or told_at > at:
        raise InvalidInput("A dispute is received before it is opened, about a bill, a credit account or a transfer.")
    return told_at


def _new(invoice: Invoice, line: InvoiceLine, amount: Money, reason: str, proof: IdentityProof) -> Dispute:
    unpaid = min(amount, invoice.due_amount)
    return Dispute(
        customer_id=invoice.customer_id,
        line=line,
        currency=amount.currency,
        amount_minor=amount.minor,
        unpaid_minor=unpaid.minor,
        paid_minor=(amount - unpaid).minor,
        reason=reason,
        proof_reference=proof.reference,
    )


def _start(dispute: Dispute, customer: Customer, told_at: datetime, *, by: Actor, at: datetime) -> None:
    dispute.number = next_number("D", customer.local_day(at).year)
    dispute.opened_by, dispute.opened_at, dispute.received_at = str(by), at, told_at
    runs = clock_of(customer, dispute.regime, told_at)
    dispute.acknowledge_by, dispute.due_at = runs.acknowledge_by, runs.decide_by
    dispute.clock_source, dispute.clock_rule_id = runs.source[:500], runs.rule_id
    dispute.save()


def rule_of(customer: Customer, regime: str, received_at: datetime) -> Rule | None:
    """Return the rule a dispute's clocks come from; None where only our promise binds."""
    place = Place(customer.country, customer.region, customer.kind, regime)
    return find_rule("dispute_clock", place, on=customer.local_day(received_at))


def clock_of(customer: Customer, regime: str, received_at: datetime, *, is_credited: bool = False) -> Clock:
    """Return the clocks of a dispute of a customer, received at a moment."""
    rule = rule_of(customer, regime, received_at)
    return clock(
        rule.params if rule else PROMISE,
        received_at=received_at,
        country=customer.country,
        zone=customer.time_zone,
        source=rule.source if rule else OUR_PROMISE,
        rule_id=rule.id if rule else None,
        is_credited=is_credited,
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


def check_opening(line: InvoiceLine, amount: Money, reason: str) -> None:
    """Refuse what cannot be disputed: a bill nobody asks for, an unknown reason, more than is left of the line."""
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
