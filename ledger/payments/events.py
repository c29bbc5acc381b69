"""What an attempt came to: one way in for the gateway's own answer, for what it reports, and for what we ask it.

Reports come twice and in any order. An answer counts only if the attempt has not gone further already, so all orders
end in the same state: money that arrived is never made a failure again, and is booked once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from ledger.customers.models import Customer
from ledger.errors import NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.attempt_models import Attempt, Collection
from ledger.payments.gateway_answers import GatewayAnswer
from ledger.payments.models import Payment
from ledger.payments.operations import record_failure, record_payment
from ledger.payments.timing import ask_again_after


class NoSuchAttempt(NotFound):
    """There is no such attempt."""


def find_attempt(*, reference: str = "", key: str = "") -> Attempt | None:
    """Return the attempt that a gateway knows by this reference or key, if it is one of ours."""
    found = Attempt.objects.filter(key=key).first() if key else None
    if found is None and reference:
        found = Attempt.objects.filter(gateway_reference=reference).first()
    return found


@transaction.atomic
def apply_answer(attempt_id: int, answer: GatewayAnswer, *, by: Actor, at: datetime) -> Attempt:
    """This will record what a gateway answered or reported; what is overtaken already changes nothing.

    :raises NoSuchAttempt: if there is none
    """
    attempt = lock_attempt(attempt_id)
    if answer.pending:
        if can_proceed(attempt.wait):
            attempt.wait(reference=answer.reference)
            wait = ask_again_after(0, pending=True)
            attempt.asked, attempt.ask_again_at = 0, at + wait if wait else None
            attempt.save()
            record_attempt(kinds.ATTEMPT_PENDING, attempt, by=by, at=at)
        return attempt
    if answer.succeeded:
        if can_proceed(attempt.succeed):
            _succeed(attempt, answer, by=by, at=at)
        return attempt
    if can_proceed(attempt.fail):
        _fail(attempt, answer.failure_code or "unspecified", by=by, at=at)
    return attempt


def lock_attempt(attempt_id: int) -> Attempt:
    """Lock an attempt for this transaction, its customer first, as everything that books money does.

    :raises NoSuchAttempt: if there is none
    """
    customer_id = Attempt.objects.filter(pk=attempt_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchAttempt("There is no such attempt.")
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    locked = Attempt.objects.select_for_update(of=("self",)).select_related("invoice", "method", "customer")
    return locked.get(pk=attempt_id)


def _succeed(attempt: Attempt, answer: GatewayAnswer, *, by: Actor, at: datetime) -> None:
    reference = answer.reference
    # Never booked twice: somebody may have reported the same movement under its reference before we heard of it.
    known = Payment.objects.filter(gateway_reference=reference).first() if reference else None
    payment = known or record_payment(
        attempt.customer_id,
        amount=answer.taken or attempt.amount,
        method_id=attempt.method_id,
        gateway_reference=reference or None,
        external_id=attempt.key,
        invoice_id=attempt.invoice_id,
        spread=False,
        by=by,
        at=at,
    )
    attempt.succeed(payment_id=payment.pk, reference=reference, at=at)
    attempt.save()
    _close(attempt, at=at)
    record_attempt(kinds.ATTEMPT_SUCCEEDED, attempt, by=by, at=at, payment_id=payment.pk)
    if known is None:
        report_second_payment(payment, attempt.invoice_id, by=by, at=at)


def _fail(attempt: Attempt, code: str, *, by: Actor, at: datetime) -> None:
    attempt.fail(code=code, at=at)
    attempt.save()
    _close(attempt, at=at)
    if attempt.method_id is not None:
        record_failure(
            attempt.customer_id,
            amount=attempt.amount,
            code=code,
            method_id=attempt.method_id,
            external_id=f"{attempt.key}:failed",
            invoice_id=attempt.invoice_id,
            trigger=attempt.trigger,
            by=by,
            at=at,
        )
    record_attempt(kinds.ATTEMPT_FAILED, attempt, by=by, at=at, code=code)


@transaction.atomic
def end_quietly(attempt_id: int, *, code: str, by: Actor, at: datetime) -> Attempt:
    """This will end an attempt of which the gateway says that nothing was charged: no bank declined, nobody is told."""
    attempt = lock_attempt(attempt_id)
    if can_proceed(attempt.fail):
        attempt.fail(code=code, at=at)
        attempt.save()
        _close(attempt, at=at)
        record_attempt(kinds.ATTEMPT_FAILED, attempt, by=by, at=at, code=code)
    return attempt


@transaction.atomic
def lose_sight(attempt_id: int, *, by: Actor, at: datetime) -> Attempt:
    """This will note that no answer came: not a decline, and nothing is tried until the gateway was asked."""
    attempt = lock_attempt(attempt_id)
    if not attempt.is_open:
        return attempt
    if can_proceed(attempt.lose_sight):
        attempt.lose_sight()
        wait = ask_again_after(0, pending=False)
        attempt.ask_again_at = at + wait if wait else None
        attempt.save()
        record_attempt(kinds.ATTEMPT_UNKNOWN, attempt, by=by, at=at)
    return attempt


def _close(attempt: Attempt, *, at: datetime) -> None:
    Collection.objects.filter(attempt=attempt, closed_at=None).update(closed_at=at)


def report_second_payment(payment: Payment, invoice_id: int, *, by: Actor, at: datetime) -> None:
    """This will say so when a payment for one bill brought more than the bill still asked for, as a second one does.

    What it brought too much stays the customer's credit until it is sent back the way it came.
    """
    settled = sum(payment.allocations.values_list("amount_minor", flat=True))
    too_much = Money(payment.amount_minor - settled, payment.currency)
    if too_much.minor <= 0:
        return
    record_event(
        kinds.PAYMENT_DOUBLED,
        subject=payment,
        customer_id=payment.customer_id,
        by=by,
        at=at,
        number=payment.number,
        amount_minor=too_much.minor,
        currency=too_much.currency,
        invoice_id=invoice_id,
        invoice=Invoice.objects.values_list("number", flat=True).get(pk=invoice_id),
        card=payment.card_last4,
    )


def record_attempt(kind: str, attempt: Attempt, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to an attempt, with what tells the schedule's from a customer's."""
    record_event(
        kind,
        subject=attempt,
        customer_id=attempt.customer_id,
        by=by,
        at=at,
        invoice_id=attempt.invoice_id,
        trigger=attempt.trigger,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        method_id=attempt.method_id,
        **more,
    )
