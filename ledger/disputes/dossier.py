"""export_dossier: everything about one dispute as a zip that a bank or a regulator can check without us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.books.queries import entries_of_all
from ledger.customers.operations import refuse_own_account
from ledger.disputes.checking import BUNDLE, MANIFEST, canonical, digest, digest_of_bytes
from ledger.disputes.locking import lock_dispute, record_dispute
from ledger.disputes.models import Dispute, EvidenceBundle, EvidenceItem
from ledger.disputes.packing import pack, safe_name
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.queries import timeline_of
from ledger.invoices.models import CreditNote
from ledger.payments.models import PaymentAllocation

README = """Dossier of dispute {number}

manifest.json        every file with its SHA-256, and the chain of the evidence
evidence/            what was known at the opening (opening.json), then each thing added later, in order
entries.json         the journal entries of the bill, its payments, its credit notes and the dispute
timeline.json        what happened, who did it, when
decision.json        the decision, its reasons, the clocks and the rule they come from

Each file's SHA-256 stands in the manifest, and the manifest's own is its "hash" (of the manifest without it, as JSON
with sorted keys and no spaces). A piece of evidence hashes to SHA-256(hash of the one before + line feed + its text);
the first one follows the hash of opening.json.
"""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier ready to be handed over."""

    file_name: str
    content: bytes
    sha256: str


@transaction.atomic
def export_dossier(dispute_id: int, *, extra: Mapping[str, bytes] | None = None, by: Actor, at: datetime) -> Dossier:
    """This will make the dossier of a dispute and record who took it out, with its hash; `extra` files are the bill."""
    dispute, _, _ = lock_dispute(dispute_id)
    refuse_own_account(by, dispute.customer_id)
    content = pack(dossier_files(dispute, extra or {}, by=by, at=at))
    made = Dossier(f"dossier-{dispute.number}.zip", content, digest_of_bytes(content))
    record_dispute(kinds.DISPUTE_DOSSIER_EXPORTED, dispute, by=by, at=at, hash=made.sha256, size=len(content))
    return made


def dispute_facts(dispute: Dispute) -> dict[str, Any]:
    """Return what a file about more than one dispute says of each: the decision, and the evidence by its hashes."""
    bundle = EvidenceBundle.objects.filter(dispute=dispute).first()
    items = EvidenceItem.objects.filter(dispute=dispute).defer("content", "file").order_by("number")
    return {
        **_decision(dispute),
        "opening": bundle.hash if bundle else "",
        "evidence": [
            {"number": item.number, "kind": item.kind, "hash": item.hash, "by": item.added_by, "at": item.added_at}
            for item in items
        ],
    }


def dossier_files(dispute: Dispute, extra: Mapping[str, bytes], *, by: Actor, at: datetime) -> dict[str, bytes]:
    """Return the files of a dossier, with the manifest that lists them."""
    bundle = EvidenceBundle.objects.get(dispute=dispute)
    items = list(EvidenceItem.objects.filter(dispute=dispute).order_by("number"))
    files = {BUNDLE: bundle.content.encode(), "README.txt": README.format(number=dispute.number).encode()}
    chained = []
    for item in items:
        name = f"evidence/{item.number:03d}-{item.kind}.json"
        files[name] = item.content.encode()
        chained.append({"file": name, "hash": item.hash})
        if item.file is not None:
            told = safe_name(str(json.loads(item.content).get("name", "file")))
            files[f"evidence/{item.number:03d}-{told}"] = bytes(item.file)
    files |= {safe_name(name): content for name, content in extra.items()}
    files |= {name: _json(content) for name, content in _facts(dispute).items()}
    manifest: dict[str, Any] = {
        "dispute": dispute.number,
        "exported_at": at.isoformat(),
        "exported_by": str(by),
        "opening": bundle.hash,
        "evidence": chained,
        "files": {name: digest_of_bytes(content) for name, content in files.items()},
    }
    manifest["hash"] = digest(canonical(manifest))
    return {**files, MANIFEST: _json(manifest)}


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, default=str).encode()


def _facts(dispute: Dispute) -> dict[str, object]:
    return {"entries.json": _entries(dispute), "timeline.json": _timeline(dispute), "decision.json": _decision(dispute)}


def _entries(dispute: Dispute) -> list[dict[str, Any]]:
    invoice_id = dispute.line.invoice_id
    paid = PaymentAllocation.objects.filter(invoice_id=invoice_id).order_by("pk").values_list("payment_id", flat=True)
    notes = CreditNote.objects.filter(invoice_id=invoice_id).order_by("pk").values_list("pk", flat=True)
    sources = [
        f"invoice:{invoice_id}",
        f"charge:{dispute.line.charge_id}",
        *(f"payment:{pk}" for pk in paid[:200]),
        *(f"creditnote:{pk}" for pk in notes[:200]),
        f"dispute:{dispute.pk}",
    ]
    found = entries_of_all(sources)
    return [asdict(entry) for source in sources for entry in found.get(source, [])]


def _timeline(dispute: Dispute) -> list[dict[str, Any]]:
    events = timeline_of([f"dispute:{dispute.pk}"], limit=500)
    return [
        {"at": event.occurred_at, "kind": event.kind, "by": event.actor, "data": event.data}
        for event in sorted(events, key=lambda event: event.pk)
    ]


def _decision(dispute: Dispute) -> dict[str, Any]:
    names = (
        "number", "reason", "state", "outcome", "currency", "amount_minor", "granted_minor", "explanation",
        "recommended", "because", "deviation", "decided_by", "decided_at", "first_decided_by", "first_outcome",
        "appealed_at", "opened_by", "opened_at", "received_at", "acknowledge_by", "acknowledged_at", "due_at",
        "clock_source", "clock_rule_id", "proof_reference",
    )  # fmt: skip
    return {name: getattr(dispute, name) for name in names}
