"""manage.py seed_demo: load the demo company into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from billing_desk.demo.company import loading
from billing_desk.demo.company.office import api_key_file
from ledger.models import Customer


class Command(BaseCommand):
    """A year of a made-up company, lived through by the product's own operations; it takes about a minute."""

    help = "Load the demo company: customers, a year of bills, payments, cases. Only into a database without customers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let the company be smaller, and its present another moment."""
        parser.add_argument("--customers", type=int, default=loading.CUSTOMERS, help="how many (default: %(default)s)")
        parser.add_argument("--months", type=int, default=loading.MONTHS, help="how old it is (default: %(default)s)")
        parser.add_argument("--now", type=datetime.fromisoformat, help="its present, e.g. 2026-03-02T10:00+01:00")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then prove the books and the audit trail.

        :raises CommandError: if there are customers already, or an option makes no sense
        """
        now = self._present(options["now"])
        if not (1 <= options["customers"] <= 500 and 4 <= options["months"] <= 36):
            raise CommandError("Choose 1 to 500 customers, and 4 to 36 months.")
        if Customer.objects.exists():
            raise CommandError(
                "There are customers in this database already; the demo company is loaded only into an empty one."
            )
        self._load(now, customers=options["customers"], months=options["months"])
        call_command("check_books", stdout=self.stdout)
        call_command("verify_audit", stdout=self.stdout)
        self.stdout.write(f"The API key of the demo is kept in {api_key_file()}")

    def _present(self, chosen: datetime | None) -> datetime:
        now = timezone.now()
        if chosen is None:
            return now.replace(second=0, microsecond=0)
        if chosen.tzinfo is None or chosen > now:
            raise CommandError("The present is a moment with its offset from UTC, and does not lie ahead of us.")
        return chosen.astimezone(UTC)

    def _load(self, now: datetime, *, customers: int, months: int) -> None:
        first = loading.first_day(now, months)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        console = Console(highlight=False)
        with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
            task: TaskID = progress.add_task("A year of Nordlicht GmbH", total=(now.date() - first).days)

            def show(moment: datetime) -> None:
                day = moment.date()
                progress.update(task, completed=(day - first).days, description=f"Nordlicht GmbH, {day:%B %Y}")

            loading.load(now=now, count=customers, months=months, show=show)
