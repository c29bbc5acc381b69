"""receive_email: one raw mail on standard input becomes a message of a ticket; for a mail server's pipe."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ledger.errors import DomainError
from tickets.intake.operations import receive_email


class Command(BaseCommand):
    """Exit status 0 means that the mail is stored; anything else lets the mail server keep it and try again."""

    help = "Read one raw e-mail (RFC 5322) from standard input and store it: receive_email < message.eml"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the mailbox the mail came to."""
        parser.add_argument("--mailbox", default=settings.SUPPORT_ADDRESS, help="The address the mail was sent to")

    def handle(self, *args: object, mailbox: str, **options: object) -> None:
        """Store the mail and say where."""
        try:
            ticket = receive_email(sys.stdin.buffer.read(), mailbox=mailbox, at=timezone.now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if ticket is None:
            self.stdout.write("Stored already, or parked because nobody has to answer it.")
        else:
            self.stdout.write(f"Case {ticket.number}: {ticket.subject}")
