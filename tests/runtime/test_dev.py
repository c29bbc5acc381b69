"""`manage.py dev` really run: embedded servers, programs, refusals, and the end without a process left."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.db import connection

from billing_desk.demo.left_behind import stop_servers_left_behind
from billing_desk.demo.prepare import start_over
from billing_desk.demo.processes import stop_left_behind
from tests.runtime.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
#: What the test run itself sets; the demo must not see it.
OURS = {"DATABASE_URL", "DATABASE_ROLE", "REDIS_URL", "BILLING_DESK_DATA", "LOG_LEVEL"}
PROGRAMS = {"web", "worker", "beat", "smtp", "imap"}


@pytest.fixture
def data() -> Iterator[Path]:
    # Short, and open to the user that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="bd-dev-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
        stop_left_behind(sorted((path / "run").glob("*.pid")))
        stop_servers_left_behind(path)


class Demo:
    """One run of `manage.py dev` with an empty company."""

    def __init__(self, data: Path, *, port: int | None = None) -> None:
        self.data, self.port, self.text = data, port or free_port(), ""
        command = [sys.executable, "manage.py", "dev", "--empty", "--port", str(self.port)]
        command += ["--smtp-port", str(free_port()), "--imap-port", str(free_port())]
        environment = {key: value for key, value in os.environ.items() if key not in OURS}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "BILLING_DESK_DATA": str(data), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self.process.stdout
        os.set_blocking(self.process.stdout.fileno(), False)

    def until(self, words: str, *, within_s: float = 240) -> None:
        deadline = time.monotonic() + within_s
        while not re.search(words, self.text):
            assert time.monotonic() < deadline, f"{words!r} was not shown:\n{self.text}"
            assert self.read() or self.process.poll() is None, f"ended before showing {words!r}:\n{self.text}"
            time.sleep(0.05)

    def read(self) -> str:
        assert self.process.stdout
        found = (self.process.stdout.read() or b"").decode()
        self.text += found
        return found

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self.read()
        return code

    def pids(self) -> dict[str, int]:
        return {path.stem: int(path.read_text()) for path in (self.data / "run").glob("*.pid")}


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_the_demo_starts_refuses_a_second_start_restarts_a_program_and_leaves_nothing(data: Path) -> None:
    """One story on one folder, because the first start makes the database, which takes longer than the rest."""
    killed = Demo(data)
    killed.until("Ctrl-C stops everything")
    pids, key = killed.pids(), (data / "secrets" / "secret_key").read_text()
    assert set(pids) == PROGRAMS
    with urlopen(f"http://localhost:{killed.port}/healthz", timeout=20) as answer:
        assert answer.status == 200

    second = Demo(data)
    assert second.process.wait(timeout=60) == 1
    second.read()
    assert f"The demo is running already (process {killed.process.pid}, http://localhost:{killed.port}/)" in second.text

    os.killpg(pids["smtp"], signal.SIGKILL)
    killed.until(r"smtp ended \(signal SIGKILL\); starting it again in 1 s")
    killed.until(r"(?s)smtp ended.*smtp │ SMTP on port")
    pids |= killed.pids()

    # The runner is killed: the next start cleans up.
    killed.process.kill()
    killed.process.wait()
    demo = Demo(data)
    demo.until("Ctrl-C stops everything")
    assert "The last run was killed; stopped what it left behind" in demo.text
    assert [name for name, pid in pids.items() if is_alive(pid)] == []
    assert (data / "secrets" / "secret_key").read_text() == key

    began = time.monotonic()
    assert demo.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 15
    assert [name for name, pid in demo.pids().items() if is_alive(pid)] == []
    assert stop_servers_left_behind(data) == []


@pytest.mark.django_db(transaction=True)
def test_a_company_that_was_half_loaded_is_dropped_and_one_in_a_database_of_the_users_own_is_not(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unfinished = data / "loading"
    unfinished.touch()
    with pytest.raises(SystemExit, match="Empty the database that DATABASE_URL names"):
        start_over(unfinished)
    assert unfinished.exists()

    monkeypatch.delenv("DATABASE_URL")  # as with the demo's own server
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")  # the owner of the database prepares it
    start_over(unfinished)
    tables = connection.introspection.table_names()

    assert "was interrupted the last time: starting over" in capsys.readouterr().out
    assert not unfinished.exists()
    assert tables == []  # so the next step, the migration, makes all of them anew


def test_a_port_in_use_is_named_before_anything_is_started(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = Demo(data, port=port)
        code = demo.process.wait(timeout=60)
    demo.read()

    assert code == 1
    assert f"Port {port} is in use by another program." in demo.text
    assert "Traceback" not in demo.text
    assert not (data / "pg").exists()


def test_a_data_folder_that_cannot_be_used_is_named(data: Path) -> None:
    (data / "file").touch()

    demo = Demo(data / "file")

    assert demo.process.wait(timeout=60) == 1
    demo.read()
    assert f"{data / 'file'} cannot be used" in demo.text
    assert "Traceback" not in demo.text
