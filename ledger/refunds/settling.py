"""What becomes of a refund after it left us: it arrives, or comes back; the gateway's word, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django_fsm import can_proceed

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.payments.gateways import GatewayAnswer
from ledger.refunds.models import Refund
from ledger.refunds.paying import record_answer
from ledger.refunds.recording import check_move, lock_refund, record


@transaction.atomic
def settle_refund(refund_id: int, *, on: date | None = None, by: Actor, at: datetime) -> Refund:
    """This will note that the money arrived; one that is settled already is returned as it is.

    :raises RefundNotInState: if it never left us, or came back
    """
    refund = lock_refund(refund_id)
    if refund.state == Refund.State.SETTLED:
        return refund
    check_move(refund, refund.settle, "settled")
    refund.settle(on=on or refund.customer.local_day(at))
    refund.save()
    record(kinds.REFUND_SETTLED, refund, by=by, at=at, settled_on=str(refund.settled_on))
    return refund


@transaction.atomic
def return_refund(refund_id: int, *, code: str, by: Actor, at: datetime) -> Refund:
    """This will book money that came back after it had left: we owe it again, and the customer is told how it goes on.

    :raises RefundNotInState: if it has not left us, became credit, or came back before
    """
    refund = lock_refund(refund_id)
    check_move(refund, refund.come_back, "taken back")
    entry = posting_rules.refund_failed(
        refund.amount, customer_id=refund.customer_id, refund=refund.key, on=refund.customer.local_day(at)
    )
    refund.come_back(code=code[:60])
    refund.save()
    post_entry(entry, by=by, at=at)
    record(kinds.REFUND_RETURNED, refund, by=by, at=at, code=refund.failure_code, card=refund.payment.card_last4)
    return refund


@dataclass(frozen=True, slots=True)
class Word:
    """What a gateway reports of a refund, by its reference or our key: pending, left, arrived or failed, and why."""

    reference: str
    status: str
    code: str = ""
    key: str = ""


def take_gateway_word(reference: str, *, succeeded: bool, code: str = "", by: Actor, at: datetime) -> Refund | None:
    """This will apply that a refund arrived, or came back, by its reference; None where it is of none of ours."""
    return apply_word(Word(reference, "arrived" if succeeded else "failed", code), by=by, at=at)


@transaction.atomic
def apply_word(word: Word, *, by: Actor, at: datetime) -> Refund | None:
    """This will apply what the gateway reports of a refund; None where it is of none of ours.

    Repeated and late reports converge: it left, it arrived, it came back; what is older than what is known, or speaks
    of an earlier way out, changes nothing.
    """
    found = _find(word)
    if found is None:
        return None
    refund = lock_refund(found)
    if word.key and word.key != refund.key and word.reference != refund.gateway_reference:
        return refund
    if refund.state == Refund.State.SUBMITTED and word.key == refund.key and word.status != "pending":
        answer = GatewayAnswer(word.status != "failed", word.reference, word.code)
        refund = record_answer(found, answer, key=word.key, at=at)
    if word.status == "arrived" and refund.state == Refund.State.PAID:
        return settle_refund(found, by=by, at=at)
    if word.status == "failed" and refund.gateway_reference == word.reference and can_proceed(refund.come_back):
        return return_refund(found, code=word.code, by=by, at=at)
    return refund


def _find(word: Word) -> int | None:
    found = None
    if word.reference:
        found = Refund.objects.filter(gateway_reference=word.reference).values_list("pk", flat=True).first()
    kind, _, pk = word.key.partition("/")[0].partition(":")
    if found is None and kind == "refund" and pk.isdecimal() and len(pk) < 19:
        found = Refund.objects.filter(pk=int(pk)).values_list("pk", flat=True).first()
    return found
