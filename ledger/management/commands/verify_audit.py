"""Replay the audit trail's hash chain and re-hash the frozen evidence; exit 1 and name the first broken place."""

from django.core.management.base import BaseCommand, CommandError

from ledger.disputes.queries import first_tampered_evidence
from ledger.events import sealing


class Command(BaseCommand):
    """`manage.py verify_audit`."""

    help = "Seal what is new, replay the whole chain of events, and name the first broken position."

    def handle(self, **options: object) -> None:
        """Seal, then verify."""
        broken = sealing.first_broken()
        if broken:
            raise CommandError(str(broken))
        tampered = first_tampered_evidence()
        if tampered:
            raise CommandError(tampered)
        while sealing.seal_events():
            continue
        self.stdout.write(f"audit trail holds: {sealing.chain_length()} events in one chain")
