"""manage.py write_docs: write the generated pages of docs/, or say which are stale."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing_desk.docs_writer import stale_pages, write_pages


class Command(BaseCommand):
    """It needs no database."""

    help = "Write docs/events.md and docs/state-machines.md from the code."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let it only look."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check.

        :raises CommandError: if `--check` finds a stale page
        """
        pages = stale_pages() if options["check"] else write_pages()
        names = ", ".join(str(page.relative_to(settings.BASE_DIR)) for page in pages)
        if options["check"] and names:
            raise CommandError(f"Stale: {names}. Run `python manage.py write_docs`.")
        self.stdout.write(f"Written: {names}." if names else "All generated pages are up to date.")
