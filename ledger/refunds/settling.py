"""What becomes of a refund after it left us: it arrives, or comes back; the gateway's word, in any order."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django_fsm import can_proceed

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.refunds.models import Refund
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


def take_gateway_word(reference: str, *, succeeded: bool, code: str = "", by: Actor, at: datetime) -> Refund | None:
    """This will apply what the gateway reports of a refund by its reference; None where it is of none of ours.

    Repeated and late reports converge: it left, it arrived, it came back; what is older than what is known changes
    nothing.
    """
    with transaction.atomic():
        found = Refund.objects.filter(gateway_reference=reference).values_list("pk", flat=True).first()
        if not reference or found is None:
            return None
        refund = lock_refund(found)
        if succeeded and refund.state == Refund.State.PAID:
            return settle_refund(found, by=by, at=at)
        if not succeeded and can_proceed(refund.come_back):
            return return_refund(found, code=code, by=by, at=at)
        return refund
