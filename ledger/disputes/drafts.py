"""Disputes on the telephone: what is read back, and the draft that is kept when the line drops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.disputes.models import Dispute, DisputeDraft
from ledger.disputes.opening import NoSuchLine, check_opening, open_dispute
from ledger.disputes.reasons import REASONS, said
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.holds.operations import lift_holds, place_hold
from ledger.invoices.models import InvoiceLine
from ledger.money import Money

#: How long a draft keeps its bill from being asked for: until somebody has called back.
KEEPS_FOR = timedelta(days=3)
STOPS = ("collection", "reminders", "fees", "restriction")

__all__ = ["give_up_draft", "open_draft", "read_back", "save_draft", "waiting_drafts"]

READ_BACK = {
    "en": "I have noted: of bill {bill}, the line “{line}”, you dispute {amount} because: {reason}. Until we have "
    "decided you need not pay this amount; everything else stays as it is. Is that right?",
    "de": "Ich habe notiert: Von der Rechnung {bill}, Posten „{line}“, beanstanden Sie {amount}, Grund: {reason}. Bis "
    "wir entschieden haben, müssen Sie diesen Betrag nicht zahlen; alles andere bleibt, wie es ist. Stimmt das so?",
}


class NoSuchDraft(NotFound):
    """There is no such draft of a dispute."""


class DraftIsDone(DomainError):
    """The draft was opened as a dispute, or given up, before."""


def read_back(line: InvoiceLine, *, amount: Money, reason: str, language: str) -> str:
    """Return the sentence to read to the customer before the dispute is opened, in their language or English."""
    tag = language.partition("-")[0].lower()
    words = READ_BACK.get(tag, READ_BACK["en"])
    shown = amount.display(language)
    return words.format(bill=line.invoice.number, line=line.description, amount=shown, reason=said(reason, tag))


@transaction.atomic
def save_draft(
    line_id: int,
    *,
    amount: Money,
    reason: str,
    words: str = "",
    conversation: str,
    received_at: datetime,
    by: Actor,
    at: datetime,
) -> DisputeDraft:
    """This will keep what the customer said and stop what follows from not paying the bill until somebody calls back.

    It needs no proof, because it moves nothing. Saving it again for the same case and line renews what was said.

    :raises NoSuchLine: if there is no such line
    :raises InvalidInput: and the others, as `open_dispute`
    """
    line = InvoiceLine.objects.filter(pk=line_id).select_related("invoice").first()
    if line is None:
        raise NoSuchLine("There is no such line on a bill.")
    refuse_own_account(by, line.invoice.customer_id)
    check_opening(line, amount, reason)
    if not conversation or received_at > at:
        raise InvalidInput("A draft belongs to a case, and was said before now.")
    said = {"amount_minor": amount.minor, "currency": amount.currency, "reason": reason, "words": words.strip()[:5000]}
    kept = said | {"saved_by": str(by), "saved_at": at, "holds_until": at + KEEPS_FOR}
    draft, is_new = DisputeDraft.objects.update_or_create(
        line=line,
        conversation=conversation,
        dispute=None,
        given_up_at=None,
        defaults=kept,
        create_defaults=kept | {"customer_id": line.invoice.customer_id, "received_at": received_at},
    )
    _hold_bill(draft, line.invoice_id, by=by, at=at)
    if is_new:
        _record(kinds.DISPUTE_DRAFT_SAVED, draft, by=by, at=at)
    return draft


def _hold_bill(draft: DisputeDraft, invoice_id: int, *, by: Actor, at: datetime) -> None:
    place_hold(
        draft.customer_id,
        kind="review",
        stops=STOPS,
        source=f"disputedraft:{draft.pk}",
        why=f"{REASONS[draft.reason].label}: said on the telephone, not opened yet",
        invoice_id=invoice_id,
        until=draft.holds_until,
        by=by,
        at=at,
    )


@transaction.atomic
def open_draft(
    draft_id: int,
    *,
    proof: IdentityProof,
    words: Sequence[Mapping[str, object]] = (),
    by: Actor,
    at: datetime,
) -> Dispute:
    """This will open the dispute a draft was kept for; its clocks run from the call.

    :raises NoSuchDraft: if there is none
    :raises DraftIsDone: if it was opened or given up
    """
    draft = _lock(draft_id)
    noted = (
        [{"at": draft.received_at.isoformat(), "author": draft.saved_by, "text": draft.words}] if draft.words else []
    )
    dispute = open_dispute(
        draft.line_id,
        amount=draft.amount,
        reason=draft.reason,
        proof=proof,
        words=[*words, *noted],
        conversation=draft.conversation,
        received_at=draft.received_at,
        by=by,
        at=at,
    )
    draft.dispute = dispute
    draft.save(update_fields=["dispute"])
    lift_holds(f"disputedraft:{draft.pk}", by=by, at=at)
    return dispute


@transaction.atomic
def give_up_draft(draft_id: int, *, by: Actor, at: datetime) -> DisputeDraft:
    """This will let a draft go that the customer does not stand by; what it stopped goes on.

    :raises NoSuchDraft: if there is none
    :raises DraftIsDone: if it was opened or given up
    """
    draft = _lock(draft_id)
    draft.given_up_at = at
    draft.save(update_fields=["given_up_at"])
    lift_holds(f"disputedraft:{draft.pk}", by=by, at=at)
    _record(kinds.DISPUTE_DRAFT_GIVEN_UP, draft, by=by, at=at)
    return draft


def waiting_drafts(*, customer_id: int | None = None, limit: int = 50) -> list[DisputeDraft]:
    """Return drafts that wait for a call back, the oldest first."""
    found = DisputeDraft.objects.filter(dispute=None, given_up_at=None).select_related("line__invoice", "customer")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    return list(found.order_by("saved_at", "pk")[:limit])


def _lock(draft_id: int) -> DisputeDraft:
    draft = DisputeDraft.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None:
        raise NoSuchDraft("There is no such draft of a dispute.")
    if draft.dispute_id is not None or draft.given_up_at is not None:
        raise DraftIsDone("This draft was opened or given up before.")
    return draft


def _record(kind: str, draft: DisputeDraft, *, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=draft,
        customer_id=draft.customer_id,
        by=by,
        at=at,
        amount_minor=draft.amount_minor,
        currency=draft.currency,
        reason=draft.reason,
        conversation=draft.conversation,
    )
