"""export_case_file: everything about one conversation as JSON or PDF; who took it out, and its hash, are on record."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from ledger.books.journal import one_snapshot
from ledger.customers.operations import refuse_own_account
from ledger.disputes.checking import canonical
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from tickets.casefile import paper
from tickets.casefile.checking import hash_of_head, hash_of_piece
from tickets.casefile.contents import Piece, head_of, pieces_of
from tickets.casefile.press import print_case
from tickets.conversations.models import Ticket
from tickets.conversations.queries import get_ticket
from tickets.events import CASE_FILE_EXPORTED

JSON, PDF = "json", "pdf"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file ready to be handed over; whoever takes it reads `content` from its beginning and closes it."""

    file_name: str
    content: IO[bytes]
    size: int
    sha256: str


def export_case_file(ticket_id: int, *, form: str, by: Actor, at: datetime) -> CaseFile:
    """This will write the file of a case as it is now, and record who took it out, with its hash.

    :raises NoSuchTicket: if there is no such case
    :raises OwnAccount: if it is about the own account of whoever asks
    :raises InvalidInput: if `form` is neither "json" nor "pdf"
    :raises CaseNotPrinted: if the PDF takes too long
    """
    if form not in _WRITERS:
        raise InvalidInput("The file of a case is JSON or PDF.")
    ticket = get_ticket(ticket_id)
    refuse_own_account(by, ticket.customer_id)
    with ExitStack() as opened:
        content = opened.enter_context(tempfile.TemporaryFile())
        _WRITERS[form](ticket, content, by=by, at=at)
        sha256, size = _digest_of(content)
        record_event(
            CASE_FILE_EXPORTED, subject=ticket, customer_id=ticket.customer_id, by=by, at=at, form=form, hash=sha256,
            size=size,
        )  # fmt: skip
        # From here on it is closed by whoever hands it over.
        opened.pop_all()
    return CaseFile(f"case-{ticket.pk}.{form}", content, size, sha256)


def _write_json(ticket: Ticket, to: IO[bytes], *, by: Actor, at: datetime) -> None:
    for text in _json(ticket, by=by, at=at):
        to.write(text.encode())


def _json(ticket: Ticket, *, by: Actor, at: datetime) -> Iterator[str]:
    with one_snapshot():
        head = _plain({**head_of(ticket), "taken_out_by": str(by), "taken_out_at": at})
        previous, count = hash_of_head(head), 0
        yield f'{{"case": {canonical(head)},\n"pieces": [\n'
        for piece in pieces_of(ticket):
            plain = _plain(piece)
            previous = hash_of_piece(previous, plain)
            yield f"{',' if count else ''}{canonical({**plain, 'hash': previous})}\n"
            count += 1
        yield f'],\n"count": {count},\n"hash": "{previous}"}}\n'


def _write_pdf(ticket: Ticket, to: IO[bytes], *, by: Actor, at: datetime) -> None:
    # The typesetter is a process of its own, so both ends are real files.
    with tempfile.TemporaryFile() as values, tempfile.TemporaryFile() as pdf:
        with one_snapshot():
            for text in paper.values_of(head_of(ticket), pieces_of(ticket), by=by.name or str(by), at=at):
                values.write(text.encode())
        values.seek(0)
        print_case(values, pdf, at=at)
        pdf.seek(0)
        while chunk := pdf.read(_CHUNK):
            to.write(chunk)


_WRITERS: dict[str, Callable[..., None]] = {JSON: _write_json, PDF: _write_pdf}


def _plain(piece: Piece) -> dict[str, Any]:
    """Return a piece as it is read back: moments and days as text, so that both have the same hash."""
    read: dict[str, Any] = json.loads(canonical(piece))
    return read


def _digest_of(content: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    return digest.hexdigest(), size
