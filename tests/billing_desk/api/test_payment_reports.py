"""Gateway reports about payments we collected: duplicates and any order end in the same state, booked once."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time

import pytest
from django.test import Client
from django.utils import timezone

from ledger.models import Attempt, GatewayReport, Invoice, JournalEntry, Payment, Refund
from ledger.payments.attempting import Order, begin_attempt
from ledger.payments.operations import add_payment_method
from tests.billing_desk.api.test_hooks import SECRET, money, post_signed
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, open_ana, pay

STRIPE_SECRET = "whsec_for_tests"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secrets(settings) -> None:
    settings.INBOUND_HOOK_SECRET = SECRET
    settings.STRIPE_WEBHOOK_SECRET = STRIPE_SECRET


@pytest.fixture
def attempt() -> Attempt:
    ana = open_ana()
    method = add_payment_method(ana.pk, kind="card", token="tok", last4="4242", by=SYSTEM, at=NOW)
    return begin_attempt(Order(bill(ana, 3000).pk, method.pk, None, "schedule"), by=SYSTEM, at=NOW)


def stripe_event(attempt: Attempt, kind: str, status: str, number: int = 1, **more) -> bytes:
    intent = {"id": "pi_1", "object": "payment_intent", "status": status, "metadata": {"key": attempt.key}, **more}
    return json.dumps(
        {"id": f"evt_{number}", "object": "event", "type": f"payment_intent.{kind}", "data": {"object": intent}}
    ).encode()


def post_stripe(body: bytes, *, secret: str = STRIPE_SECRET, age_s: int = 0):
    stamp = int(time.time()) - age_s
    signature = hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(
        "/hooks/payments", body, content_type="application/json",
        headers={"Stripe-Signature": f"t={stamp},v1={signature}"},
    )  # fmt: skip


def story(attempt: Attempt) -> list[bytes]:
    return [
        stripe_event(attempt, "processing", "processing", 1),
        stripe_event(attempt, "payment_failed", "requires_payment_method", 2,
                     last_payment_error={"code": "card_declined", "decline_code": "insufficient_funds"}),
        stripe_event(attempt, "succeeded", "succeeded", 3, amount_received=3000, currency="eur"),
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_and_twice_the_reports_come_the_money_is_booked_once(attempt, order):
    for _ in range(2):
        for number in order:
            assert post_stripe(story(attempt)[number]).status_code == 202

    assert Attempt.objects.get().state == "succeeded"
    assert Invoice.objects.get().state == "paid"
    assert Payment.objects.filter(state="succeeded").count() == 1
    assert JournalEntry.objects.filter(kind="payment_received").count() == 1
    assert GatewayReport.objects.count() == 3


@pytest.mark.parametrize("how", [{"secret": "whsec_other"}, {"age_s": 400}, {"age_s": 0, "secret": ""}])
def test_an_event_that_stripe_did_not_sign_for_us_or_that_is_old_is_refused(attempt, how):
    answer = post_stripe(story(attempt)[2], **how)

    assert answer.status_code == 401
    assert Attempt.objects.get().state == "started"
    assert not GatewayReport.objects.exists()


def test_without_a_secret_nothing_of_stripe_is_taken(attempt, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    assert post_stripe(story(attempt)[2], secret="").status_code == 401


def test_what_is_not_about_a_payment_of_ours_is_taken_and_changes_nothing(attempt):
    body = stripe_event(attempt, "created", "requires_confirmation", 9)

    assert post_stripe(body).json() == {"subject": ""}
    assert Attempt.objects.get().state == "started"


def test_a_gateway_that_takes_only_a_part_leaves_the_rest_owed(attempt):
    post_stripe(stripe_event(attempt, "succeeded", "succeeded", amount_received=1000, currency="eur"))

    assert Invoice.objects.get().due_amount.minor == 2000


def test_a_report_with_our_key_ends_the_attempt_and_another_customers_does_not(attempt):
    data = {"id": "tx_1", "key": attempt.key, "amount": money(3000)}
    stranger = open_ana(email="bo@example.com")

    def report(customer_id: int):
        body = {"type": "payment.succeeded", "data": {**data, "customer": customer_id}}
        return post_signed("payments", json.dumps(body).encode())

    assert report(stranger.pk).json()["subject"].startswith("payment:")
    assert Attempt.objects.get().state == "started"
    data["id"] = "tx_2"
    assert report(attempt.customer_id).json() == {"subject": f"attempt:{attempt.pk}"}
    assert report(attempt.customer_id).json() == {"subject": f"attempt:{attempt.pk}"}
    assert Attempt.objects.get().payment.gateway_reference == "tx_2"


def test_money_reported_for_a_bill_that_is_paid_already_goes_back(attempt, run_reactions):
    pay(attempt.customer, 3000)
    body = {
        "type": "payment.succeeded",
        "data": {
            "id": "tx_9",
            "customer": attempt.customer_id,
            "amount": money(3000),
            "invoice_id": attempt.invoice_id,
        },
    }

    post_signed("payments", json.dumps(body).encode())
    run_reactions(timezone.now())

    refund = Refund.objects.get()
    assert (refund.payment.gateway_reference, refund.amount_minor) == ("tx_9", 3000)
