"""Write the journal as a Beancount file to the standard output."""

import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.errors import DomainError
from ledger.exports.beancount import beancount_lines
from ledger.exports.spans import span_of


class Command(BaseCommand):
    """Stream the journal; its last lines assert our trial balance."""

    help = "Write the journal as a Beancount file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the first and the last day."""
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="First day (default: first entry)")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="Last day (default: today)")

    def handle(self, *args: object, **options: Any) -> None:
        """Write line by line.

        :raises CommandError: if there is nothing to export
        """
        try:
            first, last = span_of(options["first"], options["last"], today=timezone.localdate())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        out = options.get("stdout") or sys.stdout
        for line in beancount_lines(first, last):
            out.write(line)
