"""Paying refunds out through the gateway: asked with one key for each way out, recorded once, swept until done."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ledger.authority.freezing import Frozen, live_freeze, refuse_if_frozen
from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.payments.circuit import GatewayResting, is_resting
from ledger.payments.gateways import GatewayAnswer, gateway
from ledger.payments.models import Payment
from ledger.payments.operations import count_taken_back
from ledger.refunds import policy
from ledger.refunds.freezing import tell_held
from ledger.refunds.models import Refund
from ledger.refunds.operations import ACT
from ledger.refunds.recording import check_move, lock_refund, record
from ledger.refunds.routes import expect
from ledger.refunds.sending import send

log = logging.getLogger(__name__)

PAYER = Actor.system("pay_refunds")
GONE = (Refund.State.PAID, Refund.State.SETTLED)


class GatewayUnreachable(DomainError):
    """The payment provider did not answer; the refund is tried again by itself."""


class TakenBackByBank(DomainError):
    """The refund failed once, and by now the customer's bank has taken the money back itself."""


class NotReleasedYet(DomainError):
    """Money to another card or account waits for a while before it leaves."""


def pay_refund(refund_id: int, *, at: datetime) -> Refund:
    """This will send an approved refund to the gateway and record what it answered.

    Safe to run twice, at the same time, and after a crash between any two steps: the gateway knows the refund by its
    key, and the books by theirs. A refund that is paid already is returned as it is.

    :raises RefundNotInState: if it is not approved
    :raises Frozen: while refunds are frozen; what the gateway has answered is still recorded
    :raises NotReleasedYet: if it goes to another card or account and has not waited long enough
    :raises TakenBackByBank: if a chargeback has overtaken a refund that failed
    :raises GatewayUnreachable: if the provider did not answer, or rests; it is swept again
    """
    refund = _submit(refund_id, at=at)
    if refund.state != Refund.State.SUBMITTED:
        return refund
    try:
        answer = send(refund, at=at)
    except (OSError, GatewayResting) as problem:
        log.warning("gateway unreachable for %s: %s", refund.number, problem)
        raise GatewayUnreachable("The payment provider did not answer; we try again by ourselves.") from problem
    return record_answer(refund_id, answer, key=refund.key, at=at)


@transaction.atomic
def _submit(refund_id: int, *, at: datetime) -> Refund:
    """Mark the attempt before the gateway is asked, so a crash in between is seen and repeated with the same key."""
    refund = lock_refund(refund_id)
    if refund.state in GONE:
        return refund
    if refund.state != Refund.State.SUBMITTED:
        check_move(refund, refund.submit, "paid")
    refuse_if_frozen(ACT)
    if is_resting(gateway().name, at=at):
        raise GatewayUnreachable("The payment provider has technical trouble; we try again by ourselves.")
    if refund.state != Refund.State.SUBMITTED:
        if refund.release_at and at < refund.release_at:
            raise NotReleasedYet(
                f"{refund.number} goes to another card or account and waits until {refund.release_at}."
            )
        _refuse_if_taken_back(refund)
        refund.submit()
    refund.try_again_at = at + policy.retry_after(refund.attempts)
    refund.save()
    return refund


def _refuse_if_taken_back(refund: Refund) -> None:
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    if refund.state == Refund.State.FAILED and count_taken_back(payment):
        raise TakenBackByBank("The customer's bank took this payment back since; cancel the refund.")


@transaction.atomic
def record_answer(refund_id: int, answer: GatewayAnswer, *, key: str, at: datetime) -> Refund:
    """This will record what the gateway answered, or reports, of the way out that it knows by a key."""
    refund = lock_refund(refund_id)
    # The answer to an earlier way out changes nothing; one that is still open is asked for again by the sweep.
    if refund.state != Refund.State.SUBMITTED or refund.key != key or answer.pending:
        return refund
    if not answer.succeeded:
        refund.fail(code=answer.failure_code)
        refund.save()
        record(kinds.REFUND_FAILED, refund, by=PAYER, at=at, code=answer.failure_code)
        return refund
    refund.pay(reference=answer.reference, at=at)
    expect(refund, sent_at=at)
    refund.promised_by, refund.delay_told_at = refund.arrives_by, None
    refund.save()
    entry = posting_rules.refund_paid(
        refund.amount, customer_id=refund.customer_id, refund=key, on=refund.customer.local_day(at)
    )
    post_entry(entry, by=PAYER, at=at)
    _record_paid(refund, at=at)
    return refund


def _record_paid(refund: Refund, *, at: datetime) -> None:
    to = refund.method.last4 if refund.method else refund.payment.card_last4
    arrives = {"arrives_from": str(refund.arrives_from), "arrives_by": str(refund.arrives_by)}
    record(kinds.REFUND_PAID, refund, by=PAYER, at=at, reference=refund.gateway_reference, card=to, **arrives)


def pay_due_refunds(*, at: datetime, limit: int = 100) -> int:
    """Sweep: pay approved refunds nobody has sent, and those whose answer never came; return how many were tried.

    While refunds are frozen nothing is sent; whoever waits because of that is told once. A gateway that rests ends the
    sweep.
    """
    frozen = live_freeze(ACT)
    if frozen:
        tell_held(frozen, at=at)
        return 0
    due = (
        Q(state=Refund.State.APPROVED, release_at=None)
        | Q(state__in=[Refund.State.APPROVED, Refund.State.FAILED], release_at__lte=at)
        | Q(state=Refund.State.SUBMITTED, try_again_at__lte=at)
    )
    ids = list(Refund.objects.filter(due).order_by("approved_at", "pk").values_list("pk", flat=True)[:limit])
    for refund_id in ids:
        if is_resting(gateway().name, at=at):
            break
        try:
            pay_refund(refund_id, at=at)
        except Frozen:
            break
        except DomainError as refusal:
            log.warning("refund %s not paid in this sweep: %s", refund_id, refusal)
    return len(ids)
