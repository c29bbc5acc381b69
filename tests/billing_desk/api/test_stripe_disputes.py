"""Stripe's events about disputes and refunds, through the signed hook: any order, twice, too early, never asked for."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ledger.books.queries import balance
from ledger.disputes.stages import STAGES
from ledger.events.actor import Actor
from ledger.models import Break, Chargeback, ChargebackStep, JournalEntry, ParkedReport, Payment, Refund
from ledger.payments.operations import record_payment
from ledger.reconciliation.operations import StillNotBooked, resolve_break
from ledger.reconciliation.parking import take_up_parked
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from tests.billing_desk.api.test_payment_reports import STRIPE_SECRET, post_stripe
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana, prove

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 3, 11, 12, tzinfo=UTC)
SENIOR = Actor.agent(2, roles=frozenset({"senior_agent"}))


@pytest.fixture(autouse=True)
def _secret(settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = STRIPE_SECRET


@pytest.fixture
def payment() -> Payment:
    return paid(open_ana())


def paid(ana) -> Payment:
    return record_payment(ana.pk, amount=eur(3000), gateway_reference="pi_1", by=SYSTEM, at=NOW)


def event(kind: str, thing: dict[str, object], number: int, **more: object) -> bytes:
    return json.dumps(
        {"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": thing, **more}}
    ).encode()


def dispute(status: str, **more: object) -> dict[str, object]:
    thing = {
        "id": "dp_1",
        "object": "dispute",
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "amount": 3000,
        "currency": "eur",
        "reason": "fraudulent",
        "status": status,
        "evidence_details": {"due_by": int(DUE.timestamp())},
    }
    return thing | more


def refund(status: str, **more: object) -> dict[str, object]:
    thing = {"id": "re_1", "object": "refund", "payment_intent": "pi_1", "amount": 1000, "currency": "eur"}
    return thing | {"status": status, "metadata": {}, **more}


STORY = [
    ("charge.dispute.created", "warning_needs_response"),
    ("charge.dispute.updated", "needs_response"),
    ("charge.dispute.funds_withdrawn", "needs_response"),
    ("charge.dispute.closed", "won"),
    ("charge.dispute.funds_reinstated", "won"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_in_whatever_order_and_twice_a_dispute_is_told_the_money_is_where_the_bank_put_it(payment, order):
    for number in [*order, *order]:
        kind, status = STORY[number]
        assert post_stripe(event(kind, dispute(status), number)).status_code == 202

    found = Chargeback.objects.get()
    assert (found.stage, found.state, found.is_taken) == ("chargeback", "won", False)
    assert balance("chargeback_losses", "EUR").minor == 0
    assert ChargebackStep.objects.count() <= len(STAGES)


def test_a_dispute_comes_with_the_networks_deadline_and_takes_the_money(payment):
    answer = post_stripe(event("charge.dispute.created", dispute("needs_response"), 1))

    found = Chargeback.objects.get()
    assert answer.json() == {"subject": f"chargeback:{found.pk}"}
    assert (found.amount, found.due_at, found.reason) == (eur(3000), DUE, "fraudulent")
    assert balance("chargeback_losses", "EUR").minor == 3000
    assert Payment.objects.get().contested_at is not None


def test_a_dispute_of_a_payment_we_have_not_heard_of_waits_and_is_taken_up_when_the_payment_comes():
    ana, now = open_ana(), timezone.now()
    first = post_stripe(event("charge.dispute.created", dispute("needs_response"), 1))
    post_stripe(event("charge.dispute.closed", dispute("lost"), 2))
    assert first.status_code == 202
    assert take_up_parked(at=now + timedelta(minutes=2)) == 0
    assert not Chargeback.objects.exists()

    paid(ana)
    assert take_up_parked(at=now + timedelta(hours=1)) == 2
    assert take_up_parked(at=now + timedelta(hours=2)) == 0

    assert Chargeback.objects.get().state == "lost"
    assert set(ParkedReport.objects.values_list("state", flat=True)) == {"taken"}
    assert post_stripe(event("charge.dispute.created", dispute("needs_response"), 1)).json() == first.json()


def test_what_nobody_can_place_for_three_days_is_shown_as_a_break():
    post_stripe(event("charge.dispute.created", dispute("needs_response"), 1))

    take_up_parked(at=timezone.now() + timedelta(days=3, minutes=1))

    gap = Break.objects.get()
    assert (gap.kind, gap.reference, gap.in_file_minor, gap.payment) == ("missing_in_books", "dp_1", -3000, None)
    assert ParkedReport.objects.get().state == "shown"


@pytest.mark.parametrize("told", [dispute("prevented"), dispute("needs_response", amount=9_000)])
def test_what_we_do_not_understand_or_believe_is_a_break_and_moves_no_money(payment, told):
    post_stripe(event("charge.dispute.updated", told, 1))

    assert Break.objects.get().kind == "not_clear"
    assert balance("chargeback_losses", "EUR").minor == 0


def test_the_gateway_that_contradicts_itself_is_not_believed_a_second_time(payment):
    post_stripe(event("charge.dispute.closed", dispute("won"), 1))
    post_stripe(event("charge.dispute.closed", dispute("lost"), 2))

    assert Chargeback.objects.get().state == "won"
    assert "otherwise" in Break.objects.get().note or "before" in Break.objects.get().note


def test_an_event_that_is_not_as_stripe_documents_it_is_refused_loudly(payment):
    assert post_stripe(event("charge.dispute.created", {"id": "dp_1"}, 1)).status_code == 422


def own_refund(payment: Payment) -> Refund:
    proof = prove(payment.customer)
    made = request_refund(payment.pk, amount=eur(1000), reason="x", proof=proof, is_goodwill=True, by=SENIOR, at=NOW)
    pay_refund(made.pk, at=NOW)
    Refund.objects.filter(pk=made.pk).update(gateway_reference="re_1")
    return Refund.objects.get()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_refund_that_failed_at_stripe_is_owed_again_in_whatever_order_it_is_told(payment, order):
    ours = own_refund(payment)
    key = {"metadata": {"key": ours.key}}
    story = [
        event("refund.created", refund("pending", **key), 1),
        event("refund.updated", refund("succeeded", **key), 2),
        event("refund.failed", refund("failed", failure_reason="expired_or_canceled_card", **key), 3),
    ]

    for number in [*order, *order]:
        assert post_stripe(story[number]).json() == {"subject": f"refund:{ours.pk}"}

    assert (Refund.objects.get().state, Refund.objects.get().failure_code) == ("failed", "expired_or_canceled_card")
    assert JournalEntry.objects.filter(kind="refund_failed").count() == 1
    assert not Break.objects.exists()


def test_a_refund_settles_when_its_method_has_confirmed_what_was_pending_and_not_when_it_merely_left(payment):
    ours = own_refund(payment)

    post_stripe(event("refund.updated", refund("succeeded"), 1))
    assert Refund.objects.get().state == "paid"
    post_stripe(event("charge.refund.updated", refund("succeeded"), 2, previous_attributes={"status": "pending"}))

    assert Refund.objects.get(pk=ours.pk).state == "settled"


def test_the_answer_to_a_refund_that_was_lost_comes_with_the_event(payment):
    made = request_refund(
        payment.pk, amount=eur(1000), reason="x", proof=prove(payment.customer), is_goodwill=True, by=SENIOR, at=NOW
    )
    Refund.objects.filter(pk=made.pk).update(state="submitted", attempts=1)

    post_stripe(event("refund.created", refund("succeeded", metadata={"key": made.key}), 1))

    assert (Refund.objects.get().state, Refund.objects.get().gateway_reference) == ("paid", "re_1")
    assert JournalEntry.objects.filter(kind="refund_paid").count() == 1


def test_a_refund_made_in_the_dashboard_is_shown_once_as_a_break_and_not_invented(payment):
    for number, status in enumerate(["pending", "succeeded", "succeeded"]):
        post_stripe(event("refund.updated", refund(status), number))
    charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": 1000, "currency": "eur"}
    post_stripe(event("charge.refunded", charge, 9))
    take_up_parked(at=timezone.now() + timedelta(days=4))

    gap = Break.objects.get()
    assert (gap.kind, gap.reference, gap.in_file_minor) == ("missing_in_books", "re_1", -1000)
    assert gap.payment == payment
    assert not Refund.objects.exists()
    assert Payment.objects.get().refunded_minor == 0
    with pytest.raises(StillNotBooked):
        resolve_break(gap.pk, how="booked", by=SYSTEM, at=NOW)
    resolve_break(gap.pk, how="accepted", note="Noe gave it back by telephone", by=SYSTEM, at=NOW)


def test_more_refunded_there_than_here_is_a_break_of_the_difference(payment):
    own_refund(payment)
    charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": 2500, "currency": "eur"}
    post_stripe(event("charge.refunded", charge, 1))

    take_up_parked(at=timezone.now() + timedelta(days=4))

    assert (Break.objects.get().reference, Break.objects.get().in_file_minor) == ("ch_1", -1500)


def test_a_dashboard_refund_that_came_to_nothing_closes_its_break(payment):
    post_stripe(event("refund.failed", refund("failed"), 2))
    post_stripe(event("refund.created", refund("pending"), 1))

    assert (Break.objects.get().state, Break.objects.get().how) == ("resolved", "sender_error")
