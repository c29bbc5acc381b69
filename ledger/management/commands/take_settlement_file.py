"""manage.py take_settlement_file FILE: hold the file of a bank or a payment provider against the books."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.reconciliation.models import Break, SettlementFile
from ledger.reconciliation.operations import take_settlement_file


class Command(BaseCommand):
    """Take the whole file or nothing of it; taking the same file again changes nothing."""

    help = "Take a settlement file (CSV, CAMT.053, MT940), match it with the books and list what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", required=True, choices=SettlementFile.Format.values)
        parser.add_argument("--account", required=True, help="The provider (sandbox, stripe) or the bank account")

    def handle(self, *args: object, **options: object) -> None:
        file = Path(str(options["file"]))
        try:
            with file.open("rb") as stream:
                taken = take_settlement_file(
                    stream,
                    name=file.name,
                    format=str(options["format"]),
                    account=str(options["account"]),
                    by=Actor.system("take_settlement_file"),
                    at=timezone.now(),
                )
        except (OSError, DomainError) as problem:
            raise CommandError(str(problem)) from problem
        waiting = taken.breaks.filter(state=Break.State.OPEN).count()
        self.stdout.write(f"{taken.lines_count} lines; {waiting} differences wait for an answer.")
