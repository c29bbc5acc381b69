"""Writes mails as a customer's mail program would, and sends them over SMTP."""

from __future__ import annotations

import mimetypes
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile


@dataclass(frozen=True)
class Letter:
    """What somebody wrote, and as whom."""

    sender: str
    to: str
    subject: str
    text: str
    sender_name: str = ""
    files: Sequence[UploadedFile[Any]] = ()


@dataclass(frozen=True)
class ReplyHeaders:
    """Where an answer goes and what it names."""

    to: str
    subject: str
    in_reply_to: str
    references: str


def reply_headers(raw: bytes) -> ReplyHeaders:
    """Return the headers of an answer to a mail: RFC 5322, section 3.6.4."""
    parsed = message_from_bytes(raw, policy=policy.default)
    to = parseaddr(str(parsed["Reply-To"] or parsed["From"] or ""))[1]
    subject = " ".join(str(parsed["Subject"] or "").split())
    answered = " ".join(str(parsed["Message-ID"] or "").split())
    earlier = " ".join(str(parsed["References"] or parsed["In-Reply-To"] or "").split())
    prefix = "" if subject.lower().startswith("re:") else "Re: "
    return ReplyHeaders(to, f"{prefix}{subject}"[:200], answered, f"{earlier} {answered}".strip())


def compose(letter: Letter, answered: bytes | None) -> EmailMessage:
    """Return the letter as a mail; an answer quotes what it answers, as mail programs do."""
    written = EmailMessage()
    written["From"] = Address(display_name=letter.sender_name, addr_spec=letter.sender)
    written["To"] = letter.to
    written["Subject"] = " ".join(letter.subject.split())
    written["Date"] = format_datetime(localtime())
    written["Message-ID"] = make_msgid(domain=letter.sender.rpartition("@")[2])
    text = letter.text.replace("\r\n", "\n")
    if answered is not None:
        headers = reply_headers(answered)
        if headers.in_reply_to:
            written["In-Reply-To"], written["References"] = headers.in_reply_to, headers.references
        text = f"{text}\n\n{_quoted(answered)}"
    written.set_content(text)
    for file in letter.files:
        kind = file.content_type or mimetypes.guess_type(file.name or "")[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        written.add_attachment(file.read(), maintype=main, subtype=sub or "octet-stream", filename=file.name)
    return written


def _quoted(answered: bytes) -> str:
    parsed = message_from_bytes(answered, policy=policy.default)
    part = parsed.get_body(preferencelist=("plain",))
    lines = str(part.get_content()).splitlines() if part is not None else []
    intro = f"On {parsed['Date']}, {' '.join(str(parsed['From']).split())} wrote:"
    return "\n".join([intro, *(f"> {line}" for line in lines)])


def send(written: EmailMessage) -> None:
    """Hand the mail to the demo's mail server.

    :raises OSError: if nobody listens
    :raises smtplib.SMTPException: if the server refuses it
    """
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=10) as server:
        server.send_message(written)
