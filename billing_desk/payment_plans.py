"""What follows when a payment plan is offered or agreed: the customer is told, and gets the agreement as a document."""

from __future__ import annotations

from datetime import datetime

from billing_desk.documents import keep_letter
from ledger.documents.glyphs import MissingGlyph
from ledger.documents.letters import Letter
from ledger.documents.models import Document
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.events.outbox import in_one_order
from ledger.instalments.models import PaymentPlan
from ledger.instalments.queries import get_plan
from ledger.money import Money
from notifications.reactions import tell_customer

BY = Actor.system("payment plans")


@in_one_order
def tell_plan_offered(event: Event, at: datetime) -> None:
    """For a plan somebody else set up: the customer is told where to read it, once it is theirs to accept."""
    if event.data.get("is_open") and not event.actor.startswith("customer:"):
        tell_customer(event, at)


@in_one_order
def tell_plan_declined(event: Event, at: datetime) -> None:
    """For a plan that was not approved: the customer is told if they asked for it themselves."""
    if str(event.data.get("requested_by") or "").startswith("customer:"):
        tell_customer(event, at)


@in_one_order
def deliver_plan(event: Event, at: datetime) -> None:
    """For payment_plan.agreed: the agreement is kept as it was accepted, and the customer is told with it attached."""
    document = plan_document(int(str(event.data["plan_id"])), at=at)
    tell_customer(event, at, document_id=document.pk if document else None)


def plan_document(plan_id: int, *, at: datetime) -> Document | None:
    """Return the agreement of a plan as a document, made if new; None when it cannot be drawn, which is recorded."""
    plan = get_plan(plan_id)
    try:
        return keep_letter(
            letter_of(plan), subject=f"paymentplan:{plan.pk}", customer_id=plan.customer_id, by=BY, at=at
        )
    except MissingGlyph as refusal:
        record_event(kinds.DOCUMENT_REFUSED, subject=plan, customer_id=plan.customer_id, by=BY, at=at, why=str(refusal))
        return None


def letter_of(plan: PaymentPlan) -> Letter:
    """Return a plan as a letter: the very words that were accepted, who accepted them, and their fingerprint."""
    title, *lines = plan.wording.split("\n")
    parts = sorted(plan.instalments.all(), key=lambda part: part.position)
    paragraphs, labels = lines[: -len(parts)], [line.partition(":")[0] for line in lines[-len(parts) :]]
    acceptance = getattr(plan, "acceptance", None)
    agreed_on = plan.customer.local_day(plan.agreed_at or plan.requested_at)
    signed = f"{acceptance.accepted_by}, {acceptance.get_channel_display()}, {agreed_on}" if acceptance else ""
    return Letter(
        kind=Document.Kind.PLAN_AGREEMENT.value,
        number=plan.number,
        on=agreed_on,
        title=title,
        paragraphs=tuple(paragraphs),
        schedule=tuple(
            (label, part.due_on, Money(part.agreed_minor, part.currency))
            for label, part in zip(labels, parts, strict=True)
        ),
        notes=tuple(line for line in (signed, f"SHA-256 {plan.wording_hash}") if line),
    )
