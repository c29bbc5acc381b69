"""What tickets do because something happened. Each handler writes to the database only and is safe to run twice."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.events import kinds
from ledger.events.models import Event
from tickets import events
from tickets.automation import keywords
from tickets.automation.delivery_cases import open_delivery_case
from tickets.automation.operations import acknowledge_ticket
from tickets.automation.operations import tell_refused_files as tell_files
from tickets.automation.payment_cases import open_payment_case as open_case_about_payment
from tickets.casework import dispute_material
from tickets.casework import operations as casework
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import add_event_line, make_urgent
from tickets.intake.linking import link_references
from tickets.promises.operations import keep_promise, withdraw_promise
from tickets.sla.operations import settle_clocks as settle

CALLED_OFF = frozenset({kinds.REFUND_DECLINED, kinds.REFUND_CANCELLED})
WOKEN = {events.TICKET_REOPENED, events.TICKET_WAITING, events.TICKET_RESOLVED, events.TICKET_CLOSED}


def acknowledge(event: Event, at: datetime) -> None:
    """For ticket.opened: tell the sender that the message arrived, and by when a person answers."""
    acknowledge_ticket(event, at)


def tell_refused_files(event: Event, at: datetime) -> None:
    """For upload.refused: tell the sender of a later message which files were refused, and why."""
    tell_files(event, at)


def obey_keyword(event: Event, at: datetime) -> None:
    """For ticket.opened, ticket.message_received: do what STOP or HELP asks, and answer."""
    keywords.obey_keyword(event, at)


def note_progress(event: Event, at: datetime) -> None:
    """For dispute.*, refund.*, credit_note.issued, chargeback.*: one line in every case it concerns."""
    casework.note_progress(event, at)


def tell_disputes(event: Event, at: datetime) -> None:
    """For ticket.message_received: the message becomes evidence of the disputes of its case."""
    dispute_material.hand_over_message(event, at)


def note_verified(event: Event, at: datetime) -> None:
    """For identity.verified, identity.check_started, identity.locked: one line in the case it happened in."""
    casework.note_progress(event, at)


def raise_alarm(event: Event, at: datetime) -> None:
    """For identity.locked: the case goes to the top of its queue; supervisors see the lock among the approvals."""
    kind, _, pk = str(event.data.get("conversation", "")).partition(":")
    if kind == "ticket" and pk.isdigit():
        make_urgent(int(pk))


def keep_promises(event: Event, at: datetime) -> None:
    """For refund.paid: the promise is kept; for refund.declined and refund.cancelled: it is withdrawn."""
    if event.kind in CALLED_OFF:
        withdraw_promise(event, at=event.occurred_at)
    else:
        keep_promise(event, at=event.occurred_at)


@transaction.atomic
def settle_clocks(event: Event, at: datetime) -> None:
    """For ticket.waiting, ticket.resolved, ticket.reopened, ticket.closed: bring the clocks in line with the state.

    A ticket that has moved on since is settled by the event of that move.
    """
    ticket = _ticket_of(event)
    if ticket is not None and event.kind in WOKEN:
        settle(ticket, at=event.occurred_at)


@transaction.atomic
def link_found_references(event: Event, at: datetime) -> None:
    """For ticket.linked: now that the customer is known, look up what their messages name."""
    ticket = _ticket_of(event)
    if ticket is None:
        return
    said = Message.objects.filter(ticket=ticket, kind=Message.Kind.IN, is_participant=True, is_auto_reply=False)
    for message in said.order_by("id")[:50]:
        link_references(ticket, message, at=at)


def note_refused(event: Event, at: datetime) -> None:
    """For access.refused: one line in the case somebody was refused in."""
    kind, _, pk = event.subject.partition(":")
    if kind != "ticket" or not pk.isdigit() or not Ticket.objects.filter(pk=int(pk)).exists():
        return
    text = f"Refused: {event.data.get('why', '')}"
    add_event_line(int(pk), key=f"event:{event.pk}", text=text, about=event.subject, at=event.occurred_at)


def note_delivery_trouble(event: Event, at: datetime) -> None:
    """For message.failed and message.bounced: one line in the case the message belongs to."""
    kind, _, pk = str(event.data.get("conversation", "")).partition(":")
    if kind != "ticket" or not pk.isdigit() or not Ticket.objects.filter(pk=int(pk)).exists():
        return
    text = f"A message did not reach the customer: {event.data.get('why') or 'it was given up'}"
    add_event_line(int(pk), key=f"event:{event.pk}", text=text, about=event.subject, at=event.occurred_at)


def open_delivery_task(event: Event, at: datetime) -> None:
    """For contact_point.failed and document.refused: a case, so that somebody finds another way."""
    open_delivery_case(event, at)


def open_payment_case(event: Event, at: datetime) -> None:
    """For retries.exhausted: a conversation about a bill that only its customer, or somebody here, can settle."""
    open_case_about_payment(event, at)


def open_hardship_case(event: Event, at: datetime) -> None:
    """For hardship.started outside a case, and for hardship.review_due: a case, so that a person looks for a way."""
    in_case = str(event.data.get("conversation") or "").startswith("ticket:")
    if event.kind == kinds.HARDSHIP_REVIEW_DUE or not in_case:
        open_delivery_case(event, at)


def _ticket_of(event: Event) -> Ticket | None:
    kind, _, pk = event.subject.partition(":")
    found = Ticket.objects.select_for_update(of=("self",)).filter(pk=int(pk)) if kind == "ticket" else None
    return found.first() if found is not None else None
