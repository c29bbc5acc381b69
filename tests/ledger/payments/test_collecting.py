"""collect_invoice: one attempt at a time, nothing charged twice whatever gets lost, and customers told the truth."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest
from django.db import IntegrityError

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.customers.operations import open_customer
from ledger.disputes.operations import open_dispute
from ledger.events.models import Event
from ledger.holds.operations import place_hold
from ledger.invoices.models import Invoice
from ledger.models import Attempt, Collection, GatewayCircuit, Payment, Refund, SandboxTransfer
from ledger.payments.attempting import Order, begin_attempt
from ledger.payments.collecting import (
    CollectionInProgress,
    CollectionStopped,
    GatewayResting,
    MethodExpired,
    NothingToCollect,
    NoUsableMethod,
    collect_invoice,
    resolve_unknown,
)
from ledger.payments.due import collect_due_invoices
from ledger.payments.events import apply_answer
from ledger.payments.gateway_answers import GatewayAnswer
from ledger.payments.gateways import gateway
from ledger.payments.operations import add_payment_method
from ledger.payments.resolving import ask_now
from tests.at_once import at_once
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def card(customer, what: str = "ok", **more):
    return add_payment_method(
        customer.pk, kind="card", brand="Visa", last4="4242", token=f"sandbox:{what}", by=SYSTEM, at=NOW, **more
    )


def collect(invoice, *, trigger: str = "schedule", at=NOW, **more) -> Attempt:
    return collect_invoice(invoice.pk, trigger=trigger, by=SYSTEM, at=at, **more)


def told(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


def state_of(invoice) -> str:
    return Invoice.objects.get(pk=invoice.pk).state


def test_what_is_due_is_charged_and_the_disputed_part_is_left_alone(ana, mia):
    invoice = bill(ana, 3000)
    open_dispute(invoice.lines.get().pk, amount=eur(1000), reason="duplicate", proof=prove(ana), by=mia, at=NOW)
    card(ana)

    attempt = collect(invoice)

    assert (attempt.state, attempt.amount, attempt.payment.card_last4) == ("succeeded", eur(2000), "4242")
    assert balance("receivable_disputed", "EUR", customer_id=ana.pk) == eur(1000)
    assert balance("cash", "EUR") == eur(2000)
    assert not Collection.objects.filter(closed_at=None).exists()
    with pytest.raises(NothingToCollect):
        collect(invoice)
    assert first_break() is None


def test_a_decline_is_told_with_its_cause_and_who_wanted_it_and_the_next_card_pays(ana):
    invoice = bill(ana, 3000)
    poor = card(ana, "insufficient_funds")

    declined = collect(invoice, trigger="customer", method_id=poor.pk)
    paid = collect(invoice, trigger="customer", method_id=card(ana).pk)

    assert [declined.state, declined.failure_code, paid.state] == ["failed", "insufficient_funds", "succeeded"]
    failure = Event.objects.get(kind="payment.failed").data
    assert (failure["trigger"], failure["invoice_id"]) == ("customer", invoice.pk)
    # An attempt of the customer's own does not use up the schedule: it is counted by its trigger.
    assert not Attempt.objects.filter(invoice=invoice, trigger="schedule").exists()
    assert state_of(invoice) == "paid"


def test_a_hold_stops_the_schedule_but_not_the_customer_nor_the_plan_that_placed_it(ana):
    first, second = bill(ana, 1000), bill(ana, 2000)
    card(ana)
    place_hold(
        ana.pk, kind="payment_plan", stops=["collection"], source="payment_plan:7", why="A plan is kept.",
        by=SYSTEM, at=NOW,
    )  # fmt: skip

    with pytest.raises(CollectionStopped, match="A plan is kept"):
        collect(first)
    assert collect(first, despite="payment_plan:7", amount=eur(400)).amount == eur(400)
    assert collect(second, trigger="customer").state == "succeeded"


def test_an_expired_card_is_never_tried(ana):
    invoice = bill(ana, 1000)
    old = card(ana, expires_on=date(2026, 3, 1))

    with pytest.raises(MethodExpired, match="has expired"):
        collect(invoice, method_id=old.pk)
    card(ana, expires_on=date(2026, 3, 2))
    assert collect(invoice).state == "succeeded"
    assert SandboxTransfer.objects.count() == 1


def test_an_account_that_cannot_pay_this_currency_is_not_tried():
    bo = open_customer(name="Bo", country="US", currency="USD", email="bo@example.com", by=SYSTEM, at=NOW)
    add_payment_method(bo.pk, kind="direct_debit", token="x", last4="3000", by=SYSTEM, at=NOW)
    invoice = bill(open_ana(), 1000)
    foreign = add_payment_method(invoice.customer_id, kind="transfer", token="x", by=SYSTEM, at=NOW)

    with pytest.raises(NoUsableMethod):
        collect(invoice, method_id=foreign.pk)
    with pytest.raises(NoUsableMethod):
        collect(invoice, method_id=bo.payment_methods.get().pk)


def test_money_taken_while_the_answer_was_lost_is_found_and_not_taken_again(ana):
    invoice = bill(ana, 3000)
    card(ana, "lost_answer")

    lost = collect(invoice)
    assert (lost.state, told("payment.failed"), told("payment.delayed")) == ("unknown", 0, 1)
    with pytest.raises(CollectionInProgress):
        collect(invoice, trigger="customer")
    resolve_unknown(at=NOW + timedelta(minutes=5))

    assert state_of(invoice) == "paid"
    assert SandboxTransfer.objects.get().asked == 1  # found, not asked for a second time
    assert balance("cash", "EUR") == eur(3000)


def test_a_request_that_never_arrived_is_repeated_with_the_same_key_and_charged_once(ana):
    invoice = bill(ana, 3000)
    card(ana, "timeout")
    attempt = collect(invoice)

    assert resolve_unknown(at=NOW + timedelta(minutes=4)) == 0
    resolve_unknown(at=NOW + timedelta(minutes=5))

    assert state_of(invoice) == "paid"
    assert SandboxTransfer.objects.get().key == attempt.key
    assert Payment.objects.get().amount == eur(3000)


def test_a_worker_that_died_between_call_and_answer_is_resolved_by_whoever_comes_next(ana):
    invoice = bill(ana, 3000)
    method = card(ana)
    attempt = begin_attempt(Order(invoice.pk, method.pk, None, "schedule"), by=SYSTEM, at=NOW)
    gateway().charge(key=attempt.key, token=method.token, amount=attempt.amount, at=NOW)  # and then it died

    with pytest.raises(CollectionInProgress):
        collect(invoice, at=NOW + timedelta(minutes=1))
    with pytest.raises(NothingToCollect):  # the lock was stale: the gateway is asked first, and it is paid
        collect(invoice, at=NOW + timedelta(minutes=3))
    assert Attempt.objects.get().state == "succeeded"
    assert SandboxTransfer.objects.get().asked == 1


def test_what_died_before_the_call_is_not_charged_when_the_bill_was_paid_otherwise(ana):
    invoice = bill(ana, 3000)
    attempt = begin_attempt(Order(invoice.pk, card(ana).pk, None, "schedule"), by=SYSTEM, at=NOW)
    pay(ana, 3000)

    resolve_unknown(at=NOW + timedelta(minutes=3))

    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.failure_code) == ("failed", "not_needed")
    assert (SandboxTransfer.objects.count(), told("payment.failed")) == (0, 0)


def test_money_for_an_attempt_we_gave_up_is_booked_once(ana):
    invoice = bill(ana, 3000)
    attempt = begin_attempt(Order(invoice.pk, card(ana).pk, None, "schedule"), by=SYSTEM, at=NOW)
    resolve_unknown(at=NOW + timedelta(days=2))  # the gateway never heard of it, and its key may be forgotten
    assert Attempt.objects.get().failure_code == "gave_up"

    for _ in range(2):
        apply_answer(attempt.pk, GatewayAnswer(True, "pi_late"), by=SYSTEM, at=NOW + timedelta(days=3))
        apply_answer(attempt.pk, GatewayAnswer(False, failure_code="expired"), by=SYSTEM, at=NOW + timedelta(days=3))

    assert (Attempt.objects.get().state, state_of(invoice)) == ("succeeded", "paid")
    assert balance("cash", "EUR") == eur(3000)


def test_a_delayed_payment_is_waited_for(ana):
    invoice = bill(ana, 3000)
    card(ana, "delayed")

    assert collect(invoice).state == "pending"
    resolve_unknown(at=NOW + timedelta(minutes=59))
    assert state_of(invoice) == "open"
    resolve_unknown(at=NOW + timedelta(hours=1))
    assert state_of(invoice) == "paid"


def test_a_storm_of_errors_opens_the_circuit_and_the_customer_is_told_once(ana):
    invoices = [bill(ana, 1000 + number) for number in range(8)]
    card(ana, "down")

    refused = 0
    for _ in range(3):
        for invoice in invoices:
            try:
                collect(invoice)
            except (GatewayResting, CollectionInProgress):
                refused += 1

    assert SandboxTransfer.objects.count() == 5  # five errors, and then nothing is tried
    assert (GatewayCircuit.objects.get().state, told("gateway.resting")) == ("open", 1)
    assert told("payment.delayed") == 8  # one notice for each bill, however often it was tried
    assert refused == 3 * 8 - 5
    assert told("payment.failed") == 0


def test_a_gateway_that_recovers_is_asked_by_one_call_first(ana):
    invoice = bill(ana, 1000)
    GatewayCircuit.objects.create(gateway="sandbox", state="open", errors=5, try_again_at=NOW, tripped_at=NOW)
    card(ana)

    assert collect(invoice, at=NOW + timedelta(seconds=1)).state == "succeeded"
    circuit = GatewayCircuit.objects.get()
    assert (circuit.state, circuit.errors, told("gateway.answering")) == ("closed", 0, 1)


def test_of_two_methods_that_pay_one_bill_at_once_the_second_goes_back(ana, run_reactions):
    invoice = bill(ana, 3000)
    attempt = begin_attempt(Order(invoice.pk, card(ana).pk, None, "customer"), by=SYSTEM, at=NOW)
    pay(ana, 3000)  # meanwhile a transfer arrives

    apply_answer(attempt.pk, GatewayAnswer(True, "pi_second"), by=SYSTEM, at=NOW)
    run_reactions()

    refund = Refund.objects.get()
    assert (refund.payment.gateway_reference, refund.amount, refund.state) == ("pi_second", eur(3000), "approved")
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(0)
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(3000)
    run_reactions()
    assert Refund.objects.count() == 1
    assert first_break() is None


def test_what_is_due_is_charged_once_by_the_customers_calendar_and_a_decline_is_left_to_the_retries(ana, settings):
    settings.COLLECT_DUE = True
    invoice, later = bill(ana, 1000), bill(ana, 2000)
    Invoice.objects.filter(pk=invoice.pk).update(due_on=date(2026, 3, 2))
    card(ana, "insufficient_funds,ok")
    bo = open_ana(email="bo@example.com")
    bill(bo, 500)  # nothing on file

    assert collect_due_invoices(at=NOW - timedelta(days=1)) == 0
    assert [collect_due_invoices(at=NOW + timedelta(hours=hour)) for hour in range(3)] == [1, 0, 0]
    assert (state_of(invoice), SandboxTransfer.objects.count()) == ("open", 1)
    collect_due_invoices(at=NOW + timedelta(days=30))
    assert (state_of(invoice), state_of(later)) == ("open", "paid")


def test_a_person_can_ask_before_the_time_what_became_of_a_payment(ana, pia):
    bill(ana, 3000)
    card(ana, "lost_answer")
    attempt = collect(Invoice.objects.get())

    assert ask_now(attempt.pk, by=pia, at=NOW + timedelta(seconds=5)).state == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_of_six_who_collect_one_bill_at_once_one_does_and_the_database_keeps_the_lock(transactional_db, owner):
    ana = open_ana()
    invoice = bill(ana, 3000)
    card(ana)

    answers = at_once([lambda: collect(invoice, trigger="customer")] * 6)

    assert [type(answer) for answer in answers].count(Attempt) == 1
    assert (SandboxTransfer.objects.count(), balance("cash", "EUR")) == (1, eur(3000))
    card(ana)
    out = begin_attempt(Order(bill(ana, 500).pk, None, None, "agent"), by=SYSTEM, at=NOW)
    with pytest.raises(psycopg.errors.RestrictViolation, match="stays open until the answer is final"):
        owner.execute("UPDATE ledger_collection SET closed_at = now() WHERE attempt_id = %s", [out.pk])
    with pytest.raises(psycopg.errors.CheckViolation, match="may not go from succeeded to failed"):
        owner.execute(
            "UPDATE ledger_attempt SET state = 'failed', failure_code = 'x' WHERE invoice_id = %s", [invoice.pk]
        )
    other = Attempt.objects.create(
        key="second", customer=ana, invoice_id=out.invoice_id, gateway="sandbox", trigger="agent", amount_minor=1,
        currency="EUR", started_at=NOW,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="one_open_collection_per_invoice"):
        Collection.objects.create(
            invoice_id=out.invoice_id, attempt=other, owner="x", opened_at=NOW, expires_at=NOW + timedelta(minutes=2)
        )
