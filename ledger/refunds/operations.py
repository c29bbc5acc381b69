"""The refund's whole life up to the gateway: request, approve, decline, cancel (paying.py does the rest)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum

from ledger.authority import operations as authority
from ledger.authority.freezing import live_freeze, refuse_if_frozen
from ledger.authority.models import AuthorityLimit
from ledger.authority.operations import ApprovalLimitExceeded, ApproverIsRequester
from ledger.authority.policy import Decision
from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.books.queries import balance
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.numbering import next_number
from ledger.later import run_later
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.payments.queries import NoSuchPayment
from ledger.refunds import policy, promising
from ledger.refunds.models import Refund
from ledger.refunds.recording import NoSuchRefund, RefundNotInState, check_move, lock_refund, record
from ledger.refunds.routes import ORIGINAL, Way, expect, free_payment, hold_until, method_for, turn_into_credit

__all__ = ["ApprovalLimitExceeded", "ApproverIsRequester", "NoSuchRefund", "RefundNotInState"]

ACT = AuthorityLimit.Act.REFUND


class RefundTooLarge(DomainError):
    """More was asked for than can be given back."""


class PaymentContested(DomainError):
    """The customer's bank has taken the payment back and nobody has decided it: a refund would pay twice."""


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
    way: Way = ORIGINAL,
    source: str = "",
    conversation: str = "",
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Refund:
    """This will ask for money back; within the requester's own limit it is approved at once, above it waits.

    The amount is reserved on the payment, and set aside of the credit, so nothing else gives the same money away.

    :raises ProofMissing: if the proof does not cover this customer now, or not this way
    :raises RefundTooLarge: if less of the payment, or less credit, is left
    :raises OriginalMethodExpired: if the card that paid has expired: the customer is asked before a promise is made
    :raises OwnAccount: if a member of staff asks for their own account
    """
    payment = _lock_payment(payment_id)
    refuse_own_account(by, payment.customer_id)
    proof.check(customer_id=payment.customer_id, level=policy.proof_level(way.route), at=at)
    known = _known(external_id, payment, amount)
    if known:
        return known
    _check_amount(payment, amount, is_goodwill=is_goodwill, reason=reason)
    decision = _decide(payment, amount, by=by, at=at)
    refund = _new(payment, amount, way, is_goodwill=is_goodwill, by=by, at=at)
    refund.reason, refund.proof_reference = reason.strip(), proof.reference
    refund.source, refund.conversation, refund.external_id = source, conversation, external_id
    _insert(refund)
    payment.refunded_minor += amount.minor
    payment.save(update_fields=["refunded_minor"])
    promising.set_aside(refund, by=by, at=at)
    return _approve_or_wait(refund, decision, by=by, at=at)


def _approve_or_wait(refund: Refund, decision: Decision, *, by: Actor, at: datetime) -> Refund:
    record(kinds.REFUND_REQUESTED, refund, by=by, at=at, reason=refund.reason, approval=decision.why)
    if decision.alone and decision.limit:
        return _approve(refund, approved_by=decision.limit.reference, by=by, at=at)
    authority.request_approval(
        f"refund:{refund.pk}",
        act=ACT,
        customer_id=refund.customer_id,
        amount=refund.amount,
        why=decision.why,
        by=by,
        at=at,
    )
    return refund


def _decide(payment: Payment, amount: Money, *, by: Actor, at: datetime) -> Decision:
    frozen = live_freeze(ACT)
    if frozen:
        return Decision(False, None, f"Refunds are frozen: {frozen.why}"[:300])
    return authority.decide(ACT, amount, given=_given_lately(payment, by=by, at=at), by=by)


def _lock_payment(payment_id: int) -> Payment:
    # The customer first: requests for one customer are decided one after the other, so split ones are seen.
    found = Payment.objects.filter(pk=payment_id).values_list("customer_id", flat=True).first()
    if found is None:
        raise NoSuchPayment("There is no such payment.")
    Customer.objects.select_for_update(no_key=True).get(pk=found)
    return Payment.objects.select_for_update(of=("self",)).select_related("customer", "method").get(pk=payment_id)


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
    if payment.contested_at is not None:
        raise PaymentContested(f"The bank has taken {payment.number} back. Answer the chargeback or accept it first.")


def _given_lately(payment: Payment, *, by: Actor, at: datetime) -> Money:
    """Return what was asked for this customer within the window and nobody else has approved."""
    since = at - timedelta(hours=authority.longest_window(ACT, payment.currency, by.roles))
    recent = Refund.objects.filter(customer_id=payment.customer_id, currency=payment.currency, requested_at__gt=since)
    alone = Q(state=Refund.State.REQUESTED) | Q(approved_by__startswith="authority:")
    closed = [Refund.State.DECLINED, Refund.State.CANCELLED]
    given = recent.filter(alone).exclude(state__in=closed).aggregate(sum=Sum("amount_minor"))["sum"]
    return Money(int(given or 0), payment.currency)


def _new(payment: Payment, amount: Money, way: Way, *, is_goodwill: bool, by: Actor, at: datetime) -> Refund:
    day = payment.customer.local_day(at)
    return Refund(
        number=next_number("R", day.year),
        customer=payment.customer,
        payment=payment,
        amount_minor=amount.minor,
        currency=amount.currency,
        method=method_for(way, payment, is_goodwill=is_goodwill, on=day),
        route=way.route,
        is_goodwill=is_goodwill,
        requested_by=str(by),
        requested_at=at,
    )


def _insert(refund: Refund) -> None:
    try:
        with transaction.atomic():
            refund.save(force_insert=True)
    except IntegrityError as problem:
        raise RefundIdReused("This external id was used before for another refund.") from problem


@transaction.atomic
def approve_refund(refund_id: int, *, by: Actor, at: datetime) -> Refund:
    """This will approve a requested refund: from here on we owe the customer this money, and it is paid soon.

    Where several people have to agree it stays requested until the last of them does.

    :raises RefundNotInState: if it no longer waits for approval
    :raises ApproverIsRequester: if the same person asked for it
    :raises ApprovedAlready: if they agreed before and somebody else still has to
    :raises ApprovalLimitExceeded: if the amount is above what their roles may approve
    :raises Frozen: while refunds are frozen
    :raises OwnAccount: if it is the approver's own customer account
    """
    refuse_if_frozen(ACT)
    refund = lock_refund(refund_id)
    refuse_own_account(by, refund.customer_id)
    check_move(refund, refund.approve, "approved")
    subject = f"refund:{refund.pk}"
    if not authority.agree_to(ACT, subject, amount=refund.amount, requested_by=refund.requested_by, by=by, at=at):
        return refund
    return _approve(refund, approved_by=str(by), by=by, at=at)


def _approve(refund: Refund, *, approved_by: str, by: Actor, at: datetime) -> Refund:
    refund.approve(by=approved_by, at=at)
    refund.release_at = hold_until(Way(refund.route, refund.method_id), at)
    expect(refund, sent_at=refund.release_at or at)
    refund.save()
    entry = posting_rules.refund_approved(
        refund.amount,
        customer_id=refund.customer_id,
        refund=f"refund:{refund.pk}",
        on=refund.customer.local_day(at),
        goodwill=refund.is_goodwill,
    )
    post_entry(entry, by=by, at=at)
    arrives = {"arrives_from": str(refund.arrives_from), "arrives_by": str(refund.arrives_by)}
    record(kinds.REFUND_APPROVED, refund, by=by, at=at, approved_by=approved_by, **arrives)
    if refund.route == Refund.Route.CREDIT:
        turn_into_credit(refund, by=by, at=at)
    else:
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
    subject = f"refund:{refund.pk}"
    authority.check_approver(ACT, refund.amount, requested_by=refund.requested_by, subject=subject, by=by)
    refund.decline(by=str(by), at=at, reason=reason.strip())
    refund.save()
    free_payment(refund)
    promising.free(refund, by=by, at=at)
    authority.close_declined(subject, reason=reason, by=by, at=at)
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
    free_payment(refund)
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
