"""The refund's whole life up to the gateway: request, approve, decline, cancel (paying.py does the rest)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django_fsm import can_proceed

from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.authority.operations import ApprovalLimitExceeded, ApproverIsRequester
from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.books.queries import balance
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.numbering import next_number
from ledger.later import run_later
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.payments.operations import count_taken_back
from ledger.payments.queries import NoSuchPayment
from ledger.refunds import policy, promising
from ledger.refunds.models import Refund

__all__ = ["ApprovalLimitExceeded", "ApproverIsRequester"]

ACT = AuthorityLimit.Act.REFUND


class NoSuchRefund(NotFound):
    """There is no such refund, or it is somebody else's."""


class RefundTooLarge(DomainError):
    """More was asked for than can be given back."""


class RefundNotInState(DomainError):
    """The refund is not in a state in which this can be done."""


class RefundIdReused(DomainError):
    """The same external id was used before, for another refund."""


@transaction.atomic
def request_refund(
    payment_id: int,
    *,
    amount: Money,
    reason: str,
    proof: IdentityProof,
    is_goodwill: bool = False,
    source: str = "",
    conversation: str = "",
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Refund:
    """This will ask for money back; within the requester's own limit it is approved at once, above it waits.

    The amount is reserved on the payment, and set aside of the credit, so nothing else gives the same money away.

    :raises ProofMissing: if the proof does not cover this customer now
    :raises RefundTooLarge: if less of the payment, or less credit, is left
    :raises OwnAccount: if a member of staff asks for their own account
    """
    payment = _lock_payment(payment_id)
    refuse_own_account(by, payment.customer_id)
    proof.check(customer_id=payment.customer_id, level=policy.PROOF_LEVEL, at=at)
    known = _known(external_id, payment, amount)
    if known:
        return known
    _check_amount(payment, amount, is_goodwill=is_goodwill, reason=reason)
    decision = authority.decide(ACT, amount, given=_given_lately(payment, by=by, at=at), by=by)
    refund = _create(payment, amount, reason, proof, is_goodwill, source, conversation, external_id, by=by, at=at)
    payment.refunded_minor += amount.minor
    payment.save(update_fields=["refunded_minor"])
    promising.set_aside(refund, by=by, at=at)
    record(kinds.REFUND_REQUESTED, refund, by=by, at=at, reason=reason, approval=decision.why)
    if decision.alone and decision.limit:
        return _approve(refund, approved_by=decision.limit.reference, by=by, at=at)
    authority.request_approval(
        f"refund:{refund.pk}", act=ACT, customer_id=refund.customer_id, amount=amount, why=decision.why, by=by, at=at
    )
    return refund


def _lock_payment(payment_id: int) -> Payment:
    # The customer first: requests for one customer are decided one after the other, so split ones are seen.
    found = Payment.objects.filter(pk=payment_id).values_list("customer_id", flat=True).first()
    if found is None:
        raise NoSuchPayment("There is no such payment.")
    Customer.objects.select_for_update(no_key=True).get(pk=found)
    return Payment.objects.select_for_update(of=("self",)).select_related("customer").get(pk=payment_id)


def _known(external_id: str | None, payment: Payment, amount: Money) -> Refund | None:
    known = Refund.objects.filter(external_id=external_id).first() if external_id else None
    if known and (known.payment_id, known.amount) != (payment.pk, amount):
        raise RefundIdReused(f"{external_id!r} was used before for another refund.")
    return known


def _check_amount(payment: Payment, amount: Money, *, is_goodwill: bool, reason: str) -> None:
    if not reason.strip() or len(reason.strip()) > 300:
        raise InvalidInput("A refund says why, in at most 300 characters.")
    # What other requests wait for is set aside already: it is not in this balance.
    credit = balance("customer_credit", payment.currency, customer_id=payment.customer_id)
    why_not = policy.why_not_refundable(amount, refundable=payment.refundable, credit=credit, is_goodwill=is_goodwill)
    if why_not:
        raise RefundTooLarge(why_not)


def _given_lately(payment: Payment, *, by: Actor, at: datetime) -> Money:
    """Return what was asked for this customer within the window and nobody else has approved."""
    since = at - timedelta(hours=authority.longest_window(ACT, payment.currency, by.roles))
    recent = Refund.objects.filter(customer_id=payment.customer_id, currency=payment.currency, requested_at__gt=since)
    alone = Q(state=Refund.State.REQUESTED) | Q(approved_by__startswith="authority:")
    closed = [Refund.State.DECLINED, Refund.State.CANCELLED]
    given = recent.filter(alone).exclude(state__in=closed).aggregate(sum=Sum("amount_minor"))["sum"]
    return Money(int(given or 0), payment.currency)


def _create(
    payment: Payment,
    amount: Money,
    reason: str,
    proof: IdentityProof,
    is_goodwill: bool,
    source: str,
    conversation: str,
    external_id: str | None,
    *,
    by: Actor,
    at: datetime,
) -> Refund:
    try:
        return Refund.objects.create(
            number=next_number("R", payment.customer.local_day(at).year),
            customer_id=payment.customer_id,
            payment=payment,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason=reason.strip(),
            is_goodwill=is_goodwill,
            source=source,
            conversation=conversation,
            proof_reference=proof.reference,
            external_id=external_id,
            requested_by=str(by),
            requested_at=at,
        )
    except IntegrityError as problem:
        raise RefundIdReused("This external id was used before for another refund.") from problem


def record(kind: str, refund: Refund, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a refund, with what customers and integrations are told about it."""
    record_event(
        kind,
        subject=refund,
        customer_id=refund.customer_id,
        by=by,
        at=at,
        number=refund.number,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        conversation=refund.conversation,
        **more,
    )


def lock_refund(refund_id: int) -> Refund:
    """Lock a refund for this transaction.

    :raises NoSuchRefund: if there is none
    """
    locked = Refund.objects.select_for_update(of=("self",)).select_related("customer", "payment")
    refund = locked.filter(pk=refund_id).first()
    if refund is None:
        raise NoSuchRefund("There is no such refund.")
    return refund


def check_move(refund: Refund, move: object, words: str) -> None:
    """Refuse a move the diagram does not have.

    :raises RefundNotInState: if it is not possible now
    """
    if not can_proceed(move):
        raise RefundNotInState(f"{refund.number} is {refund.state}; it cannot be {words}.")


@transaction.atomic
def approve_refund(refund_id: int, *, by: Actor, at: datetime) -> Refund:
    """This will approve a requested refund: from here on we owe the customer this money, and it is paid soon.

    :raises RefundNotInState: if it no longer waits for approval
    :raises ApproverIsRequester: if the same person asked for it
    :raises ApprovalLimitExceeded: if the amount is above what their roles may approve
    :raises OwnAccount: if it is the approver's own customer account
    """
    refund = lock_refund(refund_id)
    refuse_own_account(by, refund.customer_id)
    check_move(refund, refund.approve, "approved")
    authority.check_approver(ACT, refund.amount, requested_by=refund.requested_by, by=by)
    return _approve(refund, approved_by=str(by), by=by, at=at)


def _approve(refund: Refund, *, approved_by: str, by: Actor, at: datetime) -> Refund:
    refund.approve(by=approved_by, at=at)
    refund.save()
    authority.close_approved(f"refund:{refund.pk}", by=by, at=at)
    entry = posting_rules.refund_approved(
        refund.amount,
        customer_id=refund.customer_id,
        refund=f"refund:{refund.pk}",
        on=refund.customer.local_day(at),
        goodwill=refund.is_goodwill,
    )
    post_entry(entry, by=by, at=at)
    record(kinds.REFUND_APPROVED, refund, by=by, at=at, approved_by=approved_by)
    run_later("ledger.tasks.pay_refund", refund_id=refund.pk)
    return refund


@transaction.atomic
def decline_refund(refund_id: int, *, reason: str, by: Actor, at: datetime) -> Refund:
    """This will decline a requested refund and free what it reserved; the customer is told the reason.

    :raises RefundNotInState: if it no longer waits for approval
    :raises ApproverIsRequester: if the same person asked for it (they cancel it instead)
    """
    refund = lock_refund(refund_id)
    refuse_own_account(by, refund.customer_id)
    check_move(refund, refund.decline, "declined")
    if not reason.strip() or len(reason.strip()) > 500:
        raise InvalidInput("Say why the refund is declined, in at most 500 characters; the customer reads it.")
    authority.check_approver(ACT, refund.amount, requested_by=refund.requested_by, by=by)
    refund.decline(by=str(by), at=at, reason=reason.strip())
    refund.save()
    _free(refund)
    promising.free(refund, by=by, at=at)
    authority.close_declined(f"refund:{refund.pk}", reason=reason, by=by, at=at)
    record(kinds.REFUND_DECLINED, refund, by=by, at=at, reason=refund.decline_reason)
    return refund


@transaction.atomic
def cancel_refund(refund_id: int, *, why: str = "", by: Actor, at: datetime) -> Refund:
    """This will call a refund off before the gateway was asked, or after it failed; nothing is owed any more.

    :raises RefundNotInState: if the gateway has it, or it is closed
    """
    refund = lock_refund(refund_id)
    refuse_own_account(by, refund.customer_id)
    check_move(refund, refund.cancel, "cancelled")
    was_owed = refund.state != Refund.State.REQUESTED
    refund.cancel(at=at)
    refund.save()
    _free(refund)
    authority.close_cancelled(f"refund:{refund.pk}", by=by, at=at)
    if was_owed:
        entry = posting_rules.refund_cancelled_after_approval(
            refund.amount,
            customer_id=refund.customer_id,
            refund=f"refund:{refund.pk}",
            on=refund.customer.local_day(at),
            goodwill=refund.is_goodwill,
        )
        post_entry(entry, by=by, at=at)
    else:
        promising.free(refund, by=by, at=at)
    record(kinds.REFUND_CANCELLED, refund, by=by, at=at, reason=why)
    return refund


def _free(refund: Refund) -> None:
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    payment.refunded_minor -= refund.amount_minor
    count_taken_back(payment)
