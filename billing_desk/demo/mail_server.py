"""The demo's mail peers: an SMTP sink that delivers into Maildirs, and an IMAP server over the support mailbox.

`python -m billing_desk.demo.mail_server smtp|imap PORT`; each runs until it is told to stop.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from aiosmtpd.smtp import SMTP, Envelope, Session
from pymap.main import main as run_pymap
from pysasl.hashing import BuiltinHash

from billing_desk.demo.mail import IMAP_PASSWORD, IMAP_USER, deliver, folder, open_mailbox
from billing_desk.embedded import data_directory

HOST = "127.0.0.1"
#: Larger than any mail the desk accepts: refusing it is the desk's business, not the sink's.
LARGEST_MAIL = 64 * 1024 * 1024


async def accept_recipient(server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
    """Accept a recipient whose address can be a mailbox."""
    try:
        folder(address)
    except ValueError as refusal:
        return f"550 {refusal}"
    envelope.rcpt_tos.append(address)
    envelope.rcpt_options.extend(options)
    return "250 OK"


async def store_mail(server: SMTP, session: Session, envelope: Envelope) -> str:
    """Store the mail for each recipient before saying so; nothing leaves this machine."""
    raw = envelope.original_content or b""
    recipients = [str(address) for address in envelope.rcpt_tos]
    await asyncio.to_thread(deliver, raw, recipients, sender=str(envelope.mail_from or ""))
    sys.stdout.write(f"mail of {len(raw):,} bytes to {', '.join(recipients)}\n")
    sys.stdout.flush()
    return "250 Stored"


async def serve_smtp(port: int) -> None:
    """Run the SMTP sink until SIGTERM or SIGINT."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sink = SimpleNamespace(handle_RCPT=accept_recipient, handle_DATA=store_mail)
    make = partial(SMTP, sink, hostname="localhost", data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True)
    server = await loop.create_server(make, HOST, port)
    sys.stdout.write(f"SMTP on port {port}\n")
    sys.stdout.flush()
    await stop.wait()
    server.close()


def write_accounts(root: Path, support_address: str) -> None:
    """Write the account files the IMAP server wants: one user, whose inbox is the support address's Maildir."""
    root.mkdir(parents=True, exist_ok=True)
    open_mailbox(support_address)
    home = str(folder(support_address)).replace(":", r"\:")
    (root / "pymap-etc-passwd").write_text(f"{IMAP_USER}::::{support_address}:{home}:\n")
    (root / "pymap-etc-shadow").write_text(f"{IMAP_USER}:{BuiltinHash().hash(IMAP_PASSWORD)}:::::::\n")


def serve_imap(port: int, support_address: str) -> None:
    """Run the IMAP server until SIGTERM or SIGINT."""
    root = data_directory() / "imap"
    write_accounts(root, support_address)
    # The greeting names the host; looking that up can take seconds on a machine without DNS.
    os.environ["FQDN"] = "localhost"
    sys.argv = ["pymap", "--host", HOST, "--port", str(port), "--no-tls", "maildir", str(root)]
    sys.stdout.write(f"IMAP on port {port}, user {IMAP_USER}, mailbox of {support_address}\n")
    sys.stdout.flush()
    run_pymap()


def main(kind: str, port: int) -> None:
    """Run one of the two servers."""
    support_address = os.environ.get("BILLING_DESK_SUPPORT_ADDRESS", "billing@nordlicht.example")
    try:
        if kind == "smtp":
            asyncio.run(serve_smtp(port))
        else:
            serve_imap(port, support_address)
    except OSError as refusal:
        sys.exit(f"The {kind.upper()} server cannot listen on port {port}: {refusal.strerror or refusal}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
