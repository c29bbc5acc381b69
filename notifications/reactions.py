"""tell_customer: which event is told in which wording, and with which words from the event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.money import Money
from notifications import events
from notifications.delivery.channels import working_channels
from notifications.delivery.operations import queue_message
from notifications.preferences.queries import NobodyToReach, how_to_reach, zone_of
from notifications.wording.figures import known, say_amount, say_day
from notifications.wording.phrases import say, say_failure

Data = Mapping[str, object]


class NotTold(DomainError):
    """The reactions table sends an event here for which there are no words."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says the parts of an event as the customer writes figures and days."""

    language: str
    zone: ZoneInfo

    def amount(self, data: Data) -> str:
        """Return the event's amount."""
        return say_amount(Money(int(str(data["amount_minor"])), str(data["currency"])), self.language)

    def day(self, written: object) -> str:
        """Return a day, or the day of a moment where the customer lives."""
        text = str(written)
        if "T" not in text and " " not in text:
            return say_day(date.fromisoformat(text), self.language)
        return say_day(datetime.fromisoformat(text).astimezone(self.zone).date(), self.language)

    def card(self, data: Data) -> str:
        """Return where the money went, without more of a card than its last four digits."""
        last4 = str(data.get("card") or "")[-4:]
        return say("card", self.language, last4) if last4 else say("account", self.language)


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


def _plan(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"plan": str(data["plan"]), "date": speaker.day(data["renews_on"])}


def _payment_failed(data: Data, speaker: Speaker) -> dict[str, str]:
    cause, next_step = say_failure(
        str(data.get("code") or ""), speaker.language, cause=str(data["cause"]), next_step=str(data["next_step"])
    )
    return {"amount": speaker.amount(data), "cause": cause, "next_step": next_step}


def _payment_received(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"amount": speaker.amount(data)}


def _invoice_issued(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"invoice": str(data["number"]), "amount": speaker.amount(data), "due": speaker.day(data["due_on"])}


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
    kinds.SUBSCRIPTION_STARTED: Telling("subscription_started", _plan),
    kinds.SUBSCRIPTION_PAUSED: Telling("subscription_paused", _plan),
    kinds.SUBSCRIPTION_RESUMED: Telling("subscription_resumed", _plan),
    kinds.SUBSCRIPTION_CANCELLED: Telling("subscription_cancelled", _plan),
    kinds.PAYMENT_FAILED: Telling("payment_failed", _payment_failed, is_urgent=False),
    kinds.PAYMENT_RECEIVED: Telling("payment_received", _payment_received, is_urgent=False),
    kinds.INVOICE_ISSUED: Telling("invoice_issued", _invoice_issued, is_urgent=False),
}

#: What one act overtakes in the moment it happens: a refund within the agent's own limit is asked for and approved at
#: once, and "a second person has to approve it" would be untrue. Only the same moment counts, never how far the worker
#: has come: a worker that was down tells the same messages, in the same order, as one that was not.
OVERTAKEN_BY: dict[str, tuple[str, ...]] = {
    kinds.REFUND_REQUESTED: (kinds.REFUND_APPROVED, kinds.REFUND_DECLINED, kinds.REFUND_CANCELLED),
    kinds.SUBSCRIPTION_PAUSED: (kinds.SUBSCRIPTION_RESUMED, kinds.SUBSCRIPTION_CANCELLED),
    kinds.SUBSCRIPTION_RESUMED: (kinds.SUBSCRIPTION_PAUSED, kinds.SUBSCRIPTION_CANCELLED),
}


def tell_customer(event: Event, at: datetime) -> None:
    """Queue the message of an event, once: its key is the event. Nothing is told that the same act overtook.

    A customer without an address on file cannot be told; that is recorded, so that somebody sees it.

    :raises NotTold: if there are no words for the event, or it is about no customer
    """
    telling = TELLINGS.get(event.kind)
    if telling is None or event.customer_id is None:
        raise NotTold(f"There are no words to tell a customer about {event.kind}.")
    if is_overtaken(event):
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
        values=telling.values(event.data, Speaker(known(reach.language), zone_of(customer))),
        about=event.subject,
        conversation=str(event.data.get("conversation") or ""),
        urgent=telling.is_urgent,
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
