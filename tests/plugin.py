"""Pytest plugin: an own throw-away PostgreSQL, migrated once, copied for every worker and refreshed by copying.

Tests act as the application's database role, so what the product may not do, a test cannot do either. With DATABASE_URL
set, that server is used instead (its user must be allowed to create databases and roles).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from billing_desk import embedded

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "billing_desk_template"
_running: list[embedded.Server] = []
_folder: list[str] = []
_connected: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()


def _with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _admin(url: str) -> psycopg.Connection:
    """Connect to the maintenance database as the owner."""
    return psycopg.connect(_with_name(url, "postgres"), autocommit=True)


def _copy(url: str, name: str, template: str) -> None:
    with _admin(url) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')


def _prepare() -> None:
    """In the main process: start the server and migrate the template; in every process: point Django at a copy.

    It runs when pytest imports this plugin, because pytest-django reads the settings before any hook of ours.
    """
    if "BILLING_DESK_TEST_URL" not in os.environ:
        _folder.append(tempfile.mkdtemp(prefix="bd-"))
        os.chmod(_folder[0], 0o755)
        os.environ["BILLING_DESK_DATA"] = _folder[0]
        url = os.environ.get("DATABASE_URL")
        if not url:
            _running.append(embedded.start_postgres(Path(_folder[0]), durable=False))
            url = embedded.database_url(Path(_folder[0]))
        os.environ["BILLING_DESK_TEST_URL"] = url
        _migrate(url)
    name = f"billing_desk_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    os.environ["DATABASE_URL"] = _with_name(os.environ["BILLING_DESK_TEST_URL"], name)
    os.environ["DATABASE_ROLE"] = "billing_desk_app"


def _migrate(url: str) -> None:
    template = f"{TEMPLATE}_{os.getpid()}"
    os.environ["BILLING_DESK_TEST_TEMPLATE"] = template
    with _admin(url) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{template}"')
    environment = {**os.environ, "DATABASE_URL": _with_name(url, template), "DATABASE_ROLE": "", "LOG_LEVEL": "ERROR"}
    for command in (["migrate", "-v0"], ["sync_roles"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            _stop()
            sys.exit(f"manage.py {command[0]} failed:\n{done.stdout}\n{done.stderr[-6000:]}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop the template; in the main process stop the server and remove its folder."""
    if not hasattr(config, "workerinput"):
        _stop()


def _stop() -> None:
    template = os.environ.get("BILLING_DESK_TEST_TEMPLATE")
    if _folder and not _running and template:
        with _admin(os.environ["BILLING_DESK_TEST_URL"]) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
    while _running:
        _running.pop().stop()
    for folder in _folder:
        shutil.rmtree(folder, ignore_errors=True)


def database_url() -> str:
    """Return the address of this worker's database, as the owner."""
    return os.environ["DATABASE_URL"]


def remember_connection(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Keep track of every connection made, in whatever thread or event loop."""
    _connected.add(connection)


def _close_connections() -> None:
    # Django keeps connections per thread and, while a browser's event loop runs, once more beside that: closing "all"
    # closes those of one side only, and the server ends the others under the feet of the next test.
    from django.db import connections

    connections.close_all()
    for wrapper in list(_connected):
        if wrapper.connection is not None:
            wrapper.connection.close()
            wrapper.connection = None
            wrapper.in_atomic_block, wrapper.needs_rollback, wrapper.savepoint_ids = False, False, []


def refresh_database() -> None:
    """Bring this worker's database back to the migrated template."""
    _close_connections()
    url = os.environ["BILLING_DESK_TEST_URL"]
    _copy(url, urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/"), os.environ["BILLING_DESK_TEST_TEMPLATE"])


def drop_database() -> None:
    """Drop this worker's database."""
    _close_connections()
    with _admin(os.environ["BILLING_DESK_TEST_URL"]) as admin:
        name = urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


_prepare()
