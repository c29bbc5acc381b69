"""Pytest plugin: an own throw-away PostgreSQL, migrated once, copied for every worker, cleaned after tests that commit.

Tests act as the application's database role, so what the product may not do, a test cannot do either. With DATABASE_URL
set, that server is used instead (its user must be allowed to create databases and roles).
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from billing_desk import embedded
from tests import cleaning, kept, template

ROOT = Path(__file__).resolve().parent.parent
FIRST, COMPILED = "gw0", "everything-is-compiled"
MIGRATED, TEMPLATE = "billing_desk_migrated", "billing_desk_template"
_running: list[embedded.Server] = []
_folder: list[str] = []
_kept: list[str] = []
_making: list[subprocess.Popen[bytes]] = []
_copies: list[cleaning.Copy] = []
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
    """In the main process: start the server and let the template be made; in every process: point Django at a copy.

    It runs when pytest imports this plugin, because pytest-django reads the settings before any hook of ours.
    """
    if "BILLING_DESK_TEST_URL" not in os.environ:
        _folder.append(tempfile.mkdtemp(prefix="bd-"))
        os.chmod(_folder[0], 0o755)
        os.environ["BILLING_DESK_DATA"] = _folder[0]
        url = os.environ.get("DATABASE_URL")
        if not url:
            _kept.append(kept.key())
            kept.borrow(_kept[0], Path(_folder[0]))
            _running.append(embedded.start_postgres(Path(_folder[0]), durable=False))
            url = embedded.database_url(Path(_folder[0]))
        os.environ["BILLING_DESK_TEST_URL"] = url
        os.environ["BILLING_DESK_TEST_TEMPLATE"] = f"{TEMPLATE}_{os.getpid()}"
        _make_template(url)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if worker not in ("main", FIRST):
        _let_the_first_compile()
    name = f"billing_desk_{worker}_{os.getpid()}"
    os.environ["DATABASE_URL"] = _with_name(os.environ["BILLING_DESK_TEST_URL"], name)
    os.environ["DATABASE_ROLE"] = "billing_desk_app"


def _let_the_first_compile() -> None:
    """In a new clone: one worker compiles what all of them import, while another processor makes the template."""
    compiled, until = Path(os.environ["BILLING_DESK_DATA"]) / COMPILED, time.monotonic() + 60
    while not sys.dont_write_bytecode and not compiled.exists() and time.monotonic() < until:
        time.sleep(0.1)


def _make_template(url: str) -> None:
    """Begin to make the template. It goes on while the tests are collected; whoever needs it first waits for it."""
    name = MIGRATED if _running else f"{MIGRATED}_{os.getpid()}"
    with _admin(url) as admin:
        if admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            admin.execute(f'CREATE DATABASE "{name}"')
    environment = {**os.environ, "DATABASE_URL": _with_name(url, name), "DATABASE_ROLE": "", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "tests.template"]
    with open(Path(_folder[0]) / "template.log", "wb") as log:
        _making.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))


def _await_template() -> None:
    folder = Path(os.environ["BILLING_DESK_DATA"])
    while not (folder / template.READY).exists():
        if (folder / template.FAILED).exists():
            said = (folder / "template.log").read_text(errors="replace")
            pytest.exit(f"The database of the tests could not be made:\n{said[-6000:]}", returncode=3)
        time.sleep(0.05)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker for each processor this run may use; with more, all of them together take longer."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every worker begin with its share of the slow tests, so that none of them is left over at the end."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = [item for item in items if not item.get_closest_marker("slow")]
    share = len(items) // workers
    items.clear()
    for number in range(workers):
        first = slow[number::workers]
        last = None if number == workers - 1 else share - len(first)
        items += first + others[:last]
        del others[:last]


def pytest_collection_finish() -> None:
    """Keep the collector from walking what was loaded, over and over, for thousands of tests."""
    (Path(os.environ["BILLING_DESK_DATA"]) / COMPILED).touch()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop the template; in the main process stop the server and remove its folder."""
    if not hasattr(config, "workerinput"):
        _stop()


def _stop() -> None:
    while _making:
        making = _making.pop()
        making.kill()
        making.wait()
    if _folder:
        with _admin(os.environ["BILLING_DESK_TEST_URL"]) as admin:
            of_this_run = [
                os.environ["BILLING_DESK_TEST_TEMPLATE"],
                *([] if _running else [f"{MIGRATED}_{os.getpid()}"]),
            ]
            for name in of_this_run:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    while _running:
        _running.pop().stop()
    for folder in _folder:
        if _kept and (Path(folder) / template.READY).exists():
            kept.keep(_kept[0], Path(folder))
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
    if _copies and _copies[-1].clean():
        return
    _forget_copy()
    _await_template()
    url = os.environ["BILLING_DESK_TEST_URL"]
    _copy(url, urlsplit(database_url()).path.lstrip("/"), os.environ["BILLING_DESK_TEST_TEMPLATE"])
    _copies.append(cleaning.Copy(database_url()))


def drop_database() -> None:
    """Drop this worker's database."""
    _close_connections()
    _forget_copy()
    with _admin(os.environ["BILLING_DESK_TEST_URL"]) as admin:
        name = urlsplit(database_url()).path.lstrip("/")
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _forget_copy() -> None:
    while _copies:
        _copies.pop().close()


_prepare()
