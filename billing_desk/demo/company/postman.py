"""Delivers the mails of the demo's past straight into the Maildirs, dated as they would have arrived.

While the company is loaded no mail server runs yet, and one would date every mail today.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from itertools import count
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from billing_desk.demo.mail import addresses, folder, mail_in, newest_first, open_mailbox

BACKEND = "billing_desk.demo.company.postman.MaildirBackend"
#: The host part of a Maildir name (maildir(5)); it marks the mails that loading wrote.
HOST = "demo-history"
CODE = re.compile(r"\b(\d{6})\b")
TOKEN = re.compile(r"/account/verify/([\w-]+)")
_numbers = count(1)


class MaildirBackend(BaseEmailBackend):
    """An e-mail backend of Django whose mail server is the demo's folder of Maildirs."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Deliver each mail to each recipient; return how many."""
        for message in email_messages:
            mail = message.message()
            second = int(parsedate_to_datetime(str(mail["Date"])).timestamp())
            raw = mail.as_bytes()
            for address in message.recipients():
                _write(address, raw, second)
        return len(email_messages)


def _write(address: str, raw: bytes, second: int) -> None:
    path = folder(address)
    if not path.is_dir():
        open_mailbox(address)
    name = f"{second}.N{next(_numbers):07d}.{HOST}"
    (path / "new" / name).write_bytes(raw)
    os.utime(path / "new" / name, (second, second))


def remove_history() -> None:
    """Remove what an interrupted loading delivered; mails that came any other way stay."""
    for address in addresses():
        for part in ("new", "cur"):
            for file in Path(folder(address), part).glob(f"*.{HOST}*"):
                file.unlink()


def code_received(address: str) -> tuple[str, str]:
    """Return (token, code) of the newest one-time code an address got: what its owner would read and type."""
    for mail in map(mail_in, newest_first(address)):
        token = TOKEN.search(mail.text)
        code = CODE.search(mail.text)
        if token and code:
            return token[1], code[1]
    raise LookupError(f"{address} got no code.")
