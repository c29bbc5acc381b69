"""What disputes do because something happened elsewhere. Each handler is safe to run twice."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from ledger.disputes.chargebacks import accept_chargeback
from ledger.disputes.models import Chargeback, ChargebackPack
from ledger.disputes.packs import GIVEN, submit_pack
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.refunds.models import Refund

JOB = Actor.system("disputes")


def answer_refunded_chargeback(event: Event, at: datetime) -> None:
    """For chargeback.received and chargeback.escalated: what was refunded before is answered with the references."""
    chargeback = Chargeback.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if chargeback is None or not chargeback.is_open or _refunded(chargeback.payment_id) < chargeback.amount_minor:
        return
    if not ChargebackPack.objects.filter(chargeback=chargeback, stage=chargeback.stage).exists():
        submit_pack(chargeback.pk, by=JOB, at=at)


def close_refunded_inquiry(event: Event, at: datetime) -> None:
    """For refund.paid: a bank's question about a payment that is refunded in full is settled by the refund."""
    refund = Refund.objects.filter(pk=int(event.subject.partition(":")[2])).first()
    if refund is None:
        return
    asked = Chargeback.objects.filter(payment_id=refund.payment_id, state="received", is_taken=False)
    given = _refunded(refund.payment_id)
    for chargeback in asked.order_by("pk"):
        if given >= chargeback.amount_minor:
            accept_chargeback(chargeback.pk, why=f"Refunded: {refund.number}", by=JOB, at=at)


def _refunded(payment_id: int) -> int:
    paid = Refund.objects.filter(payment_id=payment_id, state__in=GIVEN)
    return int(paid.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
