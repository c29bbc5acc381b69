"""Polls an IMAP mailbox: a mail is marked seen only after what it said is stored.

UIDs are never kept between polls, so a mailbox that renumbers its mails (UIDVALIDITY) changes nothing: what is unseen
is fetched, and what was stored before is recognised by its content.
"""

from __future__ import annotations

import imaplib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from ledger.errors import DomainError, NotFound
from tickets.channels.models import Mailbox

log = logging.getLogger(__name__)

TIMEOUT_S = 30
#: Mails fetched in one poll; the next poll goes on.
MOST_MAILS = 200
STARTTLS_PORT = 143
TROUBLE = (ImapToolsError, imaplib.IMAP4.error, OSError, TimeoutError)

#: Stores one raw mail; what it raises leaves the mail unseen.
Receive = Callable[[bytes], object]


class NoSuchMailbox(NotFound):
    """There is no such mailbox."""


class PasswordMissing(DomainError):
    """The environment variable with the mailbox's password is not set."""


def poll(mailbox_id: int, *, receive: Receive, at: datetime) -> int:
    """This will hand every unseen mail to `receive`, each for itself, and return how many were stored.

    What goes wrong with the connection is written on the mailbox's row and never raised; a mail that cannot be stored
    stays unseen, and the others go on.

    :raises NoSuchMailbox: if there is none
    """
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is None:
        raise NoSuchMailbox("There is no such mailbox.")
    stored, problem = 0, ""
    try:
        with _connect(mailbox) as box:
            for uid, raw in _unseen(box):
                trouble_with_mail = _store(raw, receive)
                if trouble_with_mail:
                    problem = trouble_with_mail
                    continue
                box.flag(uid, MailMessageFlags.SEEN, True)
                stored += 1
    except (*TROUBLE, DomainError) as trouble:
        problem = f"{type(trouble).__name__}: {trouble}"
    Mailbox.objects.filter(pk=mailbox.pk).update(last_polled_at=at, last_error=problem[:300])
    return stored


def _unseen(box: BaseMailBox) -> Iterator[tuple[str, bytes]]:
    """Yield (uid, raw mail), oldest first, one at a time, without marking anything."""
    for uid in box.uids("UNSEEN")[:MOST_MAILS]:
        answer, parts = box.client.uid("FETCH", uid, "(BODY.PEEK[])")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None) if answer == "OK" else None
        if raw is not None:
            yield uid, raw


def _store(raw: bytes, receive: Receive) -> str:
    """Return what went wrong, empty when the mail is stored. Only this mail is left for the next poll."""
    try:
        receive(raw)
    except Exception as problem:
        log.exception("a mail could not be stored and stays unseen")
        return f"{type(problem).__name__}: {problem}"
    return ""


@contextmanager
def _connect(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    password = os.environ.get(mailbox.password_variable)
    if password is None:
        raise PasswordMissing(f"The environment variable {mailbox.password_variable} is not set.")
    if not mailbox.use_tls:
        box: BaseMailBox = MailBoxUnencrypted(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    elif mailbox.port == STARTTLS_PORT:
        box = MailBoxStartTls(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    else:
        box = MailBox(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    with box.login(mailbox.username, password, initial_folder=mailbox.folder):
        yield box
