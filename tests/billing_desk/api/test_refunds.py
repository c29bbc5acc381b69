"""Refunds and disputes over the API: only on the customer's proof, never decided by who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger.charges.operations import add_charge
from ledger.events.actor import Actor
from ledger.invoices.operations import issue_invoice
from ledger.models import Dispute, Event, Payment, Refund
from ledger.money import Money
from ledger.payments.operations import record_payment
from tests.billing_desk.proofs import prove, write_in
from tickets.models import CaseLink

SETUP = Actor.system("setup")


@pytest.fixture
def payment(ana) -> Payment:
    """60.00 EUR from Ana that owe her nothing: all of it is credit."""
    return record_payment(ana.pk, amount=Money(6000, "EUR"), by=SETUP, at=timezone.now())


@pytest.fixture
def line(ana):
    """A line of 11.90 EUR on a bill of Ana's."""
    add_charge(ana.pk, amount=Money(1000, "EUR"), description="Internet", tax_rate=19, by=SETUP, at=timezone.now())
    return issue_invoice(ana.pk, by=SETUP, at=timezone.now()).lines.get()


def refund_of(payment, ticket, minor=2000, **more):
    amount = {"amount_minor": minor, "currency": "EUR"}
    wanted = {"payment_id": payment.pk, "amount": amount, "reason": "Paid twice"}
    return {**wanted, "conversation": f"ticket:{ticket.pk}", **more}


def test_a_verified_customers_refund_is_requested_and_waits_for_a_person(api, ana, payment):
    ticket = prove(ana)

    answer = api.post("refunds", refund_of(payment, ticket, external_id="shop-9"))

    assert answer.status_code == 201
    refund = answer.json()
    assert (refund["state"], refund["amount"]) == ("requested", {"amount_minor": 2000, "currency": "EUR"})
    assert refund["conversation"] == f"ticket:{ticket.pk}"
    assert CaseLink.objects.filter(ticket=ticket, subject=f"refund:{refund['id']}").exists()


def test_without_a_proof_a_refund_is_refused_and_the_attempt_is_kept_once(api, ana, payment):
    answer = api.post("refunds", refund_of(payment, write_in(ana)))

    assert answer.status_code == 403
    assert answer.json()["code"] == "proof_missing"
    assert not Refund.objects.exists()
    assert Event.objects.filter(kind="access.refused").count() == 1


def test_an_expired_proof_is_worth_nothing(api, ana, payment):
    ticket = prove(ana, at=timezone.now() - timedelta(minutes=31))

    answer = api.post("refunds", refund_of(payment, ticket))

    assert answer.status_code == 403
    assert answer.json()["code"] == "proof_missing"
    assert Event.objects.filter(kind="access.refused", actor__startswith="integration:").count() == 1
    assert not Refund.objects.exists()


def test_one_customers_proof_moves_no_money_of_another(api, ana, ben, payment):
    bens_case = prove(ben)

    answer = api.post("refunds", refund_of(payment, bens_case))

    assert answer.status_code == 403
    assert not Refund.objects.exists()


def test_an_integration_cannot_approve_what_it_asked_for(api, ana, payment):
    refund = api.post("refunds", refund_of(payment, prove(ana))).json()["id"]

    answer = api.post(f"refunds/{refund}/approve", {})

    assert answer.status_code == 403
    assert answer.json()["code"] == "approver_is_requester"
    assert api.get(f"refunds/{refund}").json()["state"] == "requested"


def test_another_integration_cannot_approve_it_either(api, make_api, ana, payment):
    refund = api.post("refunds", refund_of(payment, prove(ana))).json()["id"]

    answer = make_api().post(f"refunds/{refund}/approve", {})

    assert answer.status_code == 403
    assert answer.json()["code"] == "approval_limit_exceeded"
    assert Refund.objects.get().state == "requested"


def test_a_requested_refund_can_be_called_off(api, ana, payment):
    refund = api.post("refunds", refund_of(payment, prove(ana))).json()["id"]

    assert api.post(f"refunds/{refund}/cancel", {}).json()["state"] == "cancelled"
    assert api.post(f"refunds/{refund}/cancel", {}).status_code == 409


@pytest.mark.parametrize("conversation", ["ticket:", "9", "refund:9", "ticket:x", "ticket:99999999999999999999"])
def test_a_conversation_that_names_no_case_is_refused(api, ana, payment, conversation):
    wanted = {**refund_of(payment, prove(ana)), "conversation": conversation}

    assert api.post("refunds", wanted).status_code == 422


def test_a_case_that_does_not_exist_is_not_found(api, payment):
    wanted = {"payment_id": payment.pk, "amount": {"amount_minor": 1, "currency": "EUR"}, "reason": "x"}

    assert api.post("refunds", {**wanted, "conversation": "ticket:987654321"}).status_code == 404


def test_a_key_of_another_customer_finds_neither_payment_nor_refund(api, make_api, ana, ben, payment):
    ticket = prove(ana)
    refund = api.post("refunds", refund_of(payment, ticket)).json()["id"]
    bens_key = make_api(customer_id=ben.pk)

    assert bens_key.post("refunds", refund_of(payment, ticket)).status_code == 404
    assert bens_key.get(f"refunds/{refund}").status_code == 404
    assert bens_key.post(f"refunds/{refund}/cancel", {}).status_code == 404
    refused = Event.objects.filter(kind="access.refused").values_list("subject", flat=True)
    assert sorted(refused) == [f"payment:{payment.pk}", f"refund:{refund}", f"refund:{refund}"]


def test_a_verified_customers_dispute_is_opened_with_their_words(api, ana, line):
    ticket = prove(ana)
    wanted = {
        "line_id": line.pk,
        "amount": {"amount_minor": 1190, "currency": "EUR"},
        "reason": "duplicate",
        "conversation": f"ticket:{ticket.pk}",
    }

    answer = api.post("disputes", wanted)

    assert answer.status_code == 201
    assert answer.json()["invoice_id"] == line.invoice_id
    assert "I was charged twice." in Dispute.objects.get().evidence.content
    assert api.get("disputes", state="opened").json()["data"] == [answer.json()]


def test_a_dispute_without_a_proof_is_refused(api, ana, line):
    wanted = {
        "line_id": line.pk,
        "amount": {"amount_minor": 1190, "currency": "EUR"},
        "reason": "duplicate",
        "conversation": f"ticket:{write_in(ana).pk}",
    }

    assert api.post("disputes", wanted).status_code == 403
    assert not Dispute.objects.exists()
