"""Evidence: the bundle frozen when a dispute is opened, and what is added later, each thing chained to the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from ledger.books.queries import entries_of
from ledger.disputes.checking import canonical, chain, digest, digest_of_bytes, first_broken_bundle
from ledger.disputes.models import Dispute, EvidenceBundle, EvidenceItem
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.payments.models import PaymentAllocation

__all__ = ["canonical", "digest"]

#: The largest file that becomes evidence.
MAX_FILE_BYTES = 10 * 1024 * 1024


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


def add_evidence(
    dispute: Dispute,
    *,
    kind: str,
    key: str,
    content: Mapping[str, object],
    file: bytes | None = None,
    by: Actor,
    at: datetime,
) -> EvidenceItem | None:
    """This will add one thing to the evidence of a locked dispute; the same key again adds nothing and returns None.

    :raises InvalidInput: if the kind is unknown, a file is empty, too large or missing, or nothing is said
    """
    if kind not in EvidenceItem.Kind.values or not content or (kind == EvidenceItem.Kind.FILE) != bool(file):
        raise InvalidInput("Evidence is a message, a file that is not empty, or a note that says something.")
    if file is not None and len(file) > MAX_FILE_BYTES:
        raise InvalidInput("A file of evidence is at most 10 MB.")
    if EvidenceItem.objects.filter(dispute=dispute, key=key).exists():
        return None
    last = EvidenceItem.objects.filter(dispute=dispute).order_by("-number").first()
    previous = last.hash if last else EvidenceBundle.objects.get(dispute=dispute).hash
    said = dict(content) | ({"sha256": digest_of_bytes(file)} if file is not None else {})
    text = canonical({"kind": kind, "key": key, "added_at": at.isoformat(), "added_by": str(by), **said})
    item = EvidenceItem.objects.create(
        dispute=dispute,
        number=last.number + 1 if last else 1,
        kind=kind,
        key=key,
        content=text,
        file=file,
        previous_hash=previous,
        hash=chain(previous, text),
        added_by=str(by),
        added_at=at,
    )
    dispute.material += 1
    dispute.save(update_fields=["material"])
    return item


def first_tampered_evidence() -> str | None:
    """Return which evidence no longer matches the hash taken with it, or None when all does."""
    for bundle in EvidenceBundle.objects.select_related("dispute").order_by("pk").iterator(chunk_size=200):
        wrong = first_broken_bundle(bundle.content, bundle.hash)
        if wrong:
            return f"evidence of dispute {bundle.dispute.number}{wrong}"
    last: dict[int, str] = {}
    items = EvidenceItem.objects.select_related("dispute__evidence").order_by("dispute_id", "number")
    for item in items.iterator(chunk_size=200):
        previous = last.get(item.dispute_id, item.dispute.evidence.hash)
        if item.previous_hash != previous or item.hash != chain(previous, item.content):
            return f"evidence of dispute {item.dispute.number}: item {item.number} was changed, added or taken away"
        if item.file is not None and f'"{digest_of_bytes(bytes(item.file))}"' not in item.content:
            return f"evidence of dispute {item.dispute.number}: the file of item {item.number} was changed"
        last[item.dispute_id] = item.hash
    return None
