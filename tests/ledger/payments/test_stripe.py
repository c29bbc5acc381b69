"""The wire to Stripe through its own library, against a local stand-in that runs as a process of its own.

The stand-in (localstripe) ignores idempotency keys and knows fewer declines than Stripe; the rules are proved on the
sandbox, here only that we speak Stripe's language: amounts, keys in the metadata, declines, refunds, signatures.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from ledger.errors import InvalidInput
from ledger.models import Attempt, Invoice
from ledger.money import Money
from ledger.payments.collecting import collect_invoice
from ledger.payments.gateways import gateway
from ledger.payments.operations import add_payment_method
from ledger.payments.stripe_reports import read_stripe_report
from tests.killable import ROOT
from tests.ledger.worlds import SYSTEM, bill, open_ana
from tests.runtime.ports import free_port

WORKS, DECLINED, ASKS = "4242424242424242", "4000000000000341", "4000002500003155"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tests.ledger.payments.local_stripe", "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("localhost", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(autouse=True)
def _stripe(settings, stand_in) -> None:
    settings.GATEWAY, settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "stripe", "sk_test_x", stand_in


def card(number: str) -> str:
    kept = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    return gateway().client.v1.payment_methods.create({"type": "card", "card": kept}).id


def charge(number: str, key: str, amount: Money):
    return gateway().charge(key=key, token=card(number), amount=amount, at=timezone.now())


def test_a_charge_is_found_by_its_key_and_refunded_in_part():
    since = timezone.now()

    paid = charge(WORKS, "attempt-1", Money(1190, "EUR"))
    assert paid.succeeded
    assert gateway().find(key="attempt-1", since=since, at=since).reference == paid.reference
    assert gateway().find(key="attempt-2", since=since, at=since) is None

    back = gateway().refund(key="refund:1", payment_reference=paid.reference, amount=Money(190, "EUR"), at=since)
    assert back.succeeded
    assert gateway().find(key="refund:1", since=since, at=since).reference == back.reference


def test_amounts_travel_as_stripe_writes_them():
    paid = charge(WORKS, "attempt-isk", Money(5, "ISK"))

    assert gateway().client.v1.payment_intents.retrieve(paid.reference).amount == 500


def test_a_decline_and_a_wish_for_confirmation_are_answers():
    assert charge(DECLINED, "attempt-3", Money(100, "EUR")).failure_code == "card_declined"
    assert charge(ASKS, "attempt-4", Money(100, "EUR")).failure_code == "authentication_required"


def test_the_card_of_a_payment_is_kept_by_its_owner_and_its_last_four_digits():
    client, at = gateway().client, timezone.now()
    owner = client.v1.customers.create({"email": "ana@example.com"})
    method = card(WORKS)
    client.v1.payment_methods.attach(method, {"customer": owner.id})
    wanted = {"amount": 1190, "currency": "eur", "payment_method": method, "customer": owner.id, "confirm": True}
    paid = client.v1.payment_intents.create(wanted)

    kept = gateway().paid_with(payment_reference=paid.id, at=at)

    assert (kept.kind, kept.brand, kept.last4, kept.expires_on) == ("card", "Visa", "4242", date(2030, 12, 31))
    assert gateway().charge(key="attempt-kept", token=kept.token, amount=Money(500, "EUR"), at=at).succeeded
    once = charge(WORKS, "attempt-once", Money(100, "EUR"))
    assert gateway().paid_with(payment_reference=once.reference, at=at) is None


def test_a_refund_of_nothing_we_know_is_refused_and_not_unknown():
    answer = gateway().refund(key="refund:9", payment_reference="pi_x", amount=Money(1, "EUR"), at=timezone.now())

    assert not answer.succeeded
    assert answer.failure_code


def test_a_server_that_is_not_there_is_no_answer(settings):
    settings.STRIPE_API_BASE = "http://localhost:1"

    with pytest.raises(OSError, match="no answer"):
        gateway().charge(key="attempt-5", token="pm_x", amount=Money(100, "EUR"), at=timezone.now())


@pytest.mark.django_db
def test_a_bill_is_collected_through_stripe_and_its_signed_webhook_tells_the_same(stand_in, settings):
    settings.STRIPE_WEBHOOK_SECRET = "whsec_of_the_stand_in"
    ana = open_ana()
    add_payment_method(ana.pk, kind="card", token=card(WORKS), last4="4242", by=SYSTEM, at=timezone.now())
    invoice = bill(ana, 1190)

    with Listener() as listener:
        _register(stand_in, listener.port, settings.STRIPE_WEBHOOK_SECRET)
        attempt = collect_invoice(invoice.pk, trigger="schedule", by=SYSTEM, at=timezone.now())
        listener.came.wait(10)

    assert (attempt.state, Invoice.objects.get().state) == ("succeeded", "paid")
    told = read_stripe_report(listener.body, listener.signature)
    assert (told.kind, told.key, told.reference) == (
        "payment_intent.succeeded", Attempt.objects.get().key, attempt.gateway_reference,
    )  # fmt: skip
    with pytest.raises(InvalidInput):
        read_stripe_report(listener.body + b" ", listener.signature)


def _register(stand_in: str, port: int, secret: str) -> None:
    data = urllib.parse.urlencode({"url": f"http://127.0.0.1:{port}/", "secret": secret}).encode()
    request = urllib.request.Request(f"{stand_in}/_config/webhooks/test", data, {"Authorization": "Bearer sk_test_x"})
    urllib.request.urlopen(request).close()


class Listener:
    """Takes one webhook as it was sent."""

    def __init__(self) -> None:
        self.came, self.body, self.signature = threading.Event(), b"", ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if json.loads(body)["type"] == "payment_intent.succeeded":
                    outer.body, outer.signature = body, self.headers["Stripe-Signature"]
                    outer.came.set()
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    def __enter__(self) -> Listener:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
