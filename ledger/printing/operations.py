"""queue_letter, take_letters, mark_printed: every paper bill is printed exactly once.

A letter is a row from the moment its bill is issued. The letters of a day are taken into one file, which can be fetched
again as often as the printer jams; they are posted when somebody says that the file is printed.
"""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO

from django.db import IntegrityError, transaction
from django_fsm import can_proceed
from pypdf import PdfWriter

from ledger.documents.models import Document
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice
from ledger.printing.models import Letter, PrintBatch
from ledger.printing.queries import NoSuchBatch

#: Letters in one file: more are taken on the next day.
MOST = 500


class NothingToPrint(DomainError):
    """No letter waits."""


class LettersTaken(DomainError):
    """The letters of this day were taken already."""


class BatchIsPrinted(DomainError):
    """The file was printed already."""


@transaction.atomic
def queue_letter(invoice: Invoice, document_id: int | None, *, by: Actor, at: datetime) -> Letter:
    """This will put a bill in line to be printed; the same bill again is the same letter."""
    letter, is_new = Letter.objects.get_or_create(
        invoice=invoice,
        defaults={"customer_id": invoice.customer_id, "document_id": document_id, "queued_at": at},
    )
    if is_new:
        record_event(
            kinds.LETTER_QUEUED, subject=letter, customer_id=letter.customer_id, by=by, at=at, number=invoice.number
        )
    return letter


@transaction.atomic
def give_document(letter_id: int, document: Document) -> None:
    """This will note the PDF of a letter that was in line without one."""
    Letter.objects.filter(pk=letter_id, document=None, state=Letter.State.WAITING).update(document=document)


@transaction.atomic
def take_letters(day: date, *, by: Actor, at: datetime) -> PrintBatch:
    """This will take every letter that has its PDF into the file of a day; those of bills withdrawn are called off.

    :raises NothingToPrint: if there is none
    :raises LettersTaken: if the day has its file; what came since is for the next day
    """
    rows = Letter.objects.select_for_update(of=("self",)).select_related("invoice")
    waiting = list(rows.filter(state=Letter.State.WAITING, document__isnull=False).order_by("pk")[:MOST])
    void = [letter for letter in waiting if letter.invoice.state == Invoice.State.VOID]
    for letter in void:
        letter.call_off(why="The bill was withdrawn.", at=at)
        letter.save()
    letters = [letter for letter in waiting if letter not in void]
    if not letters:
        raise NothingToPrint("No letter waits to be printed.")
    try:
        with transaction.atomic():
            batch = PrintBatch.objects.create(day=day, taken_by=str(by), taken_at=at)
    except IntegrityError:
        raise LettersTaken("The letters of today are taken. What came since is in tomorrow's file.") from None
    taken = Letter.objects.filter(pk__in=[letter.pk for letter in letters], state=Letter.State.WAITING)
    taken.update(state=Letter.State.TAKEN, batch=batch)
    _record(kinds.LETTERS_TAKEN, batch, len(letters), by=by, at=at)
    return batch


def file_of(batch: PrintBatch) -> bytes:
    """Return the letters of a file as one PDF, in the order they were queued; the same every time."""
    together = PdfWriter()
    for letter in batch.letters.select_related("document").order_by("pk").iterator(chunk_size=50):
        if letter.document is not None:
            together.append(BytesIO(bytes(letter.document.content)), import_outline=False)
    written = BytesIO()
    together.write(written)
    return written.getvalue()


@transaction.atomic
def record_download(batch: PrintBatch, *, by: Actor, at: datetime) -> None:
    """This will keep that somebody fetched a file."""
    _record(kinds.LETTERS_FETCHED, batch, batch.letters.count(), by=by, at=at)


@transaction.atomic
def mark_printed(batch_id: int, *, by: Actor, at: datetime) -> PrintBatch:
    """This will say that a file is printed and posted, and with it each of its letters.

    :raises NoSuchBatch: if there is none; BatchIsPrinted: if it was said before
    """
    batch = PrintBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NoSuchBatch("There is no such file of letters.")
    if not can_proceed(batch.print_out):
        raise BatchIsPrinted("These letters were printed and posted already.")
    batch.print_out(by=str(by), at=at)
    batch.save()
    posted = batch.letters.filter(state=Letter.State.TAKEN).update(state=Letter.State.POSTED, closed_at=at)
    _record(kinds.LETTERS_PRINTED, batch, posted, by=by, at=at)
    return batch


def _record(kind: str, batch: PrintBatch, letters: int, *, by: Actor, at: datetime) -> None:
    record_event(kind, subject=batch, customer_id=None, by=by, at=at, day=batch.day.isoformat(), letters=letters)
