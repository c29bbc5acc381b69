"""What gateways report, kept once: a report that comes again, in whatever order, changes nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ledger.payments.attempt_models import GatewayReport


def keep_report(gateway: str, report_id: str, body: bytes, *, kind: str, at: datetime) -> tuple[GatewayReport, bool]:
    """This will keep that a report came, and return it with whether it is new; one that is under way is waited for."""
    body_hash = hashlib.sha256(body).hexdigest()
    report_id = report_id[:100] or body_hash
    row = GatewayReport(gateway=gateway, report_id=report_id, body_hash=body_hash, kind=kind[:60], received_at=at)
    before = GatewayReport.objects.filter(gateway=gateway, report_id=report_id, body_hash=body_hash)
    known = before.first()
    if known is None:
        GatewayReport.objects.bulk_create([row], ignore_conflicts=True)
        kept = before.get()
        # Of two at once the second waits at the unique constraint, and finds what the first one made of it.
        return kept, not kept.subject
    return known, False


def note_subject(report: GatewayReport, subject: str) -> None:
    """This will note what a report was about."""
    report.subject = subject[:60]
    report.save(update_fields=["subject"])
