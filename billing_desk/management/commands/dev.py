"""Start the whole product in one terminal, for trying it and for working on it; `make demo` calls this."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing_desk.demo.environment import PortInUseError
from billing_desk.demo.mail import IMAP_PORT, SMTP_PORT
from billing_desk.demo.runner import run_demo
from billing_desk.demo.supervision import DemoError
from billing_desk.embedded import ServerDidNotStart


class Command(BaseCommand):
    """Database, Redis, web server, worker, clock and mail, until Ctrl-C."""

    help = (
        "Start database, Redis, web server, worker, beat and a mail server in one terminal. Without DATABASE_URL and "
        "REDIS_URL, servers of its own are started, with their data under BILLING_DESK_DATA."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ports, for a machine where the usual ones are taken; and a start without data."""
        parser.add_argument("--port", type=int, help="of the web server (default: the first free one from 8000)")
        parser.add_argument("--smtp-port", type=int, default=SMTP_PORT, help="of the mail sink (default: %(default)s)")
        parser.add_argument("--imap-port", type=int, default=IMAP_PORT, help="of the mailbox (default: %(default)s)")
        parser.add_argument("--empty", action="store_true", help="do not load the demo company")

    def handle(self, **options: Any) -> None:
        """Run until told to stop; end with code 1 and one clear message when something hinders the start."""
        try:
            run_demo(web=options["port"], smtp=options["smtp_port"], imap=options["imap_port"], empty=options["empty"])
        except (DemoError, PortInUseError, ServerDidNotStart) as refusal:
            raise CommandError(str(refusal)) from refusal
