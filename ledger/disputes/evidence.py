"""The evidence bundle: everything known when a dispute is opened, frozen as one canonical text with its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from ledger.books.queries import entries_of
from ledger.disputes.models import Dispute, EvidenceBundle
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.payments.models import PaymentAllocation


def canonical(content: object) -> str:
    """Return JSON whose bytes depend on nothing but the content: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as `sha256sum` prints it."""
    return hashlib.sha256(text.encode()).hexdigest()


def take_evidence(
    dispute: Dispute, line: InvoiceLine, *, words: Sequence[Mapping[str, object]], at: datetime
) -> EvidenceBundle:
    """This will freeze the bill, its entries and payments, and the customer's words, each with its own hash."""
    invoice = line.invoice
    parts = {
        "invoice": _invoice_facts(invoice),
        "entries": [asdict(entry) for source in _sources(invoice) for entry in entries_of(source)],
        "payments": [
            {
                "number": found.payment.number,
                "received_on": found.payment.received_on,
                "amount_minor": found.amount_minor,
            }
            for found in PaymentAllocation.objects.filter(invoice=invoice).select_related("payment").order_by("pk")
        ],
        "words": [dict(word) for word in words],
    }
    content = canonical(
        {
            "dispute": dispute.number,
            "line": line.position,
            "amount_minor": dispute.amount_minor,
            "currency": dispute.currency,
            "reason": dispute.reason,
            "taken_at": at.isoformat(),
            "parts": parts,
            "hashes": {name: digest(canonical(part)) for name, part in parts.items()},
        }
    )
    return EvidenceBundle.objects.create(dispute=dispute, content=content, hash=digest(content), taken_at=at)


def _invoice_facts(invoice: Invoice) -> dict[str, object]:
    lines = InvoiceLine.objects.filter(invoice=invoice).select_related("charge").order_by("position")
    return {
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "total_minor": invoice.total_minor,
        "tax_minor": invoice.tax_minor,
        "currency": invoice.currency,
        "lines": [
            {
                "position": line.position,
                "description": line.description,
                "net_minor": line.net_minor,
                "tax_minor": line.tax_minor,
                "charge": line.charge_id,
                "charged_on": line.charge.charged_on,
            }
            for line in lines
        ],
    }


def _sources(invoice: Invoice) -> list[str]:
    payments = PaymentAllocation.objects.filter(invoice=invoice).order_by("pk").values_list("payment_id", flat=True)
    charges = InvoiceLine.objects.filter(invoice=invoice).order_by("position").values_list("charge_id", flat=True)
    return [
        f"invoice:{invoice.pk}",
        *(f"charge:{pk}" for pk in islice(charges, 200)),
        *(f"payment:{pk}" for pk in islice(payments, 200)),
    ]


def first_tampered_evidence() -> str | None:
    """Return which evidence no longer matches the hash taken with it, or None when all does."""
    for bundle in EvidenceBundle.objects.select_related("dispute").order_by("pk").iterator(chunk_size=200):
        if digest(bundle.content) != bundle.hash:
            return f"evidence of dispute {bundle.dispute.number} was changed after it was taken"
        content = json.loads(bundle.content)
        for name, part in content["parts"].items():
            if digest(canonical(part)) != content["hashes"][name]:
                return f"evidence of dispute {bundle.dispute.number}: {name} was changed"
    return None
