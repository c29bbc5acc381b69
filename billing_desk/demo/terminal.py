"""What the demo shows in the terminal: prefixed log lines, and where to go."""

from __future__ import annotations

import contextlib
from pathlib import Path

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from billing_desk.demo.environment import Ports
from billing_desk.demo.people import SIGN_INS
from billing_desk.demo.processes import Program

PAGES = (
    ("Workspace for agents", "/desk/"),
    ("Portal for customers", "/account/"),
    ("Admin", "/admin/"),
    ("API documentation", "/api/v1/docs"),
    ("Demo mailbox", "/demo/mailbox/"),
)


class Terminal:
    """One console for all lines; it may be used from several threads."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def _print(self, what: RenderableType) -> None:
        # A closed terminal or pipe must not keep the demo from stopping its processes.
        with contextlib.suppress(OSError, SystemExit):
            self.console.print(what, soft_wrap=True)

    def say(self, text: str) -> None:
        """Show one line of the runner itself."""
        self._print(Text(text, style="bold"))

    def warn(self, text: str) -> None:
        """Show a line that asks for attention."""
        self._print(Text(text, style="bold red"))

    def done(self, what: str, seconds: float) -> None:
        """Show that one step of the start is done."""
        self._print(Text.assemble(("✓ ", "green"), what, (f" {seconds:.1f} s", "dim")))

    def show(self, program: Program, line: str) -> None:
        """Show one line of a program behind its name."""
        self._print(Text.assemble((f"{program.name:>6} │ ", program.colour), line))

    def greet(self, ports: Ports, data: Path) -> None:
        """Show the addresses and the sign-ins."""
        pages = Table(title="billing desk is running", title_justify="left", title_style="bold", show_header=False)
        for name, path in PAGES:
            pages.add_row(name, f"http://localhost:{ports.web}{path}")
        pages.add_row("Mail in", f"SMTP on port {ports.smtp}, IMAP on port {ports.imap}")
        pages.add_row("Data", str(data))
        people = Table(title="Sign in as", title_justify="left", title_style="bold")
        for heading in ("Role", "User name", "Password"):
            people.add_column(heading)
        for row in SIGN_INS:
            people.add_row(*row)
        self._print("")
        self._print(pages)
        self._print(people)
        self.say("Ctrl-C stops everything and keeps the data.")
