"""manage.py load_rates FILE: add exchange rates from a file in the form of the ECB's eurofxref.csv."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.fx.ecb import SOURCE, parse_rates
from ledger.fx.operations import add_rates


class Command(BaseCommand):
    """Read the whole file or nothing of it; loading the same file again adds nothing."""

    help = "Add exchange rates from a file in the form of the European Central Bank's eurofxref.csv or its history."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default=SOURCE, help="Who published the rates")

    def handle(self, *args: object, **options: object) -> None:
        try:
            text = Path(str(options["file"])).read_text(encoding="utf-8")
            rates = parse_rates(text, source=str(options["source"]))
            loaded = add_rates(rates, by=Actor.system("load_rates"), at=timezone.now())
        except (OSError, UnicodeDecodeError, DomainError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{loaded.added} rates added, {loaded.known} were known.")
