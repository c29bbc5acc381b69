"""The gateway reports a payment, a failed attempt or a chargeback: `POST /hooks/payments`.

Reports come more than once and in any order. Each stands under its own id, so a repeat changes nothing; what speaks of
something that is not here yet is answered 503 with Retry-After, so that the gateway sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from rest_framework import serializers

from billing_desk.api.errors import answer
from billing_desk.api.fields import Amount, Body, Id, Text
from billing_desk.api.hooks.reading import read_json
from billing_desk.api.hooks.signature import signed_hook
from ledger.disputes.chargebacks import lose_chargeback, record_chargeback, win_chargeback
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.models import Chargeback, Payment
from ledger.payments.operations import PaymentIdReused, record_failure, record_payment

GATEWAY = Actor.system("payment gateway")
DIGITS = {"min_length": 4, "max_length": 4}


class NotYetKnown(DomainError):
    """The report speaks of something we have not heard of yet."""


class PaymentReport(Body):
    """Money that arrived."""

    id = Text(max_length=100, help_text="The attempt's id at the gateway")
    customer = Id()
    amount = Amount()
    received_on = serializers.DateField(required=False)
    card_last4 = Text(required=False, **DIGITS)
    invoice_id = Id(required=False)


class FailureReport(Body):
    """An attempt that brought no money."""

    id = Text(max_length=100)
    customer = Id()
    amount = Amount()
    code = Text(max_length=60)
    card_last4 = Text(required=False, **DIGITS)


class ChargebackReport(Body):
    """A bank took a payment back; `payment` is the id of the attempt."""

    id = Text(max_length=100)
    payment = Text(max_length=100)
    amount = Amount()
    reason = Text(max_length=60)


class DecisionReport(Body):
    """A bank decided a chargeback."""

    id = Text(max_length=100, help_text="The chargeback's id at the gateway")


def _received(data: dict[str, Any], at: datetime) -> str:
    external_id = data.pop("id")
    customer_id = data.pop("customer")
    known = Payment.objects.filter(external_id=external_id).first()
    if known and known.state == Payment.State.FAILED:
        # The same id cannot have failed and arrived; booking neither twice nor not at all needs a person.
        raise PaymentIdReused(f"{external_id!r} was reported as failed before; money needs an id of its own.")
    payment = record_payment(
        customer_id, **data, external_id=external_id, gateway_reference=external_id, by=GATEWAY, at=at
    )
    return f"payment:{payment.pk}"


def _failed(data: dict[str, Any], at: datetime) -> str:
    external_id = data.pop("id")
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
    chargeback = record_chargeback(
        payment.pk, amount=data["amount"], external_id=data["id"], reason=data["reason"], by=GATEWAY, at=at
    )
    return f"chargeback:{chargeback.pk}"


def _decided(data: dict[str, Any], at: datetime, *, state: str, act: Callable[..., Chargeback]) -> str:
    chargeback = Chargeback.objects.filter(external_id=data["id"]).first()
    if chargeback is None:
        raise NotYetKnown(f"We have not heard of the chargeback {data['id']!r} yet; please report this again.")
    if chargeback.state != state:
        act(chargeback.pk, by=GATEWAY, at=at)
    return f"chargeback:{chargeback.pk}"


def _won(data: dict[str, Any], at: datetime) -> str:
    return _decided(data, at, state=Chargeback.State.WON, act=win_chargeback)


def _lost(data: dict[str, Any], at: datetime) -> str:
    return _decided(data, at, state=Chargeback.State.LOST, act=lose_chargeback)


#: Type of a report → its body and what it means.
REPORTS: Mapping[str, tuple[type[Body], Callable[[dict[str, Any], datetime], str]]] = {
    "payment.succeeded": (PaymentReport, _received),
    "payment.failed": (FailureReport, _failed),
    "chargeback.received": (ChargebackReport, _charged_back),
    "chargeback.won": (DecisionReport, _won),
    "chargeback.lost": (DecisionReport, _lost),
}


class Report(Body):
    """What every report looks like."""

    type = serializers.ChoiceField(list(REPORTS))
    data = serializers.DictField()


@signed_hook
def payment_report(request: HttpRequest, at: datetime) -> HttpResponse:
    """Take one report of the gateway. 2xx means that the books have it."""
    report = read_json(request, Report)
    shape, act = REPORTS[report["type"]]
    data = shape(data=report["data"])
    if not data.is_valid():
        raise serializers.ValidationError({"data": data.errors})
    with transaction.atomic():
        subject = act(dict(data.validated_data), at)
    return answer(202, {"subject": subject})
