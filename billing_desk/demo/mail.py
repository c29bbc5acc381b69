"""Mail of the demo: every mail sent is kept in one Maildir per recipient, under `<data>/mail/<address>/`.

The SMTP sink writes here, the IMAP server shows the support address's Maildir, the demo mailbox page reads it.
"""

from __future__ import annotations

import mailbox
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, unquote

from billing_desk.embedded import data_directory

#: Who polls the support mailbox; the server listens on this machine only.
IMAP_USER, IMAP_PASSWORD = "billing", "billing-demo"
SMTP_PORT, IMAP_PORT = 2525, 1143
#: Characters of an address that may stand in a folder name as they are.
PLAIN = "@+=_-."


@dataclass(frozen=True)
class DemoMail:
    """One mail in a demo mailbox, ready to be shown."""

    key: str
    received_at: datetime
    sender: str
    subject: str
    message_id: str
    text: str
    html: str
    raw: bytes


def folder(address: str) -> Path:
    """Return the Maildir of an address; upper and lower case are the same mailbox.

    :raises ValueError: if it is no mail address
    """
    local, _, domain = address.strip().lower().rpartition("@")
    if not local or not domain:
        raise ValueError(f"{address!r} is no mail address.")
    name = quote(f"{local}@{domain}", safe=PLAIN)
    return data_directory() / "mail" / (f"%2E{name[1:]}" if name.startswith(".") else name)


def addresses() -> list[str]:
    """Return every address that has a mailbox, in alphabetical order."""
    root = data_directory() / "mail"
    return sorted(unquote(path.name) for path in root.iterdir() if "@" in path.name) if root.is_dir() else []


def open_mailbox(address: str) -> mailbox.Maildir:
    """Return the Maildir of an address, made when new."""
    path = folder(address)
    path.parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(path, create=True)


def deliver(raw: bytes, recipients: Iterable[str], *, sender: str | None = None) -> None:
    """Put one raw mail into the mailbox of every recipient, as a mail server does.

    `sender` is the envelope's sender, kept as Return-Path; None leaves the mail as it is.
    """
    if sender is not None:
        raw = b"Return-Path: <" + sender.encode() + b">\r\n" + raw
    for address in recipients:
        open_mailbox(address).add(raw)


def newest_first(address: str) -> list[Path]:
    """Return the files of the mails of an address, the newest first."""
    places = (folder(address) / name for name in ("new", "cur"))
    files = [path for place in places if place.is_dir() for path in place.iterdir()]
    return sorted(files, key=lambda path: (_second(path.name), path.name), reverse=True)


def subject_of(path: Path) -> str:
    """Return the subject of the mail in a file; empty when the file has gone meanwhile."""
    try:
        with path.open("rb") as file:
            return str(BytesHeaderParser(policy=policy.default).parse(file)["Subject"] or "")
    except FileNotFoundError:  # The IMAP client moved it since the folder was listed.
        return ""


def mail_in(path: Path) -> DemoMail:
    """Return the mail in a file, ready to be shown."""
    return _shown(path.name.partition(":")[0], path.read_bytes())


def _second(key: str) -> int:
    """Return when a mail was delivered: a Maildir key begins with that second (maildir(5)); 0 when it does not."""
    seconds = key.partition(".")[0]
    return int(seconds) if seconds.isdigit() else 0


def messages_for(address: str) -> list[DemoMail]:
    """Return the mails of an address, the newest first; none when it never got one."""
    path = folder(address)
    if not path.is_dir():
        return []
    box = mailbox.Maildir(path, create=False)
    found = []
    for key in box.iterkeys():
        try:
            found.append(_shown(key, box.get_bytes(key)))
        except KeyError:  # The IMAP client deleted it since the folder was listed.
            continue
    return sorted(found, key=lambda mail: (mail.received_at, mail.key), reverse=True)


def _shown(key: str, raw: bytes) -> DemoMail:
    parsed = message_from_bytes(raw, policy=policy.default)
    return DemoMail(
        key=key,
        received_at=_moment(key, parsed),
        sender=str(parsed["From"] or ""),
        subject=str(parsed["Subject"] or ""),
        message_id=str(parsed["Message-ID"] or "").strip(),
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
        raw=raw,
    )


def _moment(key: str, mail: EmailMessage) -> datetime:
    """Return when the mail was delivered, or else what it says itself."""
    second = _second(key)
    if second:
        return datetime.fromtimestamp(second, tz=UTC)
    try:
        return parsedate_to_datetime(str(mail["Date"])).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, tz=UTC)


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # a charset nobody knows
        return raw.decode("utf-8", errors="replace")
