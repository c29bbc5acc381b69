"""What stands around the product in a flow: a mail server that keeps what it gets, a worker of its own, a receiver."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiosmtpd.controller import Controller

from tests.killable import Killable
from tests.runtime.ports import free_port

PATIENCE_S = 90


def eventually(what: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


class MailSink:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    def __enter__(self) -> MailSink:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    def first_of_each(self) -> list[Mail]:
        """Return the mails without the repetitions a kill may cause: those carry the Message-ID of the first."""
        return list({mail["Message-ID"]: mail for mail in reversed(self.mails)}.values())[::-1]


def text_of(mail: Mail) -> str:
    """Return the plain text of a mail."""
    part = mail.get_payload(0) if mail.is_multipart() else mail
    assert isinstance(part, Mail)
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def worker(smtp_port: int, **environment: str) -> Killable:
    """Return a worker (tests/flows/worker.py) whose mails go to this port."""
    return Killable("tests.flows.worker", SMTP_URL=f"smtp://127.0.0.1:{smtp_port}", **environment)


class Receiver:
    """An integration's web server that keeps the webhooks it gets."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
