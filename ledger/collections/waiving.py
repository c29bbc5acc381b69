"""Letting a fee for late payment go: within somebody's own limit at once, above it with a colleague's word."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.charges.operations import reverse_charge
from ledger.collections.fee_models import LateFee
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event, subject_of
from ledger.invoices.building import lock_customer
from ledger.invoices.crediting import issue_credit_note
from ledger.money import Money

ACT = AuthorityLimit.Act.CREDIT


class NoSuchLateFee(NotFound):
    """There is no such fee."""


class LateFeeAlreadyWaived(DomainError):
    """The fee was waived before."""


class WaiverWaits(DomainError):
    """Somebody asked to waive this fee already; a colleague has to decide."""


class NoWaiverAsked(DomainError):
    """Nobody has asked to waive this fee."""


@transaction.atomic
def waive_late_fee(late_fee_id: int, *, reason: str, by: Actor, at: datetime) -> LateFee:
    """This will take a fee back: off the next bill, or by credit note where it is billed.

    Above the doer's own limit it waits for a colleague: look at `waived_at`.

    :raises LateFeeAlreadyWaived: if it was waived before
    :raises WaiverWaits: if somebody asked already
    :raises OwnAccount: if it is the doer's own customer account
    """
    fee = _lock(late_fee_id, by=by)
    words = _said(reason)
    if authority.waiting_for(subject_of(fee)):
        raise WaiverWaits("Somebody asked to waive this fee already; a colleague has to decide.")
    given = authority.given_lately(ACT, fee.customer_id, fee.currency, by=by, at=at)
    decision = authority.decide(ACT, fee.amount, given=given, by=by)
    if decision.alone and decision.limit:
        authority.record_alone(
            subject_of(fee), act=ACT, customer_id=fee.customer_id, amount=fee.amount, limit=decision.limit, why=words,
            by=by, at=at,
        )  # fmt: skip
        return _waive(fee, words, by=by, at=at)
    authority.request_approval(
        subject_of(fee), act=ACT, customer_id=fee.customer_id, amount=fee.amount, why=decision.why, reason=words,
        by=by, at=at,
    )  # fmt: skip
    _record(kinds.LATE_FEE_WAIVER_REQUESTED, fee, reason=words, by=by, at=at)
    return fee


@transaction.atomic
def approve_late_fee_waiver(late_fee_id: int, *, by: Actor, at: datetime) -> LateFee:
    """This will waive a fee that a colleague asked to waive; where the rule wants more people, the last one does.

    :raises NoWaiverAsked: if nobody asked, or it is decided
    :raises ApproverIsRequester, ApprovalLimitExceeded: if this person may not approve it
    """
    fee = _lock(late_fee_id, by=by)
    asked = authority.waiting_for(subject_of(fee))
    if asked is None:
        raise NoWaiverAsked("Nobody has asked to waive this fee.")
    if not authority.agree_to(ACT, subject_of(fee), amount=asked.amount, requested_by=asked.requested_by, by=by, at=at):
        return fee
    return _waive(fee, asked.reason, by=by, at=at)


@transaction.atomic
def decline_late_fee_waiver(late_fee_id: int, *, reason: str, by: Actor, at: datetime) -> LateFee:
    """This will leave a fee as it is that a colleague asked to waive.

    :raises NoWaiverAsked: if nobody asked, or it is decided
    """
    fee = _lock(late_fee_id, by=by)
    asked = authority.waiting_for(subject_of(fee))
    if asked is None:
        raise NoWaiverAsked("Nobody has asked to waive this fee.")
    words = _said(reason)
    authority.check_approver(ACT, asked.amount, requested_by=asked.requested_by, by=by)
    authority.close_declined(subject_of(fee), reason=words, by=by, at=at)
    _record(kinds.LATE_FEE_WAIVER_DECLINED, fee, reason=words, by=by, at=at)
    return fee


def _lock(late_fee_id: int, *, by: Actor) -> LateFee:
    customer_id = LateFee.objects.filter(pk=late_fee_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchLateFee("There is no such fee.")
    lock_customer(customer_id)
    refuse_own_account(by, customer_id)
    fee = LateFee.objects.select_for_update(of=("self",)).select_related("charge", "invoice").get(pk=late_fee_id)
    if fee.waived_at:
        raise LateFeeAlreadyWaived("This fee was waived before.")
    return fee


def _said(reason: str) -> str:
    words = reason.strip()
    if not words or len(words) > 300:
        raise InvalidInput("Say why, in at most 300 characters.")
    return words


def _waive(fee: LateFee, reason: str, *, by: Actor, at: datetime) -> LateFee:
    line = getattr(fee.charge, "invoice_line", None)
    if line is None:
        reverse_charge(fee.charge_id, reason=reason, by=by, at=at)
    else:
        left = Money(line.total.minor - line.credited_minor, line.currency)
        issue_credit_note(line.pk, amount=left, reason=reason, source=subject_of(fee), by=by, at=at)
    fee.waived_by, fee.waived_at, fee.waiver_reason = str(by), at, reason
    fee.save(update_fields=["waived_by", "waived_at", "waiver_reason"])
    _record(kinds.LATE_FEE_WAIVED, fee, reason=reason, by=by, at=at)
    return fee


def _record(kind: str, fee: LateFee, *, reason: str, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=fee,
        customer_id=fee.customer_id,
        by=by,
        at=at,
        number=fee.invoice.number,
        amount_minor=fee.amount_minor,
        currency=fee.currency,
        reason=reason,
    )
