"""Keep the demo's programs running: one that ends is named and started again, ever more slowly."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from billing_desk.demo.processes import Child
from billing_desk.demo.terminal import Terminal
from billing_desk.embedded import Server

#: A program that ended is started again after these seconds, the last of them for ever.
BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 30.0)
#: After running for so long, an end counts as the first again.
STEADY_S = 60.0


class DemoError(Exception):
    """Something has to change before the demo can run; the message says what."""


@dataclass
class Watch:
    """One program, how often it ended lately, and when it is started again (monotonic seconds)."""

    child: Child
    ends: int = 0
    due_at: float | None = None

    def look(self, now: float, terminal: Terminal) -> None:
        """Notice an end, or start the program again when its pause is over."""
        if self.due_at is not None:
            if now >= self.due_at:
                self.due_at = None
                self.child.start()
            return
        code = self.child.ended()
        if code is None:
            return
        if now - self.child.started_at >= STEADY_S:
            self.ends = 0
        pause = BACK_OFF_S[min(self.ends, len(BACK_OFF_S) - 1)]
        self.ends += 1
        self.due_at = now + pause
        terminal.warn(f"{self.child.program.name} ended ({how_it_ended(code)}); starting it again in {pause:.0f} s.")


def how_it_ended(code: int) -> str:
    """Return an exit code in words; negative codes are signals, as subprocess reports them."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def supervise(children: Iterable[Child], servers: Mapping[str, Server], terminal: Terminal) -> None:
    """Watch the programs until interrupted.

    :raises DemoError: if one of the servers that everything stands on has ended
    """
    watches = [Watch(child) for child in children]
    while True:
        for name, server in servers.items():
            code = server.process.poll()
            if code is not None:
                raise DemoError(f"{name} ended unexpectedly ({how_it_ended(code)}). Start the demo again.")
        for watch in watches:
            watch.look(time.monotonic(), terminal)
        time.sleep(0.2)
