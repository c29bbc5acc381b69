"""record_chargeback and its outcome: the customer's bank against us. What is refunded is never paid twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.books.operations import post_entry
from ledger.customers.models import Customer
from ledger.disputes.models import Chargeback
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.payments.operations import count_taken_back
from ledger.payments.queries import get_payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import cancel_refund


class NoSuchChargeback(NotFound):
    """There is no such chargeback."""


class ChargebackNotInState(DomainError):
    """The chargeback is decided already."""


class ChargebackIdReused(DomainError):
    """The same external id was used before, for another chargeback."""


@transaction.atomic
def record_chargeback(
    payment_id: int, *, amount: Money, external_id: str, reason: str, by: Actor, at: datetime
) -> Chargeback:
    """This will book money that a bank took back, and call off refunds of it that have not left yet.

    What was refunded already is named in the event, as the answer for the bank. A repeated `external_id` is harmless.

    :raises InvalidInput: if the amount is not above zero, above the payment, or in another currency
    :raises ChargebackIdReused: if the external id stands for another chargeback
    """
    customer_id = get_payment(payment_id).customer_id
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    known = _known(external_id, payment_id, amount)
    if known:
        return known
    called_off = _call_off_refunds(payment_id, by=by, at=at)
    payment = Payment.objects.select_for_update(of=("self",)).select_related("customer").get(pk=payment_id)
    if amount.minor <= 0 or amount.currency != payment.currency or amount > payment.amount:
        raise InvalidInput(f"A chargeback is above zero and at most {payment.amount}.")
    chargeback = Chargeback.objects.create(
        payment=payment,
        customer_id=customer_id,
        external_id=external_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason,
        received_at=at,
    )
    count_taken_back(payment)
    _post(chargeback, posting_rules.chargeback_received, at=at, by=by)
    _record(
        kinds.CHARGEBACK_RECEIVED,
        chargeback,
        by=by,
        at=at,
        reason=reason,
        called_off=called_off,
        answer_with=_refunds_given(payment),
    )
    return chargeback


def _known(external_id: str, payment_id: int, amount: Money) -> Chargeback | None:
    known = Chargeback.objects.filter(external_id=external_id).first()
    if known and (known.payment_id, known.amount) != (payment_id, amount):
        raise ChargebackIdReused(f"{external_id!r} was used before for another chargeback.")
    return known


def _refunds_given(payment: Payment) -> list[str]:
    given = Refund.objects.filter(payment=payment, state__in=[Refund.State.SUBMITTED, Refund.State.PAID])
    return list(given.order_by("pk").values_list("number", flat=True))


def _call_off_refunds(payment_id: int, *, by: Actor, at: datetime) -> list[str]:
    waiting = [Refund.State.REQUESTED, Refund.State.APPROVED, Refund.State.FAILED]
    # Locked together before the first is called off: one that the gateway is just getting drops out of the list.
    found = Refund.objects.select_for_update().filter(payment_id=payment_id, state__in=waiting).order_by("pk")
    why = "Your bank has taken the payment back, so it is settled that way."
    return [cancel_refund(refund.pk, why=why, by=by, at=at).number for refund in list(found)]


def _post(chargeback: Chargeback, rule: Callable[..., Entry], *, by: Actor, at: datetime) -> None:
    day = chargeback.payment.customer.local_day(at)
    entry = rule(chargeback.amount, customer_id=chargeback.customer_id, dispute=f"chargeback:{chargeback.pk}", on=day)
    post_entry(entry, by=by, at=at)


def _record(kind: str, chargeback: Chargeback, *, by: Actor, at: datetime, **more: Any) -> None:
    record_event(
        kind,
        subject=chargeback,
        customer_id=chargeback.customer_id,
        by=by,
        at=at,
        number=chargeback.external_id,
        amount_minor=chargeback.amount_minor,
        currency=chargeback.currency,
        **more,
    )


def _lock(chargeback_id: int) -> Chargeback:
    locked = Chargeback.objects.select_for_update(of=("self",)).select_related("payment__customer")
    chargeback = locked.filter(pk=chargeback_id).first()
    if chargeback is None:
        raise NoSuchChargeback("There is no such chargeback.")
    return chargeback


@transaction.atomic
def win_chargeback(chargeback_id: int, *, by: Actor, at: datetime) -> Chargeback:
    """This will book the money back that the bank returns.

    :raises ChargebackNotInState: if it is decided already
    """
    chargeback = _lock(chargeback_id)
    if not can_proceed(chargeback.win):
        raise ChargebackNotInState(f"This chargeback is {chargeback.state} already.")
    chargeback.win(at=at)
    chargeback.save()
    payment = Payment.objects.select_for_update().get(pk=chargeback.payment_id)
    count_taken_back(payment)
    _post(chargeback, posting_rules.chargeback_won, by=by, at=at)
    _record(kinds.CHARGEBACK_WON, chargeback, by=by, at=at)
    return chargeback


@transaction.atomic
def lose_chargeback(chargeback_id: int, *, by: Actor, at: datetime) -> Chargeback:
    """This will note that the bank keeps the money; the books have it already.

    :raises ChargebackNotInState: if it is decided already
    """
    chargeback = _lock(chargeback_id)
    if not can_proceed(chargeback.lose):
        raise ChargebackNotInState(f"This chargeback is {chargeback.state} already.")
    chargeback.lose(at=at)
    chargeback.save()
    _record(kinds.CHARGEBACK_LOST, chargeback, by=by, at=at)
    return chargeback
