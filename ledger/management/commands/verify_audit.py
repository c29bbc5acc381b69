"""Replay the audit trail's hash chain; exit 1 and name the first broken position."""

from django.core.management.base import BaseCommand, CommandError

from ledger.events import sealing


class Command(BaseCommand):
    """`manage.py verify_audit`."""

    help = "Seal what is new, replay the whole chain of events, and name the first broken position."

    def handle(self, **options: object) -> None:
        """Seal, then verify."""
        broken = sealing.first_broken()
        if broken:
            raise CommandError(str(broken))
        while sealing.seal_events():
            pass
        self.stdout.write(f"audit trail holds: {sealing.chain_length()} events in one chain")
