"""A second payment for the same bill goes back by itself, to the card or account it came from.

Nobody has to prove who they are, because the money can only go where it came from; and nobody has to approve it,
because it was never asked for. While refunds are frozen it waits for approval like any other.
"""

from __future__ import annotations

from datetime import datetime

from ledger.authority import operations as authority
from ledger.authority.freezing import live_freeze
from ledger.books.queries import balance
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.refunds import operations, promising
from ledger.refunds.models import Refund
from ledger.refunds.recording import record
from ledger.refunds.routes import ORIGINAL

RETURNER = Actor.system("return_second_payments")
#: Who approved it: the rule in this module's first line.
RULE = "rule:second_payment"
REASON = "The bill was paid twice."
REASON_WITHDRAWN = "The bill was withdrawn before the payment arrived."


def return_second_payment(event: Event, at: datetime) -> None:
    """Refund what a second payment brought too much; what another bill has used up by now stays where it is."""
    payment_id = int(event.subject.partition(":")[2])
    too_much = Money(int(event.data["amount_minor"]), str(event.data["currency"]))
    source = f"event:{event.pk}"
    payment = operations._lock_payment(payment_id)
    if Refund.objects.filter(source=source).exists():
        return
    credit = balance("customer_credit", too_much.currency, customer_id=payment.customer_id)
    amount = min(too_much, credit, payment.refundable)
    if amount.minor > 0:
        bill = Invoice.objects.filter(pk=int(event.data.get("invoice_id") or 0)).first()
        is_void = bill is not None and bill.state == Invoice.State.VOID
        _send_back(payment, amount, source, reason=REASON_WITHDRAWN if is_void else REASON, at=at)


def _send_back(payment: Payment, amount: Money, source: str, *, reason: str, at: datetime) -> None:
    refund = operations._new(payment, amount, ORIGINAL, is_goodwill=False, by=RETURNER, at=at)
    refund.reason, refund.source, refund.proof_reference = reason, source, f"payment:{payment.pk}"
    operations._insert(refund)
    payment.refunded_minor += amount.minor
    payment.save(update_fields=["refunded_minor"])
    promising.set_aside(refund, by=RETURNER, at=at)
    frozen = live_freeze(operations.ACT)
    record(kinds.REFUND_REQUESTED, refund, by=RETURNER, at=at, reason=reason, approval=RULE)
    if frozen is None:
        operations._approve(refund, approved_by=RULE, by=RETURNER, at=at)
        return
    authority.request_approval(
        f"refund:{refund.pk}", act=operations.ACT, customer_id=refund.customer_id, amount=amount,
        why=f"Refunds are frozen: {frozen.why}"[:300], by=RETURNER, at=at,
    )  # fmt: skip
