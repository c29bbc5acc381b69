"""What follows for retries because something happened. Each handler is safe to run twice."""

from __future__ import annotations

from datetime import datetime

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.payments.attempt_models import Attempt
from ledger.payments.declines_codes import is_known
from ledger.payments.recovery import cancel_retries, cancel_retries_of_card, give_up_card, plan_after_failure

BY = Actor.system("retries")
WHY_CALLED_OFF = {
    kinds.INVOICE_PAID: "The bill is paid.",
    kinds.INVOICE_VOIDED: "The bill was withdrawn.",
    kinds.INVOICE_GIVEN_UP: "The bill was given up.",
}


def plan_retries_after(event: Event, at: datetime) -> None:
    """For payment.failed: plan the next tries of the schedule, end those a bank forbids, report unknown codes."""
    code, invoice_id = str(event.data.get("code") or ""), event.data.get("invoice_id")
    payment_id = int(event.subject.partition(":")[2])
    if not is_known(code):
        record_event(
            kinds.DECLINE_NOT_KNOWN, subject=event.subject, customer_id=event.customer_id, by=BY, at=at, code=code
        )
    give_up_card(payment_id, by=BY, at=at)
    if event.data.get("trigger") == Attempt.Trigger.SCHEDULE and invoice_id:
        plan_after_failure(payment_id, invoice_id=int(invoice_id), by=BY, at=at)


def call_off_retries(event: Event, at: datetime) -> None:
    """For invoice.paid, invoice.voided, invoice.given_up: nothing is tried any more."""
    kind, _, pk = event.subject.partition(":")
    if kind == "invoice":
        cancel_retries(int(pk), why=WHY_CALLED_OFF[event.kind], by=BY, at=at)


def call_off_retries_of_card(event: Event, at: datetime) -> None:
    """For payment_method.removed: a card that is no longer on file is not tried."""
    cancel_retries_of_card(int(event.subject.partition(":")[2]), why="The card was taken off.", by=BY, at=at)
