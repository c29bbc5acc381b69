"""Run the very commands and health checks of docker-compose.yml's services against servers given by address.

`python -m tests.runtime.services HOST:PORT HOST:PORT` takes PostgreSQL's and Redis's address; the passwords come from
OWNER_DATABASE_PASSWORD and APP_DATABASE_PASSWORD. Exits with 0 when migrate ends well and every service gets healthy.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.runtime import compose
from tests.runtime.ports import free_port

#: Seconds until a service has to be healthy.
PATIENCE_S = 90.0


def main(postgres: str, redis: str) -> None:
    """Run migrate to its end, start the others, and wait until each is healthy."""
    with tempfile.TemporaryDirectory(prefix="billing-desk-") as folder:
        run_in(Path(folder), postgres, redis)


def run_in(folder: Path, postgres: str, redis: str) -> None:
    """Do so with the files of the containers under `folder`."""
    for name in ("files", "beat"):
        (folder / name).mkdir()
    places = {
        "postgres:5432": postgres,
        "redis:6379": redis,
        "/data/": f"{folder}/",
        "8000": str(free_port()),
    }
    variables = {
        **os.environ,
        "BILLING_DESK_SECRET_KEY": secrets.token_urlsafe(50),
        "BILLING_DESK_PUBLIC_URL": "https://desk.example",
        "BILLING_DESK_HOST": "desk.example",
        "BILLING_DESK_SUPPORT_ADDRESS": "billing@desk.example",
        "SMTP_URL": "smtp://localhost:2525",
    }
    services = {name: moved(service, places) for name, service in compose.services(variables).items()}
    base = {**os.environ, "HOSTNAME": socket.gethostname(), "BILLING_DESK_DATA": str(folder)}
    base["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{base['PATH']}"
    done = subprocess.run(services["migrate"]["command"], env=base | services["migrate"]["environment"])
    if done.returncode:
        sys.exit(f"migrate ended with {done.returncode}.")
    say("migrate ended well")
    run_together({name: services[name] for name in ("web", "worker", "beat")}, base)


def moved(value: Any, places: dict[str, str]) -> Any:
    """Replace the addresses that exist only between containers."""
    if isinstance(value, dict):
        return {key: moved(inner, places) for key, inner in value.items()}
    if isinstance(value, list):
        return [moved(inner, places) for inner in value]
    for inside, outside in places.items():
        value = value.replace(inside, outside) if isinstance(value, str) else value
    return value


def run_together(services: dict[str, Any], base: dict[str, str]) -> None:
    """Start the services, wait until each is healthy, stop them as Docker does."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, service in services.items():
            running[name] = subprocess.Popen(
                service["command"], env=base | service["environment"], start_new_session=True
            )
        for name, service in services.items():
            wait_healthy(name, service, running[name], base)
        for name, process in running.items():
            process.terminate()
            code = process.wait(timeout=30)
            if code not in (0, -signal.SIGTERM):
                sys.exit(f"{name} ended with {code} when it was told to stop.")
            say(f"{name} stopped when told to")
    finally:
        for process in running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait_healthy(name: str, service: dict[str, Any], process: subprocess.Popen[bytes], base: dict[str, str]) -> None:
    """Repeat the health check until it succeeds."""
    started, why = time.monotonic(), b""
    while time.monotonic() < started + PATIENCE_S:
        if process.poll() is not None:
            sys.exit(f"{name} ended with {process.returncode}.")
        done = subprocess.run(
            compose.health_command(service), env=base | service["environment"], capture_output=True, timeout=60
        )
        if done.returncode == 0:
            say(f"{name} is healthy after {time.monotonic() - started:.1f} s")
            return
        why = done.stdout + done.stderr
        time.sleep(1)
    sys.exit(f"{name} did not get healthy:\n{why.decode(errors='replace')[-2000:]}")


def say(text: str) -> None:
    """Show one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
