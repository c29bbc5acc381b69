"""Inbound hooks: signed or refused, stored before they answer, repeats and any order tolerated."""

from __future__ import annotations

import json
import time

import pytest
from django.test import Client

from billing_desk.api.hooks.signature import sign
from ledger.models import Chargeback, ContactPoint, Event, Payment
from tickets.models import BusinessHours, Message, PhoneLine, Ticket

SECRET = "a-secret-of-more-than-24-characters"
MAIL = (
    b"From: Ana Sommer <ana@example.org>\r\nTo: billing@nordlicht.example\r\nSubject: Charged twice\r\n"
    b"Message-ID: <one@example.org>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0100\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nI was charged twice. Gr\xfc\xdfe, Ana\r\n"
)


@pytest.fixture(autouse=True)
def _secret(settings) -> None:
    settings.INBOUND_HOOK_SECRET = SECRET


def post_signed(path: str, body: bytes, *, message_id: str = "msg_1", age_s: int = 0, secret: str = SECRET):
    stamp = str(int(time.time()) - age_s)
    signature = sign(secret, message_id, stamp, body)
    headers = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v2,xx {signature}"}
    # As a mail provider posts: no session, no CSRF token.
    return Client(enforce_csrf_checks=True).post(f"/hooks/{path}", body, content_type="text/plain", headers=headers)


def report(kind: str, **data: object):
    return post_signed("payments", json.dumps({"type": kind, "data": data}).encode())


def money(minor: int) -> dict[str, object]:
    return {"amount_minor": minor, "currency": "EUR"}


def test_a_signed_mail_becomes_a_case_of_its_sender(ana):
    answer = post_signed("email", MAIL)

    assert answer.status_code == 202
    ticket = Ticket.objects.get(pk=answer.json()["ticket"])
    assert ticket.customer_id == ana.pk
    assert "Grüße" in ticket.messages.get(kind="in").text


def test_the_same_mail_twice_is_one_message(ana):
    post_signed("email", MAIL)
    again = post_signed("email", MAIL, message_id="msg_2")

    assert again.status_code == 202
    assert Message.objects.filter(kind="in").count() == 1


@pytest.mark.parametrize("path", ["email", "sms", "calls", "payments"])
@pytest.mark.parametrize(
    "how", [{"secret": "another secret of many letters"}, {"age_s": 400}, {"age_s": -400}, {"secret": "whsec_!!!"}]
)
def test_a_hook_that_is_signed_wrongly_or_too_old_is_refused(db, path, how):
    answer = post_signed(path, MAIL, **how)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert not Message.objects.exists()


def test_a_changed_body_does_not_carry_the_signature_along(db):
    stamp = str(int(time.time()))
    headers = {
        "webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": sign(SECRET, "m", stamp, b"something else"),
    }  # fmt: skip

    assert Client().post("/hooks/email", MAIL, content_type="text/plain", headers=headers).status_code == 401


def test_the_secret_as_a_bearer_token_is_enough_and_another_is_not(ana, client):
    for token, status in ((SECRET, 202), ("wrong", 401), ("", 401), ("ü", 401)):
        answer = client.post(
            "/hooks/email", MAIL, content_type="message/rfc822", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status


def test_without_a_secret_the_hooks_are_closed(db, settings, client):
    settings.INBOUND_HOOK_SECRET = ""

    answer = client.post("/hooks/email", MAIL, content_type="message/rfc822", headers={"Authorization": "Bearer "})

    assert answer.status_code == 401


def test_an_empty_mail_is_refused_in_words(db):
    assert post_signed("email", b"  ").json()["detail"] == "The body is empty: send the raw e-mail."


def test_a_hook_answers_posts_only(client, db):
    assert client.get("/hooks/email").status_code == 405


def test_a_reported_call_names_candidates(ana):
    ContactPoint.objects.create(customer=ana, kind="phone", value="+4930123456", added_at=ana.opened_at)
    PhoneLine.objects.create(number="+4930901820", name="Billing", hours=BusinessHours.objects.first())

    answer = post_signed(
        "calls", json.dumps({"external_id": "c-1", "caller": "+4930123456", "line": "+4930901820"}).encode()
    )

    assert answer.status_code == 202
    assert answer.json()["candidates"] == [ana.pk]


def test_a_reported_payment_is_booked_once(ana):
    first = report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190), card_last4="4242")
    again = report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190), card_last4="4242")

    assert (first.status_code, again.json()) == (202, first.json())
    assert Payment.objects.get().amount_minor == 1190
    assert Event.objects.filter(kind="payment.received").count() == 1


def test_a_failure_overtaken_by_the_money_changes_nothing(ana):
    report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190))
    late = report("payment.failed", id="pi_1", customer=ana.pk, amount=money(1190), code="do_not_honor")

    assert late.status_code == 202
    assert Payment.objects.get().state == "succeeded"


def test_money_reported_under_the_id_of_a_failure_is_not_swallowed(ana):
    report("payment.failed", id="pi_1", customer=ana.pk, amount=money(1190), code="do_not_honor")
    answer = report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190))

    assert answer.status_code == 409
    assert "reported as failed before" in answer.json()["detail"]


def test_a_chargeback_before_its_payment_is_asked_for_again_and_then_booked_once(ana):
    chargeback = {"id": "cb_1", "payment": "pi_1", "amount": money(1190), "reason": "fraudulent"}

    early = report("chargeback.received", **chargeback)
    assert (early.status_code, early.headers["retry-after"]) == (503, "60")

    report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190))
    assert report("chargeback.received", **chargeback).status_code == 202
    assert report("chargeback.received", **chargeback).status_code == 202
    assert report("chargeback.won", id="cb_1").status_code == 202
    assert report("chargeback.won", id="cb_1").status_code == 202
    assert Chargeback.objects.get().state == "won"


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("payment.exploded", {}, "type"),
        ("payment.succeeded", {"id": "pi_1", "customer": 1, "amount": {"amount_minor": 1.5, "currency": "EUR"}},
         "data.amount.amount_minor"),
        ("payment.succeeded", {"id": "pi_1", "amount": {"amount_minor": 1, "currency": "EUR"}}, "data.customer"),
        ("chargeback.won", {"id": "cb_1", "more": 1}, "data.more"),
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_is_refused_by_its_field(db, kind, data, field):
    answer = report(kind, **data)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_report_that_is_not_json_is_refused(db):
    assert post_signed("payments", b"{").json()["detail"] == "The body is not JSON."
