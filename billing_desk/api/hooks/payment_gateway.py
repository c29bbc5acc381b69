"""The gateway reports a payment, a failed attempt, a chargeback or a refund: `POST /hooks/payments`.

Reports come more than once and in any order. Each is kept once and stands under its own id: a repeat changes nothing;
what speaks of something that is not here yet is answered 503 with Retry-After, so that the gateway sends it again. What
we collected ourselves is known by its attempt. Stripe's own events, signed its way, are taken at the same address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from rest_framework import serializers

from billing_desk.api.errors import answer
from billing_desk.api.fields import Amount, Body, Id, Text
from billing_desk.api.hooks.payment_gateway_stripe import stripe_report
from billing_desk.api.hooks.reading import read_json
from billing_desk.api.hooks.signature import signed_hook
from ledger.disputes.chargebacks import Report as NetworkReport
from ledger.disputes.chargebacks import lose_chargeback, report_chargeback, win_chargeback
from ledger.disputes.stages import STAGES
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.models import Chargeback, Invoice, Payment
from ledger.payments.attempt_models import Attempt
from ledger.payments.events import apply_answer, find_attempt, report_second_payment
from ledger.payments.gateway_answers import GatewayAnswer
from ledger.payments.operations import PaymentIdReused, record_failure, record_payment
from ledger.payments.reports import keep_report, note_subject
from ledger.refunds.settling import take_gateway_word

GATEWAY = Actor.system("payment gateway")
DIGITS = {"min_length": 4, "max_length": 4}


class NotYetKnown(DomainError):
    """The report speaks of something we have not heard of yet."""


class PaymentReport(Body):
    """Money that arrived."""

    id = Text(max_length=100, help_text="The attempt's id at the gateway")
    key = Text(max_length=60, required=False, help_text="Under which we asked for it, if we did")
    customer = Id()
    amount = Amount()
    received_on = serializers.DateField(required=False)
    card_last4 = Text(required=False, **DIGITS)
    invoice_id = Id(required=False)


class FailureReport(Body):
    """An attempt that brought no money."""

    id = Text(max_length=100)
    key = Text(max_length=60, required=False)
    customer = Id()
    amount = Amount()
    code = Text(max_length=60)
    card_last4 = Text(required=False, **DIGITS)


class ChargebackReport(Body):
    """A bank asks for a payment back or took it; `payment` is the id of the attempt."""

    id = Text(max_length=100)
    payment = Text(max_length=100)
    amount = Amount()
    reason = Text(max_length=60)
    stage = serializers.ChoiceField(list(STAGES), required=False, help_text="chargeback, where it is not named")
    due_at = serializers.DateTimeField(required=False, help_text="By when the network wants our answer")


class DecisionReport(Body):
    """A bank decided a chargeback, at the stage that is named, or where it stands."""

    id = Text(max_length=100, help_text="The chargeback's id at the gateway")
    stage = serializers.ChoiceField(list(STAGES), required=False)


class RefundReport(Body):
    """A refund has arrived, or came back; `id` is the gateway's reference of it."""

    id = Text(max_length=100)
    code = Text(max_length=60, required=False, help_text="Why it came back")


def _received(data: dict[str, Any], at: datetime) -> str:
    external_id = data.pop("id")
    customer_id = data.pop("customer")
    attempt = _attempt(external_id, data.pop("key", ""), customer_id)
    if attempt is not None:
        apply_answer(attempt.pk, GatewayAnswer(True, external_id, taken=data["amount"]), by=GATEWAY, at=at)
        return f"attempt:{attempt.pk}"
    known = Payment.objects.filter(external_id=external_id).first()
    if known and known.state == Payment.State.FAILED:
        # The same id cannot have failed and arrived; booking neither twice nor not at all needs a person.
        raise PaymentIdReused(f"{external_id!r} was reported as failed before; money needs an id of its own.")
    # A bill that somebody has paid already asks for nothing: this is the second payment of two, and goes back.
    invoice_id = data.get("invoice_id")
    is_second = not known and Invoice.objects.filter(pk=invoice_id, state=Invoice.State.PAID).exists()
    payment = record_payment(
        customer_id,
        **data,
        external_id=external_id,
        gateway_reference=external_id,
        spread=not is_second,
        by=GATEWAY,
        at=at,
    )
    if is_second and invoice_id is not None:
        report_second_payment(payment, invoice_id, by=GATEWAY, at=at)
    return f"payment:{payment.pk}"


def _attempt(reference: str, key: str, customer_id: int) -> Attempt | None:
    """Return our own attempt that a report speaks of; one of another customer is none."""
    found = find_attempt(reference=reference, key=key)
    return found if found is not None and found.customer_id == customer_id else None


def _failed(data: dict[str, Any], at: datetime) -> str:
    external_id = data.pop("id")
    attempt = _attempt(external_id, data.pop("key", ""), data["customer"])
    if attempt is not None:
        apply_answer(attempt.pk, GatewayAnswer(False, failure_code=data["code"]), by=GATEWAY, at=at)
        return f"attempt:{attempt.pk}"
    known = Payment.objects.filter(external_id=external_id).first()
    if known is not None:
        # A failure that was overtaken by the money itself, or that came before: nothing to add.
        return f"payment:{known.pk}"
    payment = record_failure(data.pop("customer"), **data, external_id=external_id, by=GATEWAY, at=at)
    return f"payment:{payment.pk}"


def _charged_back(data: dict[str, Any], at: datetime) -> str:
    payment = Payment.objects.filter(external_id=data["payment"], state=Payment.State.SUCCEEDED).first()
    if payment is None:
        raise NotYetKnown(f"We have not heard of the payment {data['payment']!r} yet; please report this again.")
    stage = data.get("stage", "chargeback")
    said = NetworkReport(data["id"], data["amount"], data["reason"], stage, due_at=data.get("due_at"))
    chargeback = report_chargeback(payment.pk, report=said, by=GATEWAY, at=at)
    return f"chargeback:{chargeback.pk}"


def _decided(data: dict[str, Any], at: datetime, *, state: str, act: Callable[..., Chargeback]) -> str:
    chargeback = Chargeback.objects.filter(external_id=data["id"]).first()
    if chargeback is None:
        raise NotYetKnown(f"We have not heard of the chargeback {data['id']!r} yet; please report this again.")
    if "stage" in data:
        said = NetworkReport(data["id"], chargeback.amount, chargeback.reason, data["stage"], state)
        report_chargeback(chargeback.payment_id, report=said, by=GATEWAY, at=at)
    elif chargeback.state != state:
        act(chargeback.pk, by=GATEWAY, at=at)
    return f"chargeback:{chargeback.pk}"


def _won(data: dict[str, Any], at: datetime) -> str:
    return _decided(data, at, state=Chargeback.State.WON, act=win_chargeback)


def _lost(data: dict[str, Any], at: datetime) -> str:
    return _decided(data, at, state=Chargeback.State.LOST, act=lose_chargeback)


def _refund_told(data: dict[str, Any], at: datetime, *, succeeded: bool) -> str:
    refund = take_gateway_word(data["id"], succeeded=succeeded, code=data.get("code", ""), by=GATEWAY, at=at)
    if refund is None:
        raise NotYetKnown(f"We have not heard of the refund {data['id']!r} yet; please report this again.")
    return f"refund:{refund.pk}"


def _refund_arrived(data: dict[str, Any], at: datetime) -> str:
    return _refund_told(data, at, succeeded=True)


def _refund_came_back(data: dict[str, Any], at: datetime) -> str:
    return _refund_told(data, at, succeeded=False)


#: Type of a report → its body and what it means.
REPORTS: Mapping[str, tuple[type[Body], Callable[[dict[str, Any], datetime], str]]] = {
    "payment.succeeded": (PaymentReport, _received),
    "payment.failed": (FailureReport, _failed),
    "chargeback.received": (ChargebackReport, _charged_back),
    "chargeback.won": (DecisionReport, _won),
    "chargeback.lost": (DecisionReport, _lost),
    "refund.settled": (RefundReport, _refund_arrived),
    "refund.failed": (RefundReport, _refund_came_back),
}


class Report(Body):
    """What every report looks like."""

    type = serializers.ChoiceField(list(REPORTS))
    data = serializers.DictField()


@csrf_exempt
@require_POST
def payment_report(request: HttpRequest) -> HttpResponse:
    """Take one report, by the scheme it is signed with; without a signature it is refused."""
    if "Stripe-Signature" in request.headers:
        return stripe_report(request, timezone.now())
    return own_report(request)


@signed_hook
def own_report(request: HttpRequest, at: datetime) -> HttpResponse:
    """Take one report of the gateway. 2xx means that the books have it."""
    report = read_json(request, Report)
    shape, act = REPORTS[report["type"]]
    data = shape(data=report["data"])
    if not data.is_valid():
        raise serializers.ValidationError({"data": data.errors})
    report_id = request.headers.get("webhook-id", "")
    with transaction.atomic():
        kept, is_new = keep_report("standard", report_id, request.body, kind=report["type"], at=at)
        if is_new:
            note_subject(kept, act(dict(data.validated_data), at))
    return answer(202, {"subject": kept.subject})
