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
from ledger.events.outbox import in_one_order
from notifications import events
from notifications.delivery.channels import working_channels
from notifications.delivery.operations import queue_message
from notifications.preferences.queries import NobodyToReach, how_to_reach, zone_of
from notifications.wording import arrears, changes, chosen, contested, declined, given, kept, plans
from notifications.wording.figures import known
from notifications.wording.phrases import say_how_to_pay
from notifications.wording.render import Rendered, render
from notifications.wording.speaker import Data, Speaker


class NotTold(DomainError):
    """The reactions table sends an event here for which there are no words."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The wording of an event (empty: the event names it) and what fills it.

    What is not urgent waits for the end of quiet hours.
    """

    wording: str
    values: Callable[[Data, Speaker], dict[str, str]]
    is_urgent: bool = True


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


def _payment_received(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"amount": speaker.amount(data)}


def _payment_delayed(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"invoice": str(data["number"]), "amount": speaker.amount(data)}


def _payment_doubled(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"invoice": str(data["invoice"]), "amount": speaker.amount(data), "card": speaker.card(data)}


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
    kinds.REFUND_REQUESTED: Telling("refund_requested", given.refund),
    kinds.REFUND_APPROVED: Telling("refund_approved", given.refund_expected),
    kinds.REFUND_DECLINED: Telling("refund_declined", given.refund_declined),
    kinds.REFUND_PAID: Telling("refund_paid", given.refund_paid),
    kinds.REFUND_FAILED: Telling("refund_failed", given.refund),
    kinds.REFUND_CANCELLED: Telling("refund_cancelled", given.refund),
    kinds.REFUND_RETURNED: Telling("refund_returned", given.refund_returned),
    kinds.REFUND_CREDITED: Telling("refund_credited", given.refund),
    kinds.REFUND_REROUTED: Telling("refund_rerouted", given.refund_rerouted),
    kinds.REFUND_DELAYED: Telling("refund_delayed", given.refund_delayed),
    kinds.REFUND_HELD: Telling("refund_held", given.refund),
    kinds.ADJUSTMENT_GRANTED: Telling("adjustment_granted", given.adjustment, is_urgent=False),
    kinds.ADJUSTMENT_REVERSED: Telling("adjustment_reversed", given.adjustment_reversed, is_urgent=False),
    kinds.CORRECTION_MADE: Telling("correction_made", given.correction, is_urgent=False),
    kinds.CORRECTION_TAKEN_BACK: Telling("correction_taken_back", given.correction_taken_back, is_urgent=False),
    kinds.DISPUTE_OPENED: Telling("dispute_opened", _dispute_opened),
    kinds.DISPUTE_UPHELD: Telling("dispute_upheld", _dispute_decided),
    kinds.DISPUTE_REJECTED: Telling("dispute_rejected", _dispute_decided),
    kinds.DISPUTE_WITHDRAWN: Telling("dispute_withdrawn", _dispute),
    kinds.DISPUTE_PARTLY_UPHELD: Telling("dispute_partly_upheld", contested.partly_upheld),
    kinds.DISPUTE_APPEALED: Telling("dispute_appealed", contested.answered_by),
    kinds.PROVISIONAL_CREDIT_GIVEN: Telling("provisional_credit_given", contested.answered_by),
    kinds.PROVISIONAL_CREDIT_ENDING: Telling("provisional_credit_ending", contested.taken_back_on),
    kinds.PROVISIONAL_CREDIT_REVERSED: Telling("provisional_credit_reversed", contested.dispute, is_urgent=False),
    kinds.SUBSCRIPTION_STARTED: Telling("subscription_started", changes.plan_and_day),
    kinds.SUBSCRIPTION_ORDERED: Telling("subscription_ordered", kept.ordered),
    kinds.SUBSCRIPTION_BEGAN: Telling("subscription_started", changes.plan_and_day),
    kinds.SUBSCRIPTION_EXPIRED: Telling("subscription_expired", kept.expired, is_urgent=False),
    kinds.MANDATE_IN_FORCE: Telling("method_kept", kept.method_kept),
    kinds.MANDATE_REVOKED: Telling("mandate_revoked", kept.method, is_urgent=False),
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
    kinds.PAYMENT_METHOD_CHOSEN: Telling("payment_method_chosen", chosen.method),
    kinds.PAYMENT_METHOD_CHOICE_UNDONE: Telling("payment_method_choice_undone", chosen.method_undone),
    kinds.DELIVERY_CHOSEN: Telling("delivery_chosen", chosen.delivery),
    kinds.DELIVERY_UNDONE: Telling("delivery_undone", chosen.delivery_undone),
    kinds.SAVE_OFFER_ACCEPTED: Telling("save_offer_accepted", chosen.offer, is_urgent=False),
    kinds.AGREEMENT_OFFERED: Telling("agreement_offered", changes.offered, is_urgent=False),
    kinds.PAYMENT_FAILED: Telling("payment_failed", declined.failed, is_urgent=False),
    kinds.PAYMENT_DELAYED: Telling("payment_delayed", _payment_delayed, is_urgent=False),
    kinds.PAYMENT_DOUBLED: Telling("payment_doubled", _payment_doubled),
    kinds.PAYMENT_RECEIVED: Telling("payment_received", _payment_received, is_urgent=False),
    kinds.INVOICE_ISSUED: Telling("invoice_issued", _invoice_issued, is_urgent=False),
    kinds.DUNNING_REMINDED: Telling("", arrears.reminded, is_urgent=False),
    kinds.LATE_FEE_CHARGED: Telling("late_fee_charged", arrears.fee, is_urgent=False),
    kinds.LATE_FEE_WAIVED: Telling("late_fee_waived", arrears.fee_waived, is_urgent=False),
    kinds.PAYMENT_PROMISE_MADE: Telling("promise_agreed", arrears.promised),
    kinds.PAYMENT_PROMISE_BROKEN: Telling("promise_broken", arrears.promise_ended, is_urgent=False),
    kinds.PAYMENT_PROMISE_PARTLY_KEPT: Telling("promise_partly_kept", arrears.promise_ended, is_urgent=False),
    kinds.ENTITLEMENT_WARNED: Telling("access_warning", arrears.access, is_urgent=False),
    kinds.ENTITLEMENT_RESTRICTED: Telling("access_restricted", arrears.access, is_urgent=False),
    kinds.ENTITLEMENT_SUSPENDED: Telling("access_suspended", arrears.access, is_urgent=False),
    kinds.ENTITLEMENT_RESTORED: Telling("access_restored", arrears.restored),
    kinds.INVOICE_VOIDED: Telling("invoice_voided", _invoice_voided, is_urgent=False),
    kinds.PAYMENT_PLAN_PROPOSED: Telling("payment_plan_offered", plans.offered, is_urgent=False),
    kinds.PAYMENT_PLAN_APPROVED: Telling("payment_plan_offered", plans.offered, is_urgent=False),
    kinds.PAYMENT_PLAN_DECLINED: Telling("payment_plan_declined", plans.declined, is_urgent=False),
    kinds.PAYMENT_PLAN_AGREED: Telling("payment_plan_agreed", plans.agreed),
    kinds.PAYMENT_PLAN_CHANGED: Telling("payment_plan_changed", plans.changed, is_urgent=False),
    kinds.PAYMENT_PLAN_KEPT: Telling("payment_plan_kept", plans.closed, is_urgent=False),
    kinds.PAYMENT_PLAN_SETTLED_EARLY: Telling("payment_plan_settled_early", plans.closed, is_urgent=False),
    kinds.PAYMENT_PLAN_DEFAULTED: Telling("payment_plan_defaulted", plans.ended, is_urgent=False),
    kinds.PAYMENT_PLAN_CANCELLED: Telling("payment_plan_cancelled", plans.ended, is_urgent=False),
    kinds.INSTALMENT_COMING: Telling("instalment_coming", plans.coming, is_urgent=False),
    kinds.INSTALMENT_MISSED: Telling("instalment_missed", plans.missed, is_urgent=False),
    kinds.HARDSHIP_STARTED: Telling("hardship_started", plans.hardship_started),
    kinds.HARDSHIP_ENDED: Telling("hardship_ended", plans.hardship_ended, is_urgent=False),
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
    kinds.REFUND_APPROVED: (kinds.REFUND_CREDITED,),
    kinds.PAYMENT_RECEIVED: (kinds.PAYMENT_DOUBLED,),
    kinds.SUBSCRIPTION_PAUSED: (kinds.SUBSCRIPTION_RESUMED, kinds.SUBSCRIPTION_CANCELLED),
    kinds.SUBSCRIPTION_RESUMED: (kinds.SUBSCRIPTION_PAUSED, kinds.SUBSCRIPTION_CANCELLED),
    kinds.SUBSCRIPTION_CHANGE_WITHDRAWN: CHANGES,
}
#: What a credit note belongs to (its `source`) when the message about that has said its amount already: a subscription
#: change names its notes `subscription:<id>:change-<id>/<bill>`, an upheld dispute `dispute:<id>`; so do gifts and
#: corrections.
TOLD_WITH = re.compile(r"dispute:|subscription:\d+:(change-|never-started)|adjustment:|correctionitem:")


@in_one_order
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
            wording=telling.wording or str(event.data["wording"]),
            why=str(refusal),
        )
        return
    queue_message(
        key=f"event:{event.pk}",
        customer_id=customer.pk,
        template=telling.wording or str(event.data["wording"]),
        values=telling.values(_data_of(event), Speaker(known(reach.language), zone_of(customer))),
        about=event.subject,
        conversation=str(event.data.get("conversation") or ""),
        urgent=telling.is_urgent and not was_arranged(event),
        document_id=document_id,
        reach=reach,
        at=at,
    )


def words_for(kind: str, customer: Customer, data: Data) -> Rendered:
    """Return what a customer would be told of an event of a kind, without telling them.

    :raises NotTold: if there are no words for it
    """
    telling = TELLINGS.get(kind)
    if telling is None:
        raise NotTold(f"There are no words to tell a customer about {kind}.")
    speaker = Speaker(known(customer.language), zone_of(customer))
    return render(telling.wording, customer.language, telling.values(data, speaker))


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
    """Return whether a credit note, or a bill withdrawn, is part of something whose own message says all of it."""
    if event.kind == kinds.INVOICE_VOIDED:
        never_started = Event.objects.filter(
            kind=kinds.SUBSCRIPTION_EXPIRED, customer_id=event.customer_id, occurred_at=event.occurred_at
        )
        return never_started.filter(data__invoice_id=int(event.subject.partition(":")[2])).exists()
    return event.kind == kinds.CREDIT_NOTE_ISSUED and bool(TOLD_WITH.match(str(event.data.get("source") or "")))


def was_arranged(event: Event) -> bool:
    """Return whether a change was asked for long before it was made: nobody waits up for it at night."""
    received_at = event.data.get("received_at")
    if event.kind not in CHANGES or not received_at:
        return False
    return event.occurred_at - datetime.fromisoformat(str(received_at)) > timedelta(hours=1)


def _data_of(event: Event) -> Data:
    return {"subject": event.subject, "occurred_at": event.occurred_at.isoformat(), **event.data}
