"""The server the benchmarks run on: durable, our own and thrown away, unless DATABASE_URL names another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.benchmarks.harness import owner_connection

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "bench_template"


class Server:
    """Makes migrated databases, one per subject, and drops them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.made: list[str] = []

    def address(self, name: str) -> str:
        """Return the address of one database, as the owner."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def prepare(self) -> None:
        """Make the migrated template, as the owner."""
        self._execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
        self.made.append(TEMPLATE)
        environment = {**os.environ, "DATABASE_URL": self.address(TEMPLATE), "DATABASE_ROLE": "", "LOG_LEVEL": "ERROR"}
        for command in (["migrate", "-v0"], ["sync_roles"]):
            done = subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True
            )
            if done.returncode:
                sys.exit(f"manage.py {command[0]} failed:\n{done.stderr[-4000:]}")

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Yield the address of a fresh migrated database; drop it at the end."""
        self._execute(
            f"DROP DATABASE IF EXISTS bench_{name} WITH (FORCE)",
            f"CREATE DATABASE bench_{name} TEMPLATE {TEMPLATE} STRATEGY wal_log",
        )
        self.made.append(f"bench_{name}")
        try:
            yield self.address(f"bench_{name}")
        finally:
            self.drop(f"bench_{name}")

    def drop(self, name: str) -> None:
        """Drop a database."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "CHECKPOINT")
        self.made.remove(name)

    def _execute(self, *statements: str) -> None:
        with owner_connection(self.address("postgres")) as admin:
            for statement in statements:
                admin.execute(statement)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start PostgreSQL and Redis where none is named, and stop them; Django is set up as the application's role."""
    from billing_desk import embedded

    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    os.environ["BILLING_DESK_DATA"] = str(folder)
    running = []
    try:
        if "DATABASE_URL" not in os.environ:
            running.append(embedded.start_postgres(folder))
            os.environ["DATABASE_URL"] = embedded.database_url(folder)
        if "REDIS_URL" not in os.environ:
            running.append(embedded.start_redis(folder))
            os.environ["REDIS_URL"] = embedded.redis_url(folder)
        server = Server(os.environ["DATABASE_URL"])
        server.prepare()
        os.environ |= {"DJANGO_SETTINGS_MODULE": "billing_desk.settings", "DATABASE_ROLE": "billing_desk_app"}
        os.environ["LOG_LEVEL"] = "ERROR"
        import django

        django.setup()
        try:
            yield server
        finally:
            for name in list(server.made):
                server.drop(name)
    finally:
        for one in running:
            one.stop()
        shutil.rmtree(folder, ignore_errors=True)
