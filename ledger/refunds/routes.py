"""The ways a refund can take: the way it was paid, another card or account, or credit; each with what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.payments.models import Payment, PaymentMethod
from ledger.payments.operations import count_taken_back
from ledger.refunds import policy
from ledger.refunds.arrival import Arrival, arrival
from ledger.refunds.models import Refund
from ledger.refunds.recording import RefundNotInState, check_move, lock_refund, record
from ledger.workdays import bank_days

Route = Refund.Route


@dataclass(frozen=True, slots=True)
class Way:
    """The route a refund is to take, and the card or account where it is another one."""

    route: str = Route.ORIGINAL.value
    method_id: int | None = None


ORIGINAL = Way()


class OriginalMethodExpired(DomainError):
    """The card that paid has expired: the customer has to be asked before anything is promised."""


class MethodNotUsable(DomainError):
    """Money cannot go to this card or account."""


def method_for(way: Way, payment: Payment, *, is_goodwill: bool, on: date) -> PaymentMethod | None:
    """Return the card or account a way leads to, where it is another one than the payment came from.

    :raises OriginalMethodExpired: if the original card has expired
    :raises MethodNotUsable: if the other one is not the customer's, or removed or expired
    :raises InvalidInput: if there is no such route, or credit would become credit
    """
    if way.route not in Route.values or (way.method_id is not None) != (way.route == Route.ANOTHER):
        raise InvalidInput("A refund goes the way it was paid, to another card or account named, or becomes credit.")
    if way.route == Route.CREDIT and not is_goodwill:
        raise InvalidInput("This is credit on the account already; it pays the next bill without a refund.")
    if way.route == Route.ANOTHER:
        return _usable(way.method_id, payment.customer_id, on=on)
    if way.route == Route.ORIGINAL and payment.method and is_expired(payment.method, on):
        raise OriginalMethodExpired(
            f"{payment.method} expired on {payment.method.expires_on}. Ask the customer first whether the money goes "
            "to another card or account, or becomes credit."
        )
    return None


def is_expired(method: PaymentMethod, on: date) -> bool:
    """Return whether a card is no longer valid on a day."""
    return method.expires_on is not None and method.expires_on < on


def _usable(method_id: int | None, customer_id: int, *, on: date) -> PaymentMethod:
    method = PaymentMethod.objects.filter(pk=method_id or 0, customer_id=customer_id, removed_at=None).first()
    if method is None or is_expired(method, on):
        raise MethodNotUsable("Money cannot go there: it is not a card or account on file that is still valid.")
    return method


def hold_until(way: Way, at: datetime) -> datetime | None:
    """Return until when a refund is kept back: one to another card or account waits, so that a theft is noticed."""
    hours = int(settings.REFUND_TO_ANOTHER_METHOD_WAITS_HOURS)
    return at + timedelta(hours=hours) if way.route == Route.ANOTHER else None


def expected(refund: Refund, *, sent_at: datetime) -> Arrival:
    """Return when the money is there if it leaves at a moment."""
    method = refund.method if refund.route == Route.ANOTHER else refund.payment.method
    kind = "credit" if refund.route == Route.CREDIT else (method.kind if method else "card")
    local = sent_at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return arrival(kind, sent_at=local, is_bank_day=bank_days(refund.currency, refund.customer.country))


def expect(refund: Refund, *, sent_at: datetime) -> None:
    """Set the days on which the money should be there; the caller saves."""
    days = expected(refund, sent_at=sent_at)
    refund.arrives_from, refund.arrives_by = days.first, days.last


def turn_into_credit(refund: Refund, *, by: Actor, at: datetime) -> None:
    """This will give an approved refund as credit: nothing leaves us, and the payment can be refunded again."""
    check_move(refund, refund.credit, "credited")
    entry = posting_rules.refund_credited(
        refund.amount, customer_id=refund.customer_id, refund=refund.key, on=refund.customer.local_day(at)
    )
    refund.credit(on=refund.customer.local_day(at), at=at)
    refund.save()
    post_entry(entry, by=by, at=at)
    free_payment(refund)
    record(kinds.REFUND_CREDITED, refund, by=by, at=at)


def free_payment(refund: Refund) -> None:
    """Give back to the payment what the refund had reserved of it."""
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    payment.refunded_minor -= refund.amount_minor
    count_taken_back(payment)


@transaction.atomic
def reroute_refund(refund_id: int, *, way: Way, proof: IdentityProof, by: Actor, at: datetime) -> Refund:
    """This will send a refund that failed, or came back, on another way; what was approved needs no new approval.

    Money to another card or account needs the strongest proof and waits before it leaves.

    :raises RefundNotInState: if it has not failed, or would go the way on which it failed
    :raises ProofMissing: if the proof does not suffice for this way
    """
    refund = lock_refund(refund_id)
    refuse_own_account(by, refund.customer_id)
    proof.check(customer_id=refund.customer_id, level=policy.proof_level(way.route), at=at)
    if refund.state != Refund.State.FAILED or way.route == Route.ORIGINAL:
        raise RefundNotInState(f"{refund.number} is {refund.state}; only one that failed takes another way.")
    # Credit is always open here: the money is owed, whatever it was given for.
    refund.method = method_for(way, refund.payment, is_goodwill=True, on=refund.customer.local_day(at))
    refund.route, refund.release_at, refund.proof_reference = way.route, hold_until(way, at), proof.reference
    if way.route == Route.CREDIT:
        turn_into_credit(refund, by=by, at=at)
        return refund
    expect(refund, sent_at=refund.release_at or at)
    refund.save()
    arrives = {"arrives_from": str(refund.arrives_from), "arrives_by": str(refund.arrives_by)}
    record(kinds.REFUND_REROUTED, refund, by=by, at=at, method=str(refund.method), **arrives)
    return refund
