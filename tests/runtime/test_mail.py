"""The demo's mail peers, driven over their real protocols."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from imap_tools import AND, MailBoxUnencrypted

from billing_desk.demo import mail
from tests.runtime.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = "billing@nordlicht.example"


@contextmanager
def server(kind: str, port: int, data: Path) -> Iterator[None]:
    environment = {**os.environ, "BILLING_DESK_DATA": str(data)}
    command = [sys.executable, "-m", "billing_desk.demo.mail_server", kind, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert process.poll() is None, f"the {kind} server ended"
            assert time.monotonic() < deadline, f"the {kind} server did not answer"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BILLING_DESK_DATA", str(tmp_path))
    return tmp_path


def written(subject: str, text: str, *, to: str = SUPPORT) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ana@kunde.example", to, subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@kunde.example>"
    message.set_content(text)
    return message


def test_a_mail_sent_to_the_support_address_is_fetched_over_imap_once(data: Path) -> None:
    smtp_port, imap_port = free_port(), free_port()

    with server("smtp", smtp_port, data), server("imap", imap_port, data):
        with smtplib.SMTP("127.0.0.1", smtp_port) as client:
            client.send_message(written("Charged twice", "Why 29.00 € two times?"))
        with MailBoxUnencrypted("127.0.0.1", imap_port).login("billing", "billing-demo") as box:
            first = list(box.fetch(AND(seen=False), mark_seen=True))
        with MailBoxUnencrypted("127.0.0.1", imap_port).login("billing", "billing-demo") as box:
            second = list(box.fetch(AND(seen=False), mark_seen=True))

    assert [(found.subject, found.text.strip()) for found in first] == [("Charged twice", "Why 29.00 € two times?")]
    assert second == []
    # Reading over IMAP moved the file; the demo mailbox page still shows it.
    assert [shown.subject for shown in mail.messages_for(SUPPORT)] == ["Charged twice"]


def test_a_wrong_imap_password_is_refused(data: Path) -> None:
    port = free_port()

    with server("imap", port, data), pytest.raises(Exception, match=r"(?i)auth|invalid|login"):
        MailBoxUnencrypted("127.0.0.1", port).login("billing", "guess")


def test_the_sink_keeps_a_mail_with_a_30_mb_attachment_byte_for_byte(data: Path) -> None:
    port, content = free_port(), os.urandom(30 * 1024 * 1024)
    message = written("Big", "see attachment", to="Ana.Kunde@kunde.example")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="scan.bin")

    with server("smtp", port, data), smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)

    (stored,) = mail.messages_for("ana.kunde@kunde.example")
    assert stored.raw.startswith(b"Return-Path: <ana@kunde.example>\r\n")
    (attachment,) = message_from_bytes(stored.raw, policy=policy.default).iter_attachments()
    assert attachment.get_content() == content


def test_the_sink_refuses_an_address_that_can_be_no_mailbox(data: Path) -> None:
    port = free_port()

    with server("smtp", port, data), smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("ana@kunde.example")
        code, answer = client.rcpt("nobody")

    assert code == 550
    assert b"is no mail address" in answer


def test_one_mail_lands_in_the_mailbox_of_every_recipient_and_no_other(data: Path) -> None:
    mail.deliver(written("Notice", "From 1 May").as_bytes(), ["ana@kunde.example", "ben@kunde.example"])

    assert mail.addresses() == ["ana@kunde.example", "ben@kunde.example"]
    assert [shown.text.strip() for shown in mail.messages_for("BEN@kunde.example")] == ["From 1 May"]
    assert mail.messages_for("eve@kunde.example") == []


@pytest.mark.parametrize("address", ["../../etc/x@y.example", "..@y.example", ".a@y.example", "a/b@y.example"])
def test_an_address_never_leads_out_of_the_mail_folder(data: Path, address: str) -> None:
    mail.deliver(b"Subject: x\r\n\r\ny", [address])

    assert mail.folder(address).parent == data / "mail"
    assert mail.addresses() == [address]
    assert len(mail.messages_for(address)) == 1


def test_a_mail_with_an_unknown_charset_and_no_date_is_still_shown(data: Path) -> None:
    mail.deliver(b"Content-Type: text/plain; charset=martian\r\nSubject: Hi\r\n\r\nhello", ["a@b.example"])

    (shown,) = mail.messages_for("a@b.example")

    assert (shown.subject, shown.text) == ("Hi", "hello")
