"""The call to the gateway itself, outside any transaction, and the word to the customer when it does not answer."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.invoices.operations import lock_invoice
from ledger.payments.attempt_models import Attempt
from ledger.payments.attempting import collectable
from ledger.payments.circuit import GatewayResting, through_circuit
from ledger.payments.events import apply_answer, lose_sight
from ledger.payments.gateways import gateway

log = logging.getLogger(__name__)

COLLECTOR = Actor.system("collect_invoices")


def charge(attempt: Attempt, *, by: Actor, at: datetime) -> Attempt:
    """This will ask the gateway for the money of an attempt that is written down, and record what it answered."""
    method, provider = attempt.method, gateway()
    if method is None:
        return attempt
    try:
        answer = through_circuit(
            provider,
            lambda: provider.charge(key=attempt.key, token=method.token, amount=attempt.amount, at=at),
            at=at,
        )
    except (OSError, GatewayResting) as problem:
        log.warning("no answer for %s: %s", attempt.key, problem)
        lost = lose_sight(attempt.pk, by=COLLECTOR, at=at)
        if lost.is_open:
            tell_of_delay(attempt.invoice_id, by=by, at=at)
        return lost
    return apply_answer(attempt.pk, answer, by=by, at=at)


@transaction.atomic
def tell_of_delay(invoice_id: int, *, by: Actor, at: datetime) -> None:
    """This will tell a customer once that a technical fault on our side delays a payment, until an answer came."""
    invoice = lock_invoice(invoice_id)
    subject = f"invoice:{invoice_id}"
    last = Event.objects.filter(kind=kinds.PAYMENT_DELAYED, subject=subject).order_by("-pk").first()
    if last is not None:
        answered = Attempt.objects.filter(invoice_id=invoice_id, answered_at__gt=last.occurred_at)
        if not answered.exists():
            return
    record_event(
        kinds.PAYMENT_DELAYED,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=collectable(invoice).minor,
        currency=invoice.currency,
    )
