"""A program that a test kills without warning and starts again.

Django takes seconds to load. It is loaded once (tests/forking.py), and every start is a fork of what is loaded: a
process of its own, with connections of its own, that SIGKILL ends as it would end any other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests import plugin

ROOT = Path(__file__).resolve().parents[1]


class Killable:
    """A module's `main(*words)` as a process of its own. It says "working" when it begins, and may say more."""

    def __init__(self, module: str, *words: str, **environment: str) -> None:
        environment = {"DATABASE_URL": plugin.database_url(), "LOG_LEVEL": "CRITICAL", **environment}
        self._pid = 0
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.forking", module, *words],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> None:
        """Start it, and wait until it works."""
        assert self._keeper.stdin
        print("start", file=self._keeper.stdin, flush=True)
        self._pid = int(self._line())
        assert self._line() == "working"

    def kill(self) -> None:
        """Kill it without warning, and wait until it is gone."""
        os.kill(self._pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> list[str]:
        """Wait for its end, and return what it said since it worked; the last line is its exit code."""
        said = [self._line()]
        while not said[-1].startswith("ended"):
            said.append(self._line())
        self._pid = 0
        return said

    def _line(self) -> str:
        assert self._keeper.stdout
        line = self._keeper.stdout.readline()
        assert line, "the program could not be loaded"
        return line.strip()

    def __enter__(self) -> Killable:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pid:
            self.kill()
        self._keeper.communicate()
