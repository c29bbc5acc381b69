"""Outgoing webhooks: queued once, signed, tried again under the same id, never into our own network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from billing_desk.api.webhooks import deliver_due_webhooks, queue_webhooks
from billing_desk.endpoints import open_endpoint
from billing_desk.models import WebhookDelivery, WebhookEndpoint
from billing_desk.outgoing import UnsafeAddress, check_address, is_public
from ledger.events.actor import Actor
from ledger.events.operations import record_event

BY = Actor.system("setup")


class Receiver:
    """A real HTTP server that keeps what it was sent and answers what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.in_transaction: list[bool] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?from=desk"


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A receiver on this machine, which a demo may post to."""
    settings.DEMO = True
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def endpoint(db, receiver) -> WebhookEndpoint:
    """An endpoint that wants to hear of charges."""
    made, _ = open_endpoint(name="shop", url=receiver.url, kinds_wanted=["charge.added"], by=BY, at=timezone.now())
    return made


def happened(kind: str = "charge.added", **data: object):
    return record_event(
        kind, subject="charge:7", customer_id=3, by=Actor.agent(1, name="Mia"), at=timezone.now(), **data
    )


def test_an_event_is_posted_signed_and_without_names_or_secrets(endpoint, receiver):
    event = happened(amount_minor=1250, currency="EUR", token="t-0-p", contact="ana@example.org")
    queue_webhooks(event, timezone.now())

    run = deliver_due_webhooks(at=timezone.now())

    assert run.delivered == 1
    headers, body = receiver.got[0]
    shown = Webhook(endpoint.secret).verify(body, headers)
    assert shown["type"] == "charge.added"
    assert shown["data"]["data"] == {"amount_minor": 1250, "currency": "EUR"}
    assert headers["webhook-id"] == f"evt_{event.pk}"
    assert b"Mia" not in body


def test_queueing_twice_posts_once(endpoint, receiver):
    event = happened()
    queue_webhooks(event, timezone.now())
    queue_webhooks(event, timezone.now())

    deliver_due_webhooks(at=timezone.now())
    deliver_due_webhooks(at=timezone.now() + timedelta(hours=1))

    assert len(receiver.got) == 1


def test_only_what_an_endpoint_wants_is_queued_and_nothing_for_one_that_is_off(endpoint):
    queue_webhooks(happened("charge.reversed"), timezone.now())
    assert not WebhookDelivery.objects.exists()

    WebhookEndpoint.objects.update(is_active=False)
    queue_webhooks(happened(), timezone.now())
    assert not WebhookDelivery.objects.exists()


def test_a_refused_delivery_is_tried_again_later_under_the_same_id(endpoint, receiver):
    at = timezone.now()
    receiver.status = 503
    queue_webhooks(happened(), at)

    assert deliver_due_webhooks(at=at).to_retry == 1
    assert deliver_due_webhooks(at=at + timedelta(seconds=29)).to_retry == 0
    receiver.status = 204
    assert deliver_due_webhooks(at=at + timedelta(seconds=31)).delivered == 1

    first, second = (headers for headers, _ in receiver.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert WebhookDelivery.objects.get().last_answer.startswith("204")


def test_after_a_day_of_refusals_it_is_given_up_and_says_why(endpoint, receiver):
    at = timezone.now()
    receiver.status = 500
    queue_webhooks(happened(), at)

    deliver_due_webhooks(at=at)
    run = deliver_due_webhooks(at=at + timedelta(hours=25))

    assert run.given_up == 1
    delivery = WebhookDelivery.objects.get()
    assert delivery.given_up_at is not None
    assert delivery.last_answer.startswith("500")
    assert deliver_due_webhooks(at=at + timedelta(days=3)).to_retry == 0


def test_a_redirect_is_not_followed(endpoint, receiver):
    receiver.status = 302
    queue_webhooks(happened(), timezone.now())

    assert deliver_due_webhooks(at=timezone.now()).to_retry == 1
    assert len(receiver.got) == 1


def test_a_receiver_that_is_not_there_is_tried_again(endpoint, receiver):
    receiver.server.shutdown()
    receiver.server.server_close()
    queue_webhooks(happened(), timezone.now())

    assert deliver_due_webhooks(at=timezone.now()).to_retry == 1
    assert "Refused" in WebhookDelivery.objects.get().last_answer


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_receiver_thinks(endpoint, receiver):
    queue_webhooks(happened(), timezone.now())
    assert not connection.in_atomic_block

    assert deliver_due_webhooks(at=timezone.now()).delivered == 1
    assert deliver_due_webhooks(at=timezone.now()).delivered == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:6379/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://2130706433/", "ftp://8.8.8.8/",
        "file:///etc/passwd", "http://user:word@8.8.8.8/", "http:///nowhere", "http://8.8.8.8:99999/", "nonsense",
    ],
)  # fmt: skip
def test_an_address_that_is_not_for_webhooks_is_refused(settings, url):
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(UnsafeAddress):
        check_address(url)


def test_a_public_address_is_taken_and_the_checked_one_connected_to(settings):
    settings.DEMO = settings.DEBUG = False

    parts, address = check_address("https://8.8.8.8/hook")

    assert (parts.hostname, address) == ("8.8.8.8", "8.8.8.8")
    assert is_public("2001:4860:4860::8888")
    assert not is_public("fd00::1")
    assert not is_public("100.64.0.1")


def test_what_was_queued_to_our_own_network_before_is_not_posted_on_a_server(endpoint, receiver, settings):
    queue_webhooks(happened(), timezone.now())
    settings.DEMO = settings.DEBUG = False

    deliver_due_webhooks(at=timezone.now())

    assert receiver.got == []
    assert "own network" in WebhookDelivery.objects.get().last_answer
