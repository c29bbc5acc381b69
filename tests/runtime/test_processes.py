"""The runner's parts on their own: programs that end, that will not end, and secrets that stay."""

from __future__ import annotations

import io
import os
import socket
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from billing_desk.demo import prepare, processes
from billing_desk.demo.environment import PortInUseError, choose_ports, kept_secret
from billing_desk.demo.processes import Child, Program, stop_all, stop_left_behind
from billing_desk.demo.supervision import Watch
from billing_desk.demo.terminal import Terminal


def terminal() -> tuple[Terminal, io.StringIO]:
    out, made = io.StringIO(), Terminal()
    made.console = Console(file=out, width=200)
    return made, out


def child(folder: Path, script: str, shown: Terminal, *, name: str = "web") -> Child:
    program = Program(name, "cyan", (sys.executable, "-c", script))
    return Child(program, environment=dict(os.environ), folder=folder, show=shown.show)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_every_line_of_a_program_appears_behind_its_name_without_its_own_colours(tmp_path: Path) -> None:
    shown, out = terminal()
    program = child(tmp_path, r"print('\x1b[31mred\x1b[0m [bold]'); print('two')", shown)

    program.start()
    wait_for(lambda: program.ended() is not None, "the program did not end")

    assert out.getvalue() == "   web │ red [bold]\n   web │ two\n"


def test_a_program_that_keeps_ending_is_started_again_ever_more_slowly(tmp_path: Path) -> None:
    shown, out = terminal()
    program = child(tmp_path, "raise SystemExit(3)", shown)
    watch, now = Watch(program), time.monotonic()
    program.start()

    for _ in range(3):
        wait_for(lambda: program.ended() is not None, "the program did not end")
        watch.look(now, shown)
        assert watch.due_at is not None
        now = watch.due_at
        watch.look(now, shown)

    assert out.getvalue().splitlines() == [
        "web ended (exit code 3); starting it again in 1 s.",
        "web ended (exit code 3); starting it again in 2 s.",
        "web ended (exit code 3); starting it again in 5 s.",
    ]
    stop_all([program])


def test_a_program_that_ignores_the_request_is_killed_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PATIENCE_S", 0.3)
    shown, out = terminal()
    script = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork();"
        "print('deaf', flush=True); time.sleep(600)"
    )
    program = child(tmp_path, script, shown)
    program.start()
    wait_for(lambda: out.getvalue().count("deaf") == 2, "the programs did not start")

    stop_all([program])

    assert program.process
    wait_for(lambda: not _group_exists(program.process.pid), "a process is left")


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_only_what_still_runs_is_left_behind(tmp_path: Path) -> None:
    shown, _ = terminal()
    running, over = child(tmp_path, "import time; time.sleep(600)", shown), child(tmp_path, "", shown, name="beat")
    running.start()
    over.start()
    wait_for(lambda: over.ended() is not None, "the program did not end")

    # A pid file whose process is over may hold a number that belongs to somebody else by now.
    over.pid_file.write_text(str(os.getpid()))

    assert stop_left_behind([running.pid_file, over.pid_file]) == ["web"]
    wait_for(lambda: running.ended() is not None, "the program still runs")


def test_a_secret_is_made_once_and_only_we_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "inbound"

    first, second = kept_secret(path, prefix="whsec_"), kept_secret(path, prefix="whsec_")

    assert first == second
    assert first.startswith("whsec_")
    assert len(first) > 60
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_port_that_was_asked_for_never_gives_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortInUseError, match=rf"Port {port} is in use .* --smtp-port {port + 1}"):
            choose_ports(web=None, smtp=port, imap=1)


def test_a_database_of_the_users_own_is_never_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@server/mine")
    unfinished = tmp_path / "loading"
    unfinished.touch()

    with pytest.raises(SystemExit, match="Empty the database that DATABASE_URL names"):
        prepare.start_over(unfinished)

    assert unfinished.exists()
