"""Child processes of the demo: started in groups of their own, their lines shown with a prefix, stopped without rest.

Each holds a lock on its pid file for as long as it lives, and its own children inherit that lock. So the next start can
tell for certain whether something was left behind by a runner that was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

#: Seconds a process may take to finish its work after SIGTERM, before it is killed.
PATIENCE_S = 6.0
#: Terminal colours a program prints on its own; the prefix brings ours.
COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")


def claim(path: Path) -> int | None:
    """Lock a file for this process and return its descriptor; None while another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_claimed(descriptor: int, text: str) -> None:
    """Replace what a locked file says."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


@dataclass(frozen=True)
class Program:
    """What to run, under which name and colour its lines appear."""

    name: str
    colour: str
    command: tuple[str, ...]


class Child:
    """One running program of the demo."""

    def __init__(
        self, program: Program, *, environment: dict[str, str], folder: Path, show: Callable[[Program, str], None]
    ) -> None:
        self.program, self.environment, self.show = program, environment, show
        self.pid_file = folder / f"{program.name}.pid"
        self.process: subprocess.Popen[bytes] | None = None
        self.last_lines: deque[str] = deque(maxlen=15)
        self.started_at = 0.0
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start the program in a process group of its own."""
        lock = claim(self.pid_file)
        if lock is None:
            stop_left_behind([self.pid_file])
            lock = claim(self.pid_file)
        assert lock is not None, f"{self.program.name} is still running"
        self.last_lines.clear()
        self.process = subprocess.Popen(
            self.program.command,
            env=self.environment,
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock,),
        )
        write_claimed(lock, str(self.process.pid))
        os.close(lock)  # the child holds it now
        self.started_at = time.monotonic()
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        for raw in process.stdout:
            line = COLOUR_CODES.sub("", raw.decode(errors="replace")).rstrip()
            if line:
                self.last_lines.append(line)
                self.show(self.program, line)

    def ended(self) -> int | None:
        """Return the exit code once the program has ended and its last lines are shown, else None."""
        code = self.process.poll() if self.process else 0
        if code is not None and self._reader is not None:
            self._reader.join(timeout=1)
        return code

    def ask_to_stop(self) -> None:
        """Ask the program to finish; its own children are its business."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait_stopped(self, deadline: float) -> None:
        """Wait for the end until `deadline` (monotonic seconds), then kill whatever is left of the group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.ended()


def stop_all(children: Iterable[Child]) -> None:
    """Stop all programs at once, in a bounded time."""
    children = list(children)
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE_S
    for child in children:
        child.wait_stopped(deadline)


def stop_left_behind(pid_files: Iterable[Path]) -> list[str]:
    """Kill programs whose runner was killed; return their names. A free pid file means there is nothing to kill."""
    stopped = []
    for path in pid_files:
        lock = claim(path)
        if lock is not None:
            os.close(lock)
            continue
        content = path.read_text().strip()
        if content.isdigit():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(content), signal.SIGKILL)
            stopped.append(path.stem)
    deadline = time.monotonic() + PATIENCE_S
    while stopped and time.monotonic() < deadline and any(_held(path) for path in pid_files):
        time.sleep(0.05)
    return stopped


def _held(path: Path) -> bool:
    lock = claim(path)
    if lock is None:
        return True
    os.close(lock)
    return False
