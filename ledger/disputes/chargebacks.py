"""report_chargeback and what follows: the customer's bank against us. What is refunded is never paid twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.books.operations import post_entry
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.disputes.models import Chargeback, ChargebackStep
from ledger.disputes.stages import ACCEPTED, LOST, OPEN, STAGES, STATES, WON, Standing, contradicts, merge
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

#: A bank converts at its own rate, so it may take somewhat more than was paid. What is above this is a mistake.
DRIFT_PERCENT = 25


class NoSuchChargeback(NotFound):
    """There is no such chargeback."""


class ChargebackNotInState(DomainError):
    """The chargeback is decided already."""


class ChargebackIdReused(DomainError):
    """The same external id was used before, for another chargeback."""


class ChargebackContradicted(DomainError):
    """The report says that a stage ended otherwise than was reported before."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the network said: the chargeback's id, its amount and reason, the stage, how it stands, and the deadline."""

    external_id: str
    amount: Money
    reason: str
    stage: str = "chargeback"
    state: str = OPEN
    due_at: datetime | None = None

    @property
    def standing(self) -> Standing:
        """Where the chargeback stands by this report alone."""
        return Standing(self.stage, self.state, self.due_at)


def record_chargeback(
    payment_id: int, *, amount: Money, external_id: str, reason: str, by: Actor, at: datetime
) -> Chargeback:
    """This will book money that a bank took back; see `report_chargeback`."""
    return report_chargeback(payment_id, report=Report(external_id, amount, reason), by=by, at=at)


@transaction.atomic
def report_chargeback(payment_id: int, *, report: Report, by: Actor, at: datetime) -> Chargeback:
    """This will bring a chargeback to where a report of the network says it stands, and the books with it.

    Reports may come twice and in any order: the furthest stage counts, and a stage that is decided stays decided. From
    the chargeback stage on the money is gone unless we won; refunds of the payment that have not left are called off.
    What was refunded already is named in the event, as the answer for the bank.

    :raises InvalidInput: if stage or state are unknown, or the amount is not above zero, or far above the payment
    :raises ChargebackIdReused: if the external id stands for another chargeback
    :raises ChargebackContradicted: if the stage was reported to have ended otherwise
    """
    customer_id = get_payment(payment_id).customer_id
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    if report.stage not in STAGES or report.state not in STATES:
        raise InvalidInput(f"A chargeback is at one of: {', '.join(STAGES)}; and {', '.join(STATES)}.")
    known = _known(report, payment_id)
    if known is None:
        return _record_first(payment_id, report, by=by, at=at)
    return _advance(known, report.standing, by=by, at=at)


def _known(report: Report, payment_id: int) -> Chargeback | None:
    found = Chargeback.objects.select_for_update(of=("self",)).select_related("payment__customer")
    known = found.filter(external_id=report.external_id).first()
    if known and (known.payment_id, known.amount) != (payment_id, report.amount):
        raise ChargebackIdReused(f"{report.external_id!r} was used before for another chargeback.")
    return known


def _record_first(payment_id: int, report: Report, *, by: Actor, at: datetime) -> Chargeback:
    standing = report.standing
    called_off = _call_off_refunds(payment_id, by=by, at=at) if standing.is_taken else []
    payment = Payment.objects.select_for_update(of=("self",)).select_related("customer").get(pk=payment_id)
    most = payment.amount.percent(100 + DRIFT_PERCENT)
    if report.amount.minor <= 0 or report.amount.currency != payment.currency or report.amount > most:
        raise InvalidInput(f"A chargeback is above zero and at most {most}: what was paid, and what banks' rates add.")
    chargeback = Chargeback.objects.create(
        payment=payment,
        customer_id=payment.customer_id,
        external_id=report.external_id,
        amount_minor=report.amount.minor,
        currency=report.amount.currency,
        reason=report.reason,
        stage=report.stage,
        state=report.state,
        is_taken=standing.is_taken,
        takings=int(standing.is_taken),
        due_at=report.due_at,
        received_at=at,
        decided_at=None if report.state == OPEN else at,
    )
    _note_step(chargeback, standing, at=at)
    _settle_payment(chargeback, at=at)
    if standing.is_taken:
        _post(chargeback, posting_rules.chargeback_received, by=by, at=at)
    more = {"reason": report.reason, "called_off": called_off, "answer_with": _refunds_given(payment)}
    record_chargeback_event(_kind_of(standing), chargeback, by=by, at=at, **more)
    return chargeback


def _advance(chargeback: Chargeback, report: Standing, *, by: Actor, at: datetime) -> Chargeback:
    before = Standing(chargeback.stage, chargeback.state, chargeback.due_at)
    if contradicts(before, report):
        raise ChargebackContradicted(f"{chargeback.external_id} was reported as {before.state} at this stage before.")
    _note_step(chargeback, report, at=at)
    after = merge(before, report)
    if after == before:
        return chargeback
    taken_before, chargeback.due_at = chargeback.is_taken, after.due_at
    chargeback.stage, chargeback.is_taken = after.stage, after.is_taken
    _move(chargeback, after.state, at=at)
    if after.is_taken and not taken_before:
        chargeback.takings += 1
        _call_off_refunds(chargeback.payment_id, by=by, at=at)
    if after.stage != before.stage:
        chargeback.warned_at = None
    chargeback.save()
    _settle_payment(chargeback, at=at)
    if after.is_taken != taken_before:
        rule = posting_rules.chargeback_received if after.is_taken else posting_rules.chargeback_won
        _post(chargeback, rule, by=by, at=at)
    if after.rank != before.rank:
        record_chargeback_event(_kind_of(after), chargeback, by=by, at=at, reason=chargeback.reason)
    return chargeback


def _move(chargeback: Chargeback, state: str, *, at: datetime) -> None:
    if chargeback.state == state:
        return
    if state == OPEN:
        chargeback.reopen()
    else:
        moves: dict[str, Callable[..., None]] = {
            WON: chargeback.win,
            LOST: chargeback.lose,
            ACCEPTED: chargeback.accept,
        }
        moves[state](at=at)


def _kind_of(standing: Standing) -> str:
    decided = {WON: kinds.CHARGEBACK_WON, LOST: kinds.CHARGEBACK_LOST, ACCEPTED: kinds.CHARGEBACK_ACCEPTED}
    if standing.state in decided:
        return decided[standing.state]
    if standing.stage == "chargeback":
        return kinds.CHARGEBACK_RECEIVED
    return kinds.CHARGEBACK_ESCALATED if standing.is_taken else kinds.CHARGEBACK_INQUIRY_RECEIVED


def _note_step(chargeback: Chargeback, standing: Standing, *, at: datetime) -> None:
    ChargebackStep.objects.get_or_create(
        chargeback=chargeback,
        stage=standing.stage,
        state=standing.state,
        defaults={"due_at": standing.due_at, "reported_at": at},
    )


def _settle_payment(chargeback: Chargeback, *, at: datetime) -> None:
    """Count what banks hold of the payment, and whether one of them still questions it: then nothing is refunded."""
    payment = Payment.objects.select_for_update().get(pk=chargeback.payment_id)
    count_taken_back(payment)
    contested = payment.chargebacks.filter(state=OPEN, is_taken=True).exists()
    payment.contested_at = (payment.contested_at or at) if contested else None
    payment.save(update_fields=["contested_at"])


def _refunds_given(payment: Payment) -> list[str]:
    given = Refund.objects.filter(payment=payment, state__in=["submitted", "paid", "settled"])
    return list(given.order_by("pk").values_list("number", flat=True))


def _call_off_refunds(payment_id: int, *, by: Actor, at: datetime) -> list[str]:
    waiting = [Refund.State.REQUESTED, Refund.State.APPROVED, Refund.State.FAILED]
    # Locked together before the first is called off: one that the gateway is just getting drops out of the list.
    found = Refund.objects.select_for_update().filter(payment_id=payment_id, state__in=waiting).order_by("pk")
    why = "Your bank has taken the payment back, so it is settled that way."
    return [cancel_refund(refund.pk, why=why, by=by, at=at).number for refund in list(found)]


def _post(chargeback: Chargeback, rule: Callable[..., Entry], *, by: Actor, at: datetime) -> None:
    day = chargeback.payment.customer.local_day(at)
    # Taken a second time, at a later stage: the entries have keys of their own.
    again = f"/{chargeback.takings}" if chargeback.takings > 1 else ""
    reference = f"chargeback:{chargeback.pk}{again}"
    entry = rule(chargeback.amount, customer_id=chargeback.customer_id, dispute=reference, on=day)
    post_entry(entry, by=by, at=at)


def record_chargeback_event(kind: str, chargeback: Chargeback, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a chargeback, with its stage and the deadline the network gave."""
    record_event(
        kind,
        subject=chargeback,
        customer_id=chargeback.customer_id,
        by=by,
        at=at,
        number=chargeback.external_id,
        amount_minor=chargeback.amount_minor,
        currency=chargeback.currency,
        stage=chargeback.stage,
        due_at=chargeback.due_at.isoformat() if chargeback.due_at else "",
        **more,
    )


def lock_chargeback(chargeback_id: int) -> Chargeback:
    """Lock a chargeback for this transaction, its customer first.

    :raises NoSuchChargeback: if there is none
    """
    owner = Chargeback.objects.filter(pk=chargeback_id).values_list("customer_id", flat=True).first()
    if owner is None:
        raise NoSuchChargeback("There is no such chargeback.")
    Customer.objects.select_for_update(no_key=True).get(pk=owner)
    locked = Chargeback.objects.select_for_update(of=("self",)).select_related("payment__customer")
    return locked.get(pk=chargeback_id)


def _decide(chargeback_id: int, state: str, *, by: Actor, at: datetime) -> Chargeback:
    chargeback = lock_chargeback(chargeback_id)
    if not chargeback.is_open:
        raise ChargebackNotInState(f"This chargeback is {chargeback.get_state_display().lower()} already.")
    return _advance(chargeback, Standing(chargeback.stage, state, chargeback.due_at), by=by, at=at)


@transaction.atomic
def win_chargeback(chargeback_id: int, *, by: Actor, at: datetime) -> Chargeback:
    """This will book the money back that the bank returns; at a stage before money moved, nothing is booked.

    :raises ChargebackNotInState: if it is decided already
    """
    return _decide(chargeback_id, WON, by=by, at=at)


@transaction.atomic
def lose_chargeback(chargeback_id: int, *, by: Actor, at: datetime) -> Chargeback:
    """This will note that the bank keeps the money; nothing is posted, because it is gone already.

    :raises ChargebackNotInState: if it is decided already
    """
    return _decide(chargeback_id, LOST, by=by, at=at)


@transaction.atomic
def accept_chargeback(chargeback_id: int, *, why: str, by: Actor, at: datetime) -> Chargeback:
    """This will give a chargeback up: the bank keeps the money, and the payment may be refunded as far as it is left.

    An inquiry is closed this way before any money moves; a refund then pays the customer.

    :raises InvalidInput: if nobody says why
    :raises ChargebackNotInState: if it is decided already
    """
    if not why.strip():
        raise InvalidInput("Say why we do not answer the bank.")
    refuse_own_account(by, lock_chargeback(chargeback_id).customer_id)
    return _decide(chargeback_id, ACCEPTED, by=by, at=at)
