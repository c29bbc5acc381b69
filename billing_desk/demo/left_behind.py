"""Stop the embedded servers that a killed runner left behind; they answer on the sockets in the data folder."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

#: Seconds a server may take to write its data and end.
PATIENCE_S = 20.0


def stop_servers_left_behind(data: Path) -> list[str]:
    """Stop what still answers under this data folder; return its names."""
    stopped = []
    postgres, redis = data / "pg" / ".s.PGSQL.5432", data / "redis" / "redis.sock"
    if _answers(postgres):
        pid = int((data / "pg" / "cluster" / "postmaster.pid").read_text().split()[0])
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        _wait_gone(postgres)
        stopped.append("PostgreSQL")
    if _answers(redis, say=b"SHUTDOWN\r\n"):
        _wait_gone(redis)
        stopped.append("Redis")
    return stopped


def _answers(path: Path, *, say: bytes = b"") -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        client.sendall(say)
    return True


def _wait_gone(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and _answers(path):
        time.sleep(0.1)
