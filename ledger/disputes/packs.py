"""Answering a bank: the evidence pack assembled from the case, frozen as it was submitted, once per stage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.customers.operations import refuse_own_account
from ledger.disputes.answering import queue_answer
from ledger.disputes.chargebacks import ChargebackNotInState, lock_chargeback, record_chargeback_event
from ledger.disputes.checking import digest_of_bytes
from ledger.disputes.dossier import dossier_files
from ledger.disputes.models import Chargeback, ChargebackPack, Dispute
from ledger.disputes.packing import pack, safe_name
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.models import InvoiceLine
from ledger.refunds.models import Refund

#: A refund in one of these states has left us.
GIVEN = ("paid", "settled")


class AnsweredAlready(DomainError):
    """Networks read one submission per stage, and it was made."""


def assemble_pack(
    chargeback: Chargeback, *, extra: Mapping[str, bytes] | None = None, by: Actor, at: datetime
) -> bytes:
    """Return the pack as it would be submitted now: the network's fields, refunds given, and each dispute's dossier."""
    files = {"fields.json": _json(_fields(chargeback)), "refunds.json": _json(refunds_of(chargeback))}
    invoices = list(chargeback.payment.allocations.order_by("pk").values_list("invoice_id", flat=True))
    for dispute in Dispute.objects.filter(line__invoice_id__in=invoices).select_related("line").order_by("pk"):
        inside = dossier_files(dispute, {}, by=by, at=at)
        files |= {f"{dispute.number}/{name}": content for name, content in inside.items()}
    files |= {safe_name(name): content for name, content in (extra or {}).items()}
    files["manifest.json"] = _json({name: digest_of_bytes(content) for name, content in sorted(files.items())})
    return pack(files)


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, default=str).encode()


def _fields(chargeback: Chargeback) -> dict[str, Any]:
    """Return what networks ask for, under the names payment providers use. Source: Stripe, Dispute evidence object."""
    payment, customer = chargeback.payment, chargeback.payment.customer
    lines = InvoiceLine.objects.filter(invoice__allocations__payment=payment).select_related("charge").order_by("pk")
    charged = list(lines[:50])
    periods = [line.charge.period_start for line in charged if line.charge.period_start]
    return {
        "chargeback": chargeback.external_id,
        "stage": chargeback.stage,
        "reason": chargeback.reason,
        "amount_minor": chargeback.amount_minor,
        "currency": chargeback.currency,
        "payment": payment.number,
        "paid_on": payment.received_on,
        "customer_name": customer.name,
        "billing_address": ", ".join(part for part in (customer.street, customer.postal_code, customer.city) if part),
        "product_description": "; ".join(line.description for line in charged),
        "service_date": min(periods) if periods else None,
        "invoices": sorted({line.invoice_id for line in charged}),
        "uncategorized_text": _in_words(chargeback),
    }


def _in_words(chargeback: Chargeback) -> str:
    given = refunds_of(chargeback)
    if not given:
        return "Nothing of this payment was refunded."
    parts = [f"{one['number']} on {one['paid_on']}, reference {one['reference']}" for one in given]
    return f"This payment was refunded already: {'; '.join(parts)}."


def refunds_of(chargeback: Chargeback) -> list[dict[str, Any]]:
    """Return what was refunded of the payment already, with how each refund is traced."""
    paid = Refund.objects.filter(payment_id=chargeback.payment_id, state__in=GIVEN).order_by("pk")
    return [
        {
            "number": refund.number,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "paid_on": refund.sent_at.date() if refund.sent_at else None,
            "reference": refund.gateway_reference or refund.number,
        }
        for refund in paid
    ]


@transaction.atomic
def submit_pack(
    chargeback_id: int, *, extra: Mapping[str, bytes] | None = None, by: Actor, at: datetime
) -> ChargebackPack:
    """This will freeze the pack as our answer at this stage, with its hash, and put it on its way; one per stage.

    :raises ChargebackNotInState: if the stage is decided
    :raises AnsweredAlready: if it was answered before
    """
    chargeback = lock_chargeback(chargeback_id)
    refuse_own_account(by, chargeback.customer_id)
    if not chargeback.is_open:
        raise ChargebackNotInState(f"This chargeback is {chargeback.get_state_display().lower()} already.")
    if ChargebackPack.objects.filter(chargeback=chargeback, stage=chargeback.stage).exists():
        raise AnsweredAlready("This stage was answered before; the network reads one answer.")
    content = assemble_pack(chargeback, extra=extra, by=by, at=at)
    made = ChargebackPack.objects.create(
        chargeback=chargeback,
        stage=chargeback.stage,
        content=content,
        sha256=digest_of_bytes(content),
        is_late=chargeback.due_at is not None and at > chargeback.due_at,
        submitted_by=str(by),
        submitted_at=at,
    )
    record_chargeback_event(kinds.CHARGEBACK_ANSWERED, chargeback, by=by, at=at, hash=made.sha256, is_late=made.is_late)
    queue_answer(made, by=by, at=at)
    return made
