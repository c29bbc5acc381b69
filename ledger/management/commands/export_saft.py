"""Write the journal as a SAF-T file to the standard output."""

import sys
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.errors import DomainError
from ledger.exports.saft import saft_lines
from ledger.exports.spans import span_of


class Command(BaseCommand):
    """Stream the journal in one currency."""

    help = "Write the journal of one currency as a SAF-T Financial file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the first and the last day, and the currency."""
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="First day (default: first entry)")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="Last day (default: today)")
        parser.add_argument("--currency", default=settings.BOOK_CURRENCY, help="Default: the book currency")

    def handle(self, *args: object, **options: Any) -> None:
        """Write piece by piece.

        :raises CommandError: if there is nothing to export
        """
        today = timezone.localdate()
        try:
            first, last = span_of(options["first"], options["last"], today=today)
            pieces = saft_lines(first, last, currency=options["currency"], created_on=today)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        out = options.get("stdout") or sys.stdout
        for piece in pieces:
            out.write(piece)
