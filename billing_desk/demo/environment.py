"""What the programs of the demo are told: ports, the data folder, and secrets made once and kept there."""

from __future__ import annotations

import base64
import errno
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from billing_desk.demo.mail import IMAP_PASSWORD, IMAP_PORT, SMTP_PORT

WEB_PORT = 8000
#: Two warnings that say nothing here: a worker run by root accepts only JSON, so nothing is executed through it; and
#: static files are small enough to be read at once.
QUIET = "ignore:::celery.platforms,ignore:StreamingHttpResponse must consume synchronous"
#: Owns nothing and may only add facts; sync_roles writes its rights.
APP_ROLE = "billing_desk_app"
#: How many ports above the default are tried before giving up.
PORTS_TRIED = 50


class PortInUseError(Exception):
    """Another program listens where the demo has to listen."""


@dataclass(frozen=True)
class Ports:
    """Where the demo listens, on this machine only."""

    web: int
    smtp: int = SMTP_PORT
    imap: int = IMAP_PORT


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refusal:
            if refusal.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose_ports(*, web: int | None, smtp: int, imap: int) -> Ports:
    """Return the ports to use; only the web port gives way to another program, and only when none was asked for.

    :raises PortInUseError: naming the port and the option that changes it
    """
    for port, option in ((smtp, "--smtp-port"), (imap, "--imap-port"), (web, "--port")):
        if port is not None and not is_free(port):
            raise PortInUseError(
                f"Port {port} is in use by another program. Stop that program, or choose another port: "
                f".venv/bin/python manage.py dev {option} {port + 1}"
            )
    if web is None:
        web = next((port for port in range(WEB_PORT, WEB_PORT + PORTS_TRIED) if is_free(port)), None)
    if web is None:
        raise PortInUseError(
            f"All ports from {WEB_PORT} to {WEB_PORT + PORTS_TRIED - 1} are in use; give one by --port."
        )
    return Ports(web=web, smtp=smtp, imap=imap)


def kept_secret(path: Path, *, prefix: str = "") -> str:
    """Return the secret kept in a file that only we may read, made on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as out:
            out.write(prefix + base64.b64encode(secrets.token_bytes(48)).decode())
    return path.read_text().strip()


def owner_environment(data: Path, ports: Ports) -> dict[str, str]:
    """Return the environment of the step that prepares the database, as its owner."""
    return {
        **os.environ,
        "BILLING_DESK_DATA": str(data),
        "BILLING_DESK_DEMO": "1",
        "BILLING_DESK_SECRET_KEY": kept_secret(data / "secrets" / "secret_key"),
        # Standard Webhooks secrets are base64 behind this prefix.
        "BILLING_DESK_INBOUND_SECRET": kept_secret(data / "secrets" / "inbound", prefix="whsec_"),
        "BILLING_DESK_STATIC_ROOT": str(data / "static"),
        "BILLING_DESK_PUBLIC_URL": f"http://localhost:{ports.web}",
        # The demo's mail stays on this machine, whatever mail server the shell names.
        "SMTP_URL": f"smtp://localhost:{ports.smtp}",
        "BILLING_DESK_DEMO_IMAP_PORT": str(ports.imap),
        # Named by the mailbox row that loading the demo company makes.
        "BILLING_DESK_DEMO_IMAP_PASSWORD": IMAP_PASSWORD,
        "DATABASE_ROLE": "",
        "PYTHONUNBUFFERED": "1",
    }


def child_environment(data: Path, ports: Ports) -> dict[str, str]:
    """Return the environment of web, worker and beat: they act as the role that may only add facts."""
    return {**owner_environment(data, ports), "DATABASE_ROLE": APP_ROLE, "PYTHONWARNINGS": QUIET}
