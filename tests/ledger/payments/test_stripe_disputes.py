"""What is said to Stripe about disputes, and how a checkout asks for a card to be kept, to a stand-in of our own.

The other stand-in (localstripe) knows neither disputes nor checkouts; this one only keeps what it was sent.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from ledger.money import Money
from ledger.payments.gateways import Evidence, gateway

FIELDS = {"customer_name": "Ana Berg", "uncategorized_text": "x" * 30_000, "service_date": ""}
EVIDENCE = Evidence(FIELDS, b"%PDF", "ab")


class Standin(HTTPServer):
    """A dispute that is answered once, a file store, checkouts, an intent paid by direct debit."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: list[tuple[str, dict[str, list[str]], str]] = []
        self.dispute = {"id": "dp_1", "object": "dispute", "metadata": {}, "evidence_details": {"submission_count": 0}}


class Handler(BaseHTTPRequestHandler):
    server: Standin

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        is_form = "urlencoded" in self.headers["Content-Type"]
        said = urllib.parse.parse_qs(raw.decode()) if is_form else {"file": [str(b"%PDF" in raw)]}
        self.server.sent.append((self.path, said, self.headers.get("Idempotency-Key", "")))
        if self.path.startswith("/v1/disputes/dp_1"):
            self.server.dispute["metadata"] = {"key": said["metadata[key]"][0]}
            self.server.dispute["evidence_details"] = {"submission_count": 1}
            return self.say(self.server.dispute)
        if self.path.startswith("/v1/disputes/"):
            return self.say({"error": {"type": "invalid_request_error", "code": "resource_missing"}}, 404)
        if self.path.startswith("/v1/files"):
            return self.say({"id": "file_1", "object": "file"})
        return self.say({"id": "cs_1", "object": "checkout.session", "url": "https://pay.example/cs_1"})

    def do_GET(self) -> None:
        debit = {"mandate": "mandate_1", "last4": "3000"}
        self.say(
            {
                "/v1/disputes/dp_1": self.server.dispute,
                "/v1/payment_intents/pi_1": {
                    "id": "pi_1", "object": "payment_intent", "payment_method": "pm_1", "customer": "cus_1",
                    "latest_charge": "ch_1",
                },
                "/v1/payment_methods/pm_1": {
                    "id": "pm_1", "object": "payment_method", "type": "sepa_debit", "sepa_debit": debit,
                },
                "/v1/charges/ch_1": {
                    "id": "ch_1", "object": "charge", "payment_method_details": {"sepa_debit": debit},
                },
                "/v1/mandates/mandate_1": {
                    "id": "mandate_1", "object": "mandate",
                    "payment_method_details": {"sepa_debit": {"reference": "NXDSYREGC9PSMKWY"}},
                },
            }[self.path]
        )  # fmt: skip

    def say(self, thing: dict[str, object], status: int = 200) -> None:
        body = json.dumps(thing).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def standin(settings) -> Iterator[Standin]:
    server = Standin()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.GATEWAY, settings.STRIPE_SECRET_KEY = "stripe", "sk_test_x"
    settings.STRIPE_API_BASE = settings.STRIPE_FILES_BASE = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def answer(chargeback: str):
    return gateway().answer_chargeback(
        key="chargeback:1/chargeback", chargeback=chargeback, amount=Money(3000, "EUR"), evidence=EVIDENCE,
        at=timezone.now(),
    )  # fmt: skip


def test_the_evidence_is_submitted_for_good_with_the_bill_and_the_key_by_which_it_is_found_again(standin):
    at, known = timezone.now(), {"key": "chargeback:1/chargeback", "chargeback": "dp_1"}
    assert gateway().find_answer(**known, at=at) is None

    assert answer("dp_1").reference == "dp_1"

    (_, file, _), (path, said, key) = standin.sent
    assert file == {"file": ["True"]}
    assert (path, key, said["submit"]) == ("/v1/disputes/dp_1", "chargeback:1/chargeback", ["true"])
    assert said["evidence[receipt]"] == ["file_1"]
    assert len(said["evidence[uncategorized_text]"][0]) == 20_000
    assert "evidence[service_date]" not in said
    assert gateway().find_answer(**known, at=at).succeeded
    assert gateway().find_answer(key="other", chargeback="dp_1", at=at).failure_code == "answered_elsewhere"


def test_a_dispute_stripe_does_not_know_is_refused_and_not_unknown():
    assert answer("dp_2").failure_code == "resource_missing"


@pytest.mark.parametrize("keep", [True, False])
def test_a_checkout_asks_for_the_card_to_be_kept_only_when_the_customer_agreed(standin, keep):
    gateway().open_checkout(
        key="attempt-1", amount=Money(1190, "EUR"), words="Bill 1", back_to="https://desk.example/", keep=keep,
        at=timezone.now(),
    )  # fmt: skip

    ((_, said, _),) = standin.sent
    assert said.get("payment_intent_data[setup_future_usage]") == (["off_session"] if keep else None)
    assert said.get("customer_creation") == (["always"] if keep else None)


def test_an_account_paid_with_by_direct_debit_is_known_with_its_mandate():
    kept = gateway().paid_with(payment_reference="pi_1", at=timezone.now())

    assert (kept.kind, kept.last4, kept.token) == ("direct_debit", "3000", "sepa_debit:cus_1/pm_1")
    assert (kept.mandate, kept.mandate_reference) == ("mandate_1", "NXDSYREGC9PSMKWY")
