"""manage.py import_csv KIND FILE: import customers, prices, subscriptions or open invoices from a CSV file."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.imports.models import ImportRun
from ledger.imports.operations import Order, import_file
from ledger.imports.telling import lines_about


class Command(BaseCommand):
    """Print every problem with its line, then the counts; it fails when anything was refused."""

    help = "Import rows of a CSV file with our columns (docs/operations.md); --dry-run shows what it would do."
    kinds: tuple[str, ...] = ("customers", "prices", "subscriptions", "invoices")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=self.kinds)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Show what it would do; nothing is kept")
        parser.add_argument("--all-or-nothing", action="store_true", help="Import nothing unless every row can be")
        parser.add_argument("--country", default="", help="Of customers whose row names none, e.g. DE")
        parser.add_argument("--currency", default="", help="Of customers whose row names none, e.g. EUR")

    def form_of(self, file: Path) -> str:
        """Return how the file is to be read."""
        return ImportRun.Form.CSV.value

    def handle(self, *args: object, **options: object) -> None:
        file = Path(str(options["file"]))
        try:
            order = Order(
                kind=str(options["kind"]),
                form=self.form_of(file),
                file_name=file.name,
                is_dry_run=bool(options["dry_run"]),
                is_all_or_nothing=bool(options["all_or_nothing"]),
                country=str(options["country"]).upper(),
                currency=str(options["currency"]).upper(),
            )
            by = Actor.system("import")
            run = import_file(lambda: file.open("rb"), order=order, by=by, at=timezone.now())
        except (OSError, DomainError) as problem:
            raise CommandError(str(problem)) from problem
        for line in lines_about(run):
            self.stdout.write(line)
        if run.state == ImportRun.State.REFUSED or run.refused:
            raise CommandError("Not every row was imported.")
