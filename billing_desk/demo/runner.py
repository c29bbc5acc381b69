"""Run the whole demo in one terminal: servers, preparation, programs, log, and a clean end."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from billing_desk import embedded
from billing_desk.demo.environment import Ports, child_environment, choose_ports, owner_environment
from billing_desk.demo.left_behind import stop_servers_left_behind
from billing_desk.demo.processes import Child, Program, claim, stop_all, stop_left_behind, write_claimed
from billing_desk.demo.supervision import DemoError, supervise
from billing_desk.demo.terminal import Terminal

#: Seconds to wait for the first answer of the web server.
WEB_START_S = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopper:
    """Turns Ctrl-C, SIGTERM and a closed terminal into one KeyboardInterrupt, at a moment that loses no process."""

    def __init__(self) -> None:
        self.requested = self.holding = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take the signal; while holding it is only remembered."""
        self.requested = True
        if not self.holding:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Put off the interrupt until the block is left: a server being started must not be forgotten."""
        self.holding = True
        yield
        self.holding = False
        if self.requested:
            raise KeyboardInterrupt


def run_demo(*, web: int | None, smtp: int, imap: int, empty: bool = False) -> None:
    """Run everything until Ctrl-C or SIGTERM, and leave no process; `empty` loads no demo company.

    :raises DemoError: if something hinders the start, or a part cannot go on
    :raises PortInUseError: if another program listens on a port
    """
    data, terminal = embedded.data_directory(), Terminal()
    lock = _claim_data(data)
    stopper = Stopper()
    for number in SIGNALS:
        signal.signal(number, stopper)
    servers: dict[str, embedded.Server] = {}
    children: list[Child] = []
    try:
        _clear_left_behind(data, terminal)
        ports = choose_ports(web=web, smtp=smtp, imap=imap)
        write_claimed(lock, f"process {os.getpid()}, http://localhost:{ports.web}/")
        _start_servers(data, servers, stopper, terminal)
        _prepare(owner_environment(data, ports), empty=empty)
        _start_programs(data, ports, children, stopper, terminal)
        _wait_for_web(children, ports.web)
        terminal.greet(ports, data)
        supervise(children, servers, terminal)
    except KeyboardInterrupt:
        terminal.say("Stopping …")
    finally:
        stopper.holding = True
        stop_all(children)
        for server in reversed(servers.values()):
            server.stop()
        os.close(lock)
    terminal.say("Stopped. The data is kept; the next start takes seconds.")


def _claim_data(data: Path) -> int:
    path = data / "dev.lock"
    try:
        lock = claim(path)
    except OSError as refusal:
        raise DemoError(
            f"{data} cannot be used: {refusal.strerror}. Name another folder by BILLING_DESK_DATA."
        ) from refusal
    if lock is None:
        who = path.read_text().strip() or "it is just starting"
        raise DemoError(
            f"The demo is running already ({who}).\nStop it there with Ctrl-C first, or set BILLING_DESK_DATA "
            "to another folder for a second one."
        )
    return lock


def _clear_left_behind(data: Path, terminal: Terminal) -> None:
    left = stop_left_behind(sorted((data / "run").glob("*.pid"))) + stop_servers_left_behind(data)
    if left:
        terminal.say(f"The last run was killed; stopped what it left behind: {', '.join(left)}.")


def _start_servers(data: Path, servers: dict[str, embedded.Server], stopper: Stopper, terminal: Terminal) -> None:
    for name, variable, start in (
        ("PostgreSQL", "DATABASE_URL", embedded.start_postgres),
        ("Redis", "REDIS_URL", embedded.start_redis),
    ):
        if os.environ.get(variable):
            terminal.say(f"Using the {name} that {variable} names.")
            continue
        began = time.monotonic()
        with stopper.held():
            servers[name] = start(data)
        terminal.done(name, time.monotonic() - began)


def _prepare(environment: dict[str, str], *, empty: bool) -> None:
    command = [sys.executable, "-m", "billing_desk.demo.prepare", *(["--empty"] if empty else [])]
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(command, env=environment, cwd=root, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if code != 0:
        raise DemoError("The database could not be prepared; the reason stands above.")


def _start_programs(data: Path, ports: Ports, children: list[Child], stopper: Stopper, terminal: Terminal) -> None:
    (data / "beat").mkdir(exist_ok=True)
    environment = child_environment(data, ports)
    for program in programs(data, ports):
        child = Child(program, environment=environment, folder=data / "run", show=terminal.show)
        with stopper.held():
            child.start()
            children.append(child)


def programs(data: Path, ports: Ports) -> list[Program]:
    """Return what runs in the demo, the web server first."""
    python, celery = sys.executable, (sys.executable, "-m", "celery", "-q", "-A", "billing_desk")
    uvicorn = (python, "-m", "uvicorn", "billing_desk.asgi:application", "--host", "127.0.0.1", "--lifespan", "off")
    peers = (python, "-m", "billing_desk.demo.mail_server")
    schedule = str(data / "beat" / "schedule")
    return [
        Program(
            "web", "cyan", (*uvicorn, "--port", str(ports.web), "--no-access-log", "--timeout-graceful-shutdown", "3")
        ),
        Program("worker", "green", (*celery, "worker", "-c", "2", "--loglevel", "WARNING", "--without-mingle")),
        Program("beat", "magenta", (*celery, "beat", "--schedule", schedule, "--pidfile=", "--loglevel", "WARNING")),
        Program("smtp", "yellow", (*peers, "smtp", str(ports.smtp))),
        Program("imap", "blue", (*peers, "imap", str(ports.imap))),
    ]


def _wait_for_web(children: list[Child], port: int) -> None:
    web, deadline = children[0], time.monotonic() + WEB_START_S
    while time.monotonic() < deadline:
        if web.ended() is not None:
            raise DemoError(_why_web_ended(web, port))
        connection = http.client.HTTPConnection("localhost", port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/healthz")
            connection.getresponse()
            return
        time.sleep(0.1)
    raise DemoError(f"The web server did not answer on port {port} within {WEB_START_S:.0f} seconds.")


def _why_web_ended(web: Child, port: int) -> str:
    if any("address already in use" in line.lower() for line in web.last_lines):
        return f"Port {port} is in use by another program; choose another one by --port."
    last = web.last_lines[-1] if web.last_lines else "it said nothing"
    return f"The web server did not start: {last}\nAll it said stands above, behind the word web."
