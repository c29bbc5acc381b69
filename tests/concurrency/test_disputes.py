"""Open, decide, withdraw, take back by the bank and refund one charge in the same moment: one outcome each.

Every test makes `BILLING_DESK_MONEY_ROUNDS` rounds; a thousand look for what is rare.
"""

from __future__ import annotations

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.disputes.chargebacks import record_chargeback
from ledger.disputes.models import Chargeback, Dispute
from ledger.disputes.operations import open_dispute, reject_dispute, uphold_dispute, withdraw_dispute
from ledger.events.actor import Actor
from ledger.invoices.models import InvoiceLine
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import request_refund
from tests.concurrency.crowd import (
    MIA,
    PIA,
    ROUNDS,
    SAM,
    Acts,
    check_disputes_of,
    entry_kinds,
    kinds_of,
    open_amounts,
)
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, pay, prove

pytestmark = pytest.mark.django_db(transaction=True)

SAYS = {"explanation": "We looked.", "deviation": "It is so.", "at": NOW}


def dispute_part(line: InvoiceLine, minor: int, by: Actor) -> Dispute:
    proof = prove(line.invoice.customer)
    return open_dispute(line.pk, amount=eur(minor), reason="other", proof=proof, by=by, at=NOW)


def open_one(line: InvoiceLine) -> int:
    """Return the newest dispute of a line, as somebody finds it at that moment; 0 where there is none."""
    return Dispute.objects.filter(line=line).order_by("-pk").values_list("pk", flat=True).first() or 0


def at_one_charge(line: InvoiceLine, payment: Payment, number: int) -> Acts:
    """Dispute it, decide that both ways, take it back; the bank takes the money, and a refund is asked for."""

    def charge_back() -> object:
        amount, external_id = payment.amount, f"cb-{number}"
        return record_chargeback(payment.pk, amount=amount, external_id=external_id, reason="fraud", by=SYSTEM, at=NOW)

    def refund() -> object:
        given = {"reason": "x", "proof": prove(payment.customer), "is_goodwill": True, "by": MIA, "at": NOW}
        return request_refund(payment.pk, amount=eur(2_000), **given)

    return [
        lambda: dispute_part(line, 6_000, SAM),
        lambda: uphold_dispute(open_one(line), by=PIA, **SAYS),
        lambda: reject_dispute(open_one(line), by=SAM, **SAYS),
        lambda: withdraw_dispute(open_one(line), by=MIA, at=NOW),
        charge_back,
        refund,
    ]


@pytest.mark.parametrize("paid", [10_000, 4_000], ids=["paid", "part_paid"])
def test_a_charge_disputed_decided_charged_back_and_refunded_at_once_holds_what_is_open(crowd, ana, paid):
    rounds = max(ROUNDS // 2, 1)
    for number in range(rounds):
        line = bill(ana, 10_000).lines.get()
        payment = pay(ana, paid)
        if number % 2:
            dispute_part(line, 4_000, MIA)
        crowd.at_once(at_one_charge(line, payment, number))

        still = check_disputes_of(line)
        after = Payment.objects.get(pk=payment.pk)
        refunds = Refund.objects.filter(payment=payment)
        live = refunds.exclude(state__in=["cancelled", "declined"])
        assert refunds.count() <= 1
        assert sum(live.values_list("amount_minor", flat=True)) == after.refunded_minor
        assert after.refunded_minor + after.charged_back_minor <= paid
        chargeback = Chargeback.objects.get(payment=payment)
        assert kinds_of(f"chargeback:{chargeback.pk}").count("chargeback.received") == 1
        assert len(entry_kinds(f"chargeback:{chargeback.pk}")) == len(set(entry_kinds(f"chargeback:{chargeback.pk}")))
        for dispute in still[: number % 3]:
            withdraw_dispute(dispute.pk, by=MIA, at=NOW)

    owed, kept = open_amounts()
    assert balance("receivable_disputed", "EUR", customer_id=ana.pk) == eur(owed)
    assert balance("dispute_hold", "EUR", customer_id=ana.pk) == eur(kept)
    assert first_break() is None
