"""tell_customer: which event is told in which wording, and with which words from the event."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from notifications import events
from notifications.delivery.channels import working_channels
from notifications.delivery.operations import queue_message
from notifications.preferences.queries import NobodyToReach, how_to_reach, zone_of
from notifications.wording import changes
from notifications.wording.figures import known
from notifications.wording.phrases import say_failure, say_how_to_pay
from notifications.wording.speaker import Data, Speaker


class NotTold(DomainError):
    """The reactions table sends an event here for which there are no words."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The wording of an event and what fills it. What is not urgent waits for the end of quiet hours."""

    wording: str
    values: Callable[[Data, Speaker], dict[str, str]]
    is_urgent: bool = True


def _refund(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"refund": str(data["number"]), "amount": speaker.amount(data)}


def _refund_declined(data: Data, speaker: Speaker) -> dict[str, str]:
    return {**_refund(data, speaker), "reason": str(data["reason"])}


def _refund_paid(data: Data, speaker: Speaker) -> dict[str, str]:
    reference = str(data.get("reference") or data["number"])
    return {**_refund(data, speaker), "reference": reference, "card": speaker.card(data)}


def _dispute(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"dispute": str(data["number"]), "amount": speaker.amount(data)}


def _dispute_opened(data: Data, speaker: Speaker) -> dict[str, str]:
    kind, _, number = str(data.get("conversation") or "").partition(":")
    return {
        **_dispute(data, speaker),
        "what": str(data["what"]),
        "answer_by": speaker.day(data["answer_by"]),
        "case": f"#{number}" if kind == "ticket" else str(data["number"]),
    }


def _dispute_decided(data: Data, speaker: Speaker) -> dict[str, str]:
    return {**_dispute(data, speaker), "explanation": str(data["explanation"])}


def _payment_failed(data: Data, speaker: Speaker) -> dict[str, str]:
    cause, next_step = say_failure(
        str(data.get("code") or ""), speaker.language, cause=str(data["cause"]), next_step=str(data["next_step"])
    )
    return {"amount": speaker.amount(data), "cause": cause, "next_step": next_step}


def _payment_received(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"amount": speaker.amount(data)}


def _invoice_issued(data: Data, speaker: Speaker) -> dict[str, str]:
    number = str(data["number"])
    return {
        "invoice": number,
        "amount": speaker.amount(data),
        "due": speaker.day(data["due_on"]),
        "how_to_pay": say_how_to_pay(number, speaker.language),
    }


def _invoice_voided(data: Data, speaker: Speaker) -> dict[str, str]:
    afterwards = "billed_again" if data.get("bill_again") else "not_billed_again"
    return {"invoice": str(data["number"]), "amount": speaker.amount(data), "afterwards": speaker.say(afterwards)}


def _credit_note_issued(data: Data, speaker: Speaker) -> dict[str, str]:
    corrected = {name: str(data[name]) for name in ("number", "invoice", "reason")}
    return {**corrected, "amount": speaker.amount(data)}


TELLINGS: dict[str, Telling] = {
    kinds.REFUND_REQUESTED: Telling("refund_requested", _refund),
    kinds.REFUND_APPROVED: Telling("refund_approved", _refund),
    kinds.REFUND_DECLINED: Telling("refund_declined", _refund_declined),
    kinds.REFUND_PAID: Telling("refund_paid", _refund_paid),
    kinds.REFUND_FAILED: Telling("refund_failed", _refund),
    kinds.REFUND_CANCELLED: Telling("refund_cancelled", _refund),
    kinds.DISPUTE_OPENED: Telling("dispute_opened", _dispute_opened),
    kinds.DISPUTE_UPHELD: Telling("dispute_upheld", _dispute_decided),
    kinds.DISPUTE_REJECTED: Telling("dispute_rejected", _dispute_decided),
    kinds.DISPUTE_WITHDRAWN: Telling("dispute_withdrawn", _dispute),
    kinds.SUBSCRIPTION_STARTED: Telling("subscription_started", changes.plan_and_day),
    kinds.SUBSCRIPTION_PAUSED: Telling("subscription_paused", changes.paused),
    kinds.SUBSCRIPTION_RESUMED: Telling("subscription_resumed", changes.resumed),
    kinds.SUBSCRIPTION_CANCELLED: Telling("subscription_cancelled", changes.cancelled),
    kinds.SUBSCRIPTION_REINSTATED: Telling("subscription_reinstated", changes.reinstated),
    kinds.SUBSCRIPTION_TRIAL_ENDED: Telling("subscription_trial_ended", changes.trial_ended, is_urgent=False),
    kinds.SUBSCRIPTION_PLAN_CHANGED: Telling("subscription_plan_changed", changes.changed_with_losses),
    kinds.SUBSCRIPTION_QUANTITY_CHANGED: Telling("subscription_quantity_changed", changes.changed),
    kinds.SUBSCRIPTION_ADD_ON_ADDED: Telling("subscription_add_on_added", changes.changed),
    kinds.SUBSCRIPTION_ADD_ON_REMOVED: Telling("subscription_add_on_removed", changes.changed_with_losses),
    kinds.SUBSCRIPTION_BILLING_DAY_MOVED: Telling("subscription_billing_day_moved", changes.changed),
    kinds.SUBSCRIPTION_CHANGE_SCHEDULED: Telling("subscription_change_scheduled", changes.scheduled),
    kinds.SUBSCRIPTION_CHANGE_WITHDRAWN: Telling("subscription_change_withdrawn", changes.withdrawn),
    kinds.AGREEMENT_OFFERED: Telling("agreement_offered", changes.offered, is_urgent=False),
    kinds.PAYMENT_FAILED: Telling("payment_failed", _payment_failed, is_urgent=False),
    kinds.PAYMENT_RECEIVED: Telling("payment_received", _payment_received, is_urgent=False),
    kinds.INVOICE_ISSUED: Telling("invoice_issued", _invoice_issued, is_urgent=False),
    kinds.INVOICE_VOIDED: Telling("invoice_voided", _invoice_voided, is_urgent=False),
    kinds.CREDIT_NOTE_ISSUED: Telling("credit_note_issued", _credit_note_issued, is_urgent=False),
}

#: What a change to a subscription ends in: any of them says what a change arranged before it gave way to.
CHANGES = (
    kinds.SUBSCRIPTION_PLAN_CHANGED,
    kinds.SUBSCRIPTION_QUANTITY_CHANGED,
    kinds.SUBSCRIPTION_ADD_ON_ADDED,
    kinds.SUBSCRIPTION_ADD_ON_REMOVED,
    kinds.SUBSCRIPTION_BILLING_DAY_MOVED,
    kinds.SUBSCRIPTION_PAUSED,
    kinds.SUBSCRIPTION_RESUMED,
    kinds.SUBSCRIPTION_CANCELLED,
    kinds.SUBSCRIPTION_CHANGE_SCHEDULED,
)

#: What one act overtakes in the moment it happens: a refund within the agent's own limit is asked for and approved at
#: once, and "a second person has to approve it" would be untrue. Only the same moment counts, never how far the worker
#: has come: a worker that was down tells the same messages, in the same order, as one that was not.
OVERTAKEN_BY: dict[str, tuple[str, ...]] = {
    kinds.REFUND_REQUESTED: (kinds.REFUND_APPROVED, kinds.REFUND_DECLINED, kinds.REFUND_CANCELLED),
    kinds.SUBSCRIPTION_PAUSED: (kinds.SUBSCRIPTION_RESUMED, kinds.SUBSCRIPTION_CANCELLED),
    kinds.SUBSCRIPTION_RESUMED: (kinds.SUBSCRIPTION_PAUSED, kinds.SUBSCRIPTION_CANCELLED),
    kinds.SUBSCRIPTION_CHANGE_WITHDRAWN: CHANGES,
}
#: What a credit note belongs to (its `source`) when the message about that has said its amount already: a subscription
#: change names its notes `subscription:<id>:change-<id>/<bill>`, an upheld dispute `dispute:<id>`.
TOLD_WITH = re.compile(r"dispute:|subscription:\d+:change-")


def tell_customer(event: Event, at: datetime, document_id: int | None = None) -> None:
    """Queue the message of an event, once: its key is the event. Nothing is told that the same act overtook.

    A customer without an address on file cannot be told; that is recorded, so that somebody sees it.

    :raises NotTold: if there are no words for the event, or it is about no customer
    """
    telling = TELLINGS.get(event.kind)
    if telling is None or event.customer_id is None:
        raise NotTold(f"There are no words to tell a customer about {event.kind}.")
    if is_overtaken(event) or is_told_already(event):
        return
    customer = Customer.objects.get(pk=event.customer_id)
    try:
        reach = how_to_reach(customer, at, working=working_channels())
    except NobodyToReach as refusal:
        record_event(
            events.MESSAGE_NOT_POSSIBLE,
            subject=event.subject,
            customer_id=customer.pk,
            by=Actor.system("tell_customer"),
            at=at,
            wording=telling.wording,
            why=str(refusal),
        )
        return
    queue_message(
        key=f"event:{event.pk}",
        customer_id=customer.pk,
        template=telling.wording,
        values=telling.values(_data_of(event), Speaker(known(reach.language), zone_of(customer))),
        about=event.subject,
        conversation=str(event.data.get("conversation") or ""),
        urgent=telling.is_urgent and not was_arranged(event),
        document_id=document_id,
        at=at,
    )


def is_overtaken(event: Event) -> bool:
    """Return whether the same act, in the same moment, went on to a state that contradicts this one."""
    later = Event.objects.filter(
        subject=event.subject,
        kind__in=OVERTAKEN_BY.get(event.kind, ()),
        pk__gt=event.pk,
        occurred_at=event.occurred_at,
    )
    return later.exists()


def is_told_already(event: Event) -> bool:
    """Return whether a credit note is part of something whose own message says what was credited."""
    return event.kind == kinds.CREDIT_NOTE_ISSUED and bool(TOLD_WITH.match(str(event.data.get("source") or "")))


def was_arranged(event: Event) -> bool:
    """Return whether a change was asked for long before it was made: nobody waits up for it at night."""
    received_at = event.data.get("received_at")
    if event.kind not in CHANGES or not received_at:
        return False
    return event.occurred_at - datetime.fromisoformat(str(received_at)) > timedelta(hours=1)


def _data_of(event: Event) -> Data:
    return {"subject": event.subject, "occurred_at": event.occurred_at.isoformat(), **event.data}
