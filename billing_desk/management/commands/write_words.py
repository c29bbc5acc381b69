"""manage.py write_words: bring the portal's translations up to date and compile them, or say what is wrong."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing_desk.message_catalogue import faults, write_catalogues


class Command(BaseCommand):
    """It needs neither a database nor gettext."""

    help = "Write billing_desk/locale from templates and code, and compile it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let it only look."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when anything is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check.

        :raises CommandError: if a sentence is not translated, or with `--check` anything else is wrong
        """
        written = [] if options["check"] else write_catalogues()
        for path in written:
            self.stdout.write(f"Written: {path.relative_to(settings.BASE_DIR)}.")
        wrong = faults()
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("Every sentence has its translation.")
