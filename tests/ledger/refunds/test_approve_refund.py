"""approve_refund, decline_refund, pay_refund: one winner, never the requester, once."""

from __future__ import annotations

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.disputes.chargebacks import record_chargeback
from ledger.events.models import Event
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import (
    ApprovalLimitExceeded,
    ApproverIsRequester,
    RefundNotInState,
    approve_refund,
    cancel_refund,
    decline_refund,
    request_refund,
)
from ledger.refunds.paying import pay_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(mia):
    ana = open_ana()
    bill(ana, 20000)
    payment = pay(ana, 20000)
    return request_refund(
        payment.pk, amount=eur(2600), reason="Sorry", proof=prove(ana), is_goodwill=True, by=mia, at=NOW
    )


def test_a_colleague_approves_and_the_customer_is_owed_the_money(waiting, noe):
    approve_refund(waiting.pk, by=noe, at=NOW)

    assert balance("refunds_payable", "EUR", customer_id=waiting.customer_id) == eur(2600)
    assert balance("goodwill", "EUR") == eur(2600)


def test_nobody_approves_what_they_asked_for(waiting, mia):
    with pytest.raises(ApproverIsRequester):
        approve_refund(waiting.pk, by=mia, at=NOW)


def test_the_database_refuses_the_requester_too(waiting, owner, transactional_db):
    with pytest.raises(psycopg.errors.CheckViolation, match="refund_approved_by_someone_else"):
        owner.execute("UPDATE ledger_refund SET approved_by = requested_by WHERE id = %s", [waiting.pk])


def test_an_approver_needs_a_limit_that_covers_it(waiting):
    with pytest.raises(ApprovalLimitExceeded):
        approve_refund(waiting.pk, by=type(SYSTEM).agent(8, roles=frozenset({"agent"})), at=NOW)


@pytest.mark.parametrize("end", [approve_refund, decline_refund, cancel_refund])
def test_what_is_decided_is_not_decided_again(waiting, noe, pia, end):
    more = {"reason": "no"} if end is decline_refund else {}
    end(waiting.pk, by=noe, at=NOW, **more)

    with pytest.raises(RefundNotInState):
        approve_refund(waiting.pk, by=pia, at=NOW)


def test_the_database_refuses_a_move_the_diagram_does_not_have(waiting, owner, transactional_db):
    with pytest.raises(psycopg.errors.CheckViolation, match="may not go from requested to paid"):
        owner.execute(
            "UPDATE ledger_refund SET state = 'paid', approved_by = 'x', gateway_reference = 'x' WHERE id = %s",
            [waiting.pk],
        )


def test_paying_twice_moves_the_money_once(waiting, noe):
    approve_refund(waiting.pk, by=noe, at=NOW)

    first, second = pay_refund(waiting.pk, at=NOW), pay_refund(waiting.pk, at=NOW)

    assert first.gateway_reference == second.gateway_reference == f"sandbox-refund-{waiting.pk}"
    assert balance("cash", "EUR") == eur(20000 - 2600)
    assert Event.objects.filter(kind="refund.paid").count() == 1
    assert first_break() is None


def test_a_declined_gateway_leaves_us_owing_and_can_be_called_off(noe, mia):
    ana = open_ana()
    bill(ana, 20000)
    refund = request_refund(
        pay(ana, 20000).pk, amount=eur(6666), reason="x", proof=prove(ana), is_goodwill=True, by=noe, at=NOW
    )

    failed = pay_refund(refund.pk, at=NOW)

    assert (failed.state, failed.failure_code) == ("failed", "insufficient_funds")
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(6666)
    cancel_refund(refund.pk, by=noe, at=NOW)
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def test_a_chargeback_calls_off_a_waiting_refund_of_the_same_payment(waiting):
    record_chargeback(waiting.payment_id, amount=eur(20000), external_id="cb-1", reason="duplicate", by=SYSTEM, at=NOW)

    assert Refund.objects.get(pk=waiting.pk).state == "cancelled"
    assert balance("cash", "EUR") == eur(0)
    with pytest.raises(RefundNotInState):
        approve_refund(waiting.pk, by=type(SYSTEM).agent(3, roles=frozenset({"supervisor"})), at=NOW)
    assert first_break() is None


def test_a_chargeback_of_a_refunded_payment_names_the_refund_as_the_answer(waiting, noe):
    approve_refund(waiting.pk, by=noe, at=NOW)
    pay_refund(waiting.pk, at=NOW)

    record_chargeback(waiting.payment_id, amount=eur(20000), external_id="cb-1", reason="duplicate", by=SYSTEM, at=NOW)

    assert Event.objects.get(kind="chargeback.received").data["answer_with"] == [waiting.number]
    payment = Payment.objects.get(pk=waiting.payment_id)
    assert payment.charged_back_minor + payment.refunded_minor == 20000
