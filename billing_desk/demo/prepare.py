"""Bring the demo's database up to date and fill it when it is empty: `python -m billing_desk.demo.prepare [--empty]`.

Runs as the owner of the database, in a process of its own, before anything else is started.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from rich.console import Console

console = Console(highlight=False)


def main(*, load: bool) -> None:
    """Migrate, write the roles, collect static files, and `load` the demo company into an empty database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_desk.settings")
    # Migrations make every model anew many times over: collecting garbage as often as usual takes a fifth of that time.
    gc.set_threshold(50_000, 20, 20)
    django.setup()
    unfinished = Path(settings.DATA_DIR) / "loading"
    if unfinished.exists():
        start_over(unfinished)
    step("Database schema", lambda: call_command("migrate", verbosity=0, interactive=False))
    step("Roles and rights", lambda: call_command("sync_roles", stdout=io.StringIO()))
    step("Static files", lambda: call_command("collectstatic", verbosity=0, interactive=False))
    if load and is_empty():
        console.print("Loading the demo company; this happens once.")
        unfinished.write_text("The demo company is being loaded into the database.\n")
        step("Demo company", lambda: call_command("seed_demo"))
        unfinished.unlink()


def step(name: str, run: Callable[[], object]) -> None:
    """Run one step and say how long it took."""
    start = time.monotonic()
    run()
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - start:.1f} s[/]")


def is_empty() -> bool:
    """Return whether nobody has put a customer into this database yet."""
    return not apps.get_model("ledger", "Customer").objects.exists()


def start_over(unfinished: Path) -> None:
    """Empty the demo's own database after loading was interrupted: nobody can have used it.

    A server of the user's own is never emptied.
    """
    if os.environ.get("DATABASE_URL"):
        sys.exit(
            "Loading the demo company was interrupted the last time. Empty the database that DATABASE_URL names, "
            f"delete {unfinished}, and start again."
        )
    console.print("Loading the demo company was interrupted the last time: starting over.")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
        cursor.execute("GRANT USAGE ON SCHEMA public TO public")
    unfinished.unlink()


if __name__ == "__main__":
    main(load="--empty" not in sys.argv)
