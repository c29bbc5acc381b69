"""What agents do to the books from a case. Each act stands on the customer's proof in this very conversation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from ledger.customers.operations import refuse_access
from ledger.disputes import operations as disputes
from ledger.disputes.models import Dispute
from ledger.disputes.queries import get_dispute
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import subject_of
from ledger.money import Money
from ledger.refunds import operations as refunds
from ledger.refunds.models import Refund
from ledger.refunds.queries import get_refund
from ledger.refunds.routes import ORIGINAL, Way, reroute_refund
from tickets.casework.models import CaseLink
from tickets.casework.progress import progress_text
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_event_line, lock_ticket
from tickets.conversations.queries import evidence_words
from tickets.promises.operations import make_promise
from verification.queries import require_proof

LED_TO, IS_ABOUT = "led_to", "is_about"
#: A refund promised in a case is paid within this time, or the promise counts as broken.
REFUND_WITHIN = timedelta(hours=24)
#: Refusals an auditor wants to see: they leave an event although nothing else happened.
AUDITED = frozenset({"proof_missing", "own_account"})


class CustomerNotKnown(DomainError):
    """Nothing can be done to an account before it is known whose case it is."""


@contextlib.contextmanager
def _audited(ticket_id: int, act: str, *, by: Actor, at: datetime) -> Iterator[None]:
    """Run an act in a transaction of its own; when it is refused for want of proof or right, record that outside it."""
    try:
        with transaction.atomic():
            yield
    except DomainError as refusal:
        if refusal.code() in AUDITED:
            customer_id = Ticket.objects.filter(pk=ticket_id).values_list("customer_id", flat=True).first()
            refuse_access(f"ticket:{ticket_id}", why=f"{act}: {refusal}", customer_id=customer_id, by=by, at=at)
        raise


def _customer_of(ticket: Ticket) -> int:
    if ticket.customer_id is None:
        raise CustomerNotKnown("Please say first whose case this is.")
    return ticket.customer_id


def link(ticket: Ticket, subject: str, role: str, *, by: Actor, at: datetime) -> CaseLink:
    """This will remember that a ticket led to, or is about, an object; repeating it is harmless."""
    made, _ = CaseLink.objects.get_or_create(
        ticket=ticket, subject=subject, defaults={"role": role, "linked_by": str(by), "linked_at": at}
    )
    return made


def open_dispute_for_ticket(
    ticket_id: int,
    *,
    line_id: int,
    amount: Money,
    reason: str,
    received_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Dispute:
    """This will dispute (part of) a billed line for the customer, with their words from this case as evidence.

    :raises ProofMissing: if the customer has not proved who they are in this conversation (recorded: access.refused)
    :raises OwnAccount: if it is the agent's own account (recorded likewise)
    :raises CustomerNotKnown: if the ticket has no customer
    """
    with _audited(ticket_id, "open a dispute", by=by, at=at):
        ticket = lock_ticket(ticket_id, by=by)
        proof = require_proof(_customer_of(ticket), f"ticket:{ticket_id}", action="open_dispute", at=at)
        dispute = disputes.open_dispute(
            line_id,
            amount=amount,
            reason=reason,
            proof=proof,
            words=evidence_words(ticket_id),
            conversation=f"ticket:{ticket_id}",
            received_at=received_at,
            by=by,
            at=at,
        )
        link(ticket, subject_of(dispute), LED_TO, by=by, at=at)
    return dispute


def uphold_dispute_for_ticket(
    ticket_id: int, dispute_id: int, *, explanation: str, deviation: str = "", by: Actor, at: datetime
) -> Dispute:
    """This will find for the customer. The dispute stands on its proof; deciding it later needs no new one."""
    with _audited(ticket_id, "uphold a dispute", by=by, at=at):
        _dispute_of(ticket_id, dispute_id, by=by, at=at)
        return disputes.uphold_dispute(dispute_id, explanation=explanation, deviation=deviation, by=by, at=at)


def uphold_dispute_partly_for_ticket(
    ticket_id: int, dispute_id: int, *, amount: Money, explanation: str, deviation: str = "", by: Actor, at: datetime
) -> Dispute:
    """This will find for the customer for a part of the amount; the rest of the charge stays."""
    with _audited(ticket_id, "uphold a dispute in part", by=by, at=at):
        _dispute_of(ticket_id, dispute_id, by=by, at=at)
        return disputes.uphold_dispute_partly(
            dispute_id, amount=amount, explanation=explanation, deviation=deviation, by=by, at=at
        )


def reject_dispute_for_ticket(
    ticket_id: int, dispute_id: int, *, explanation: str, deviation: str = "", by: Actor, at: datetime
) -> Dispute:
    """This will find the charge right; the customer is told why. Deciding needs no new proof."""
    with _audited(ticket_id, "reject a dispute", by=by, at=at):
        _dispute_of(ticket_id, dispute_id, by=by, at=at)
        return disputes.reject_dispute(dispute_id, explanation=explanation, deviation=deviation, by=by, at=at)


def appeal_dispute_for_ticket(ticket_id: int, dispute_id: int, *, reason: str, by: Actor, at: datetime) -> Dispute:
    """This will look again at what was not granted, because the customer said something new; nothing leaves by it."""
    with _audited(ticket_id, "appeal a dispute", by=by, at=at):
        _dispute_of(ticket_id, dispute_id, by=by, at=at)
        return disputes.appeal_dispute(dispute_id, reason=reason, by=by, at=at)


def withdraw_dispute_for_ticket(ticket_id: int, dispute_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will take a dispute back for the customer, who must have proved who they are: the amount becomes due.

    :raises ProofMissing: if they have not (recorded: access.refused)
    """
    with _audited(ticket_id, "withdraw a dispute", by=by, at=at):
        ticket = _dispute_of(ticket_id, dispute_id, by=by, at=at)
        require_proof(_customer_of(ticket), f"ticket:{ticket_id}", action="withdraw_dispute", at=at)
        return disputes.withdraw_dispute(dispute_id, by=by, at=at)


def _dispute_of(ticket_id: int, dispute_id: int, *, by: Actor, at: datetime) -> Ticket:
    """Lock the ticket and make sure the dispute is its customer's; link them, as a later case may decide it."""
    ticket = lock_ticket(ticket_id, by=by)
    dispute = get_dispute(dispute_id, customer_id=_customer_of(ticket))
    link(ticket, subject_of(dispute), IS_ABOUT, by=by, at=at)
    return ticket


def request_refund_for_ticket(
    ticket_id: int,
    *,
    payment_id: int,
    amount: Money,
    reason: str,
    dispute_id: int | None = None,
    is_goodwill: bool = False,
    way: Way = ORIGINAL,
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Refund:
    """This will ask for money back for the customer and note the promise that it is paid within a day.

    :raises ProofMissing: if the customer has not proved who they are in this conversation (recorded: access.refused)
    :raises OwnAccount, CustomerNotKnown: if it is the agent's own account (recorded), or the ticket has no customer
    """
    with _audited(ticket_id, "request a refund", by=by, at=at):
        ticket = lock_ticket(ticket_id, by=by)
        proof = require_proof(_customer_of(ticket), f"ticket:{ticket_id}", action=_action(way), at=at)
        if dispute_id is not None:
            get_dispute(dispute_id, customer_id=ticket.customer_id)
        refund = refunds.request_refund(
            payment_id,
            amount=amount,
            reason=reason,
            proof=proof,
            is_goodwill=is_goodwill,
            way=way,
            source=f"dispute:{dispute_id}" if dispute_id is not None else f"ticket:{ticket_id}",
            conversation=f"ticket:{ticket_id}",
            external_id=external_id,
            by=by,
            at=at,
        )
        link(ticket, subject_of(refund), LED_TO, by=by, at=at)
        link(ticket, f"payment:{payment_id}", IS_ABOUT, by=by, at=at)
        _promise_refund(refund, ticket_id, by=by, at=at)
    return refund


def _action(way: Way) -> str:
    """Return what the customer must prove themselves for: money to a new card or account needs the strongest proof."""
    return "refund_to_new_account" if way.route == Refund.Route.ANOTHER else "request_refund"


def reroute_refund_for_ticket(ticket_id: int, refund_id: int, *, way: Way, by: Actor, at: datetime) -> Refund:
    """This will send a refund that failed on another way, which the customer chose in this conversation.

    :raises ProofMissing: if the customer has not proved who they are strongly enough for this way (recorded)
    """
    with _audited(ticket_id, "send a refund another way", by=by, at=at):
        ticket = lock_ticket(ticket_id, by=by)
        get_refund(refund_id, customer_id=_customer_of(ticket))
        proof = require_proof(_customer_of(ticket), f"ticket:{ticket_id}", action=_action(way), at=at)
        refund = reroute_refund(refund_id, way=way, proof=proof, by=by, at=at)
        link(ticket, subject_of(refund), IS_ABOUT, by=by, at=at)
    return refund


def _promise_refund(refund: Refund, ticket_id: int, *, by: Actor, at: datetime) -> None:
    make_promise(
        ticket_id,
        what="refund",
        words=f"Refund {refund.number} of {refund.amount} is on its way",
        due_at=at + REFUND_WITHIN,
        amount=refund.amount,
        about=subject_of(refund),
        by=by,
        at=at,
    )


def note_progress(event: Event, at: datetime) -> None:
    """This will put one line about an event into every ticket its object is linked to; once per event and ticket."""
    text = progress_text(event)
    if not text:
        return
    tickets = set(CaseLink.objects.filter(subject=event.subject).values_list("ticket_id", flat=True))
    kind, _, pk = str(event.data.get("conversation", "")).partition(":")
    if kind == "ticket" and pk.isdigit() and Ticket.objects.filter(pk=int(pk)).exists():
        tickets.add(int(pk))
    for ticket_id in sorted(tickets):
        add_event_line(
            ticket_id, key=f"event:{event.pk}:ticket:{ticket_id}", text=text, about=event.subject, at=event.occurred_at
        )
