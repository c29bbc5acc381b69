"""What a case tells its disputes: new messages become evidence, and a confirmation that went out is noted."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ledger.disputes.drafts import NoSuchDraft, open_draft, save_draft
from ledger.disputes.models import Dispute, DisputeDraft
from ledger.disputes.operations import NoSuchLine, acknowledge_dispute, note_new_material
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import InvoiceLine
from ledger.money import Money
from notifications.models import Message as Delivered
from tickets.casework.models import CaseLink
from tickets.casework.operations import LED_TO, link
from tickets.channels.models import CallLog
from tickets.conversations.models import Message
from tickets.conversations.operations import lock_ticket
from tickets.conversations.queries import evidence_word, evidence_words
from verification.queries import require_proof

#: How long after its beginning a call is still what the customer is on.
CALL_COUNTS_FOR = timedelta(hours=4)
JOB = Actor.system("disputes")


def told_at(ticket_id: int, at: datetime) -> datetime:
    """Return when the customer said it: the beginning of the call the case comes from, if it was today, else now."""
    calls = CallLog.objects.filter(ticket_id=ticket_id, started_at__gt=at - CALL_COUNTS_FOR)
    call = calls.order_by("-started_at").first()
    return min(call.started_at, at) if call is not None else at


@transaction.atomic
def save_draft_for_ticket(
    ticket_id: int, *, line_id: int, amount: Money, reason: str, words: str = "", by: Actor, at: datetime
) -> DisputeDraft:
    """This will keep a dispute that cannot be opened now (the line dropped, no proof yet); its bill is not asked for.

    :raises NoSuchLine: if the line is not on a bill of the case's customer
    """
    ticket = lock_ticket(ticket_id, by=by)
    line = InvoiceLine.objects.filter(pk=line_id).select_related("invoice").first()
    if line is None or line.invoice.customer_id != ticket.customer_id:
        raise NoSuchLine("There is no such line on a bill of this customer.")
    return save_draft(
        line_id,
        amount=amount,
        reason=reason,
        words=words,
        conversation=f"ticket:{ticket_id}",
        received_at=told_at(ticket_id, at),
        by=by,
        at=at,
    )


@transaction.atomic
def open_draft_for_ticket(ticket_id: int, draft_id: int, *, by: Actor, at: datetime) -> Dispute:
    """This will open the dispute that was noted, on the customer's proof in this case; its clocks run from the call.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    """
    ticket = lock_ticket(ticket_id, by=by)
    if ticket.customer_id is None:
        raise NoSuchDraft("There is no such draft of a dispute.")
    proof = require_proof(ticket.customer_id, f"ticket:{ticket_id}", action="open_dispute", at=at)
    dispute = open_draft(draft_id, proof=proof, words=evidence_words(ticket_id), by=by, at=at)
    link(ticket, f"dispute:{dispute.pk}", LED_TO, by=by, at=at)
    return dispute


def hand_over_message(event: Event, at: datetime) -> None:
    """For ticket.message_received: what the customer wrote becomes evidence of the open disputes of the case.

    A decision is refused until whoever decides has seen it.
    """
    said = Message.objects.filter(pk=event.data.get("message"), kind=Message.Kind.IN, is_participant=True)
    message = said.filter(is_auto_reply=False).first()
    if message is None:
        return
    linked = CaseLink.objects.filter(ticket_id=message.ticket_id, subject__startswith="dispute:")
    also = [int(subject.partition(":")[2]) for subject in linked.values_list("subject", flat=True)]
    note_new_material(
        f"ticket:{message.ticket_id}",
        key=f"message:{message.pk}",
        content=evidence_word(message),
        also=also,
        by=JOB,
        at=event.occurred_at,
    )


def acknowledge_told_disputes(*, at: datetime, limit: int = 500) -> int:
    """This will note which disputes were confirmed to the customer in writing; return how many are new."""
    waiting = Dispute.objects.filter(state="opened", acknowledged_at=None).order_by("acknowledge_by", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    sent = Delivered.objects.filter(about__in=[f"dispute:{pk}" for pk in ids], state="sent")
    told = sent.filter(template__startswith="dispute_opened.")
    noted = 0
    for about in sorted(set(told.values_list("about", flat=True))):
        try:
            acknowledge_dispute(int(about.partition(":")[2]), by=JOB, at=at)
        except DomainError:
            continue  # Decided in the meantime: there is nothing left to confirm.
        noted += 1
    return noted
