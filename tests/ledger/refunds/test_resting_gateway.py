"""Refunds go through the gateway's circuit breaker, and credit that never left never comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.models import Attempt, GatewayCircuit, Hold, Refund, SandboxTransfer
from ledger.payments.attempting import Order, begin_attempt
from ledger.payments.circuit import OPENS_AFTER, through_circuit
from ledger.payments.gateways import gateway
from ledger.payments.on_file import add_test_card
from ledger.payments.resolving import resolve_attempt
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import GatewayUnreachable, pay_due_refunds, pay_refund
from ledger.refunds.routes import Way
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


def ask(noe, *, route: str = "original") -> Refund:
    payment = pay(open_ana(), 3000)
    return request_refund(
        payment.pk, amount=eur(1000), reason="x", proof=prove(payment.customer), is_goodwill=True, way=Way(route),
        by=noe, at=NOW,
    )  # fmt: skip


def break_down() -> None:
    def nobody_answers() -> None:
        raise OSError

    for _ in range(OPENS_AFTER):
        with pytest.raises(OSError):
            through_circuit(gateway(), nobody_answers, at=NOW)


def test_while_the_gateway_rests_no_refund_is_sent_and_afterwards_it_leaves_once(noe):
    refund = ask(noe)
    break_down()

    with pytest.raises(GatewayUnreachable):
        pay_refund(refund.pk, at=NOW)
    assert (Refund.objects.get().state, Refund.objects.get().attempts) == ("approved", 0)
    assert not SandboxTransfer.objects.filter(kind="refund").exists()
    pay_due_refunds(at=NOW + timedelta(minutes=2))

    assert Refund.objects.get().state == "paid"
    assert GatewayCircuit.objects.get().state == "closed"  # one refund has tried it out


def test_a_refund_without_an_answer_counts_as_an_error_of_the_gateway(noe, monkeypatch):
    refund = ask(noe)
    monkeypatch.setattr("ledger.payments.gateways_sandbox.SandboxGateway.refund", _lost)  # the provider, not us

    with pytest.raises(GatewayUnreachable):
        pay_refund(refund.pk, at=NOW)

    assert GatewayCircuit.objects.get().errors == 1
    assert Refund.objects.get().state == "submitted"


def _lost(*_: object, **__: object) -> None:
    raise OSError("no answer")


def test_not_even_direct_sql_makes_credit_come_back(noe):
    ask(noe, route="credit")
    assert Refund.objects.get().state == "settled"

    refused = pytest.raises(IntegrityError, match="never left")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_refund SET state = 'failed', failure_code = 'x'")


@pytest.mark.parametrize(("despite", "state"), [("payment_plan:7", "succeeded"), ("", "failed")])
def test_a_charge_the_gateway_never_heard_of_is_repeated_despite_the_hold_that_arranged_it(despite, state):
    ana = open_ana()
    invoice, card = bill(ana, 3000), add_test_card(ana.pk, card="ok", by=SYSTEM, at=NOW)
    attempt = begin_attempt(Order(invoice.pk, card.pk, None, "schedule", despite), by=SYSTEM, at=NOW)
    Hold.objects.create(
        customer=ana, kind=Hold.Kind.values[0], stops=["collection"], why="A plan", source="payment_plan:7",
        placed_by=str(SYSTEM), placed_at=NOW,
    )  # fmt: skip

    resolve_attempt(attempt.pk, at=NOW + timedelta(minutes=10))

    assert Attempt.objects.get().state == state
