"""take_settlement_file and resolve_break: what a bank or provider says moved, held against the books."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import IO, BinaryIO

from django.db import IntegrityError, transaction

from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money
from ledger.payments.operations import record_processor_fee
from ledger.reconciliation.matching import close_break, find_breaks, match_lines, settle_answered
from ledger.reconciliation.models import Break, SettlementFile, SettlementLine
from ledger.reconciliation.reading_camt import read_camt053
from ledger.reconciliation.reading_csv import read_csv
from ledger.reconciliation.reading_mt940 import read_mt940
from ledger.reconciliation.statement import Control, InvalidSettlementFile, Item, StatementLine
from ledger.refunds.models import Refund

READERS: dict[str, Callable[[BinaryIO], Iterator[Item]]] = {
    SettlementFile.Format.CSV: read_csv,
    SettlementFile.Format.CAMT053: read_camt053,
    SettlementFile.Format.MT940: read_mt940,
}
#: A file above these is refused before anything is written; the sender can split it by days.
MOST_BYTES = 500 * 1024 * 1024
MOST_LINES = 2_000_000
CHUNK_BYTES = 256 * 1024
CHUNK_LINES = 2_000


class BreakNotOpen(DomainError):
    """Somebody has said already what the difference was."""


class StillNotBooked(DomainError):
    """The books know nothing of it yet, so it is not booked."""


class NoSuchBreak(NotFound):
    """There is no such difference."""


def take_settlement_file(
    stream: IO[bytes], *, name: str, format: str, account: str, by: Actor, at: datetime
) -> SettlementFile:
    """This will read a file twice: once to check all of it, once to keep its lines, match them and list what differs.

    The same content again returns the file it was first and changes nothing. Lines an earlier file brought are counted,
    not kept twice. Fees of payments are booked.

    :raises InvalidSettlementFile: naming what cannot be read; ControlTotalsDiffer: if a statement does not add up
    """
    reader = READERS.get(format)
    if reader is None or not account.strip():
        raise InvalidInput("A settlement file is CSV, CAMT.053 or MT940, of a named provider or account.")
    with tempfile.TemporaryFile() as copy:
        sha256, size = _copy(stream, copy)
        sent = Sent(sha256, size, name[:200], format, account.strip())
        known = SettlementFile.objects.filter(sha256=sha256).first()
        if known is not None:
            return known
        copy.seek(0)
        checked = _check(reader(copy), account=sent.account)
        copy.seek(0)
        try:
            with transaction.atomic():
                return _keep(Control().check(reader(copy)), checked, sent, by=by, at=at)
        except IntegrityError:
            # Somebody took the same content at the same moment.
            known = SettlementFile.objects.filter(sha256=sha256).first()
            if known is None:
                raise
            return known


def _copy(stream: IO[bytes], copy: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > MOST_BYTES:
            raise InvalidSettlementFile(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB; please split it.")
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest(), size


def _check(items: Iterator[Item], *, account: str) -> tuple[Control, int]:
    """Read a whole file and write nothing; return its figures and how many lines are known already."""
    control, known = Control(), 0
    for lines in _chunks(control.check(items)):
        if control.lines > MOST_LINES:
            raise InvalidSettlementFile(f"The file has more than {MOST_LINES:,} lines; please split it.")
        refs = [line.line_ref for line in lines]
        known += SettlementLine.objects.filter(account=account, line_ref__in=refs).count()
    if not control.lines:
        raise InvalidSettlementFile("There is not one booked line in the file.")
    return control, known


def _chunks(lines: Iterator[StatementLine]) -> Iterator[list[StatementLine]]:
    while chunk := list(islice(lines, CHUNK_LINES)):
        yield chunk


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a file before it is read."""

    sha256: str
    size_bytes: int
    name: str
    format: str
    account: str


def _keep(
    lines: Iterator[StatementLine], checked: tuple[Control, int], sent: Sent, *, by: Actor, at: datetime
) -> SettlementFile:
    control, known_before = checked
    totals = {currency: asdict(total) for currency, total in control.totals.items()}
    file = SettlementFile.objects.create(
        **asdict(sent),
        lines_count=control.lines,
        known_before=known_before,
        first_on=control.first_on,
        last_on=control.last_on,
        totals=totals,
        taken_by=str(by),
        taken_at=at,
    )
    _keep_lines(file, lines)
    match_lines(file)
    _book_fees(file, by=by, at=at)
    found, answered = find_breaks(file, at=at), settle_answered(by=by, at=at)
    record_event(
        kinds.SETTLEMENT_FILE_TAKEN,
        subject=file,
        customer_id=None,
        by=by,
        at=at,
        name=file.name,
        account=file.account,
        lines=control.lines,
        known_before=known_before,
        totals=totals,
        breaks=found,
        answered=answered,
    )
    return file


def _keep_lines(file: SettlementFile, lines: Iterator[StatementLine]) -> None:
    position = 0
    for chunk in _chunks(lines):
        rows = [_row(file, line, number) for number, line in enumerate(chunk, start=position + 1)]
        SettlementLine.objects.bulk_create(rows, ignore_conflicts=True)
        position += len(chunk)
    if file.lines.count() != file.lines_count - file.known_before:
        raise InvalidSettlementFile("Two lines of the file carry the same reference; please ask the sender.")


def _row(file: SettlementFile, line: StatementLine, position: int) -> SettlementLine:
    return SettlementLine(
        file=file,
        account=file.account,
        line_ref=line.line_ref,
        position=position,
        kind=line.kind,
        reference=line.reference,
        amount_minor=line.amount.minor,
        fee_minor=line.fee_minor,
        currency=line.amount.currency,
        booked_on=line.booked_on,
        is_reversal=line.is_reversal,
        text=line.text,
    )


def _book_fees(file: SettlementFile, *, by: Actor, at: datetime) -> None:
    """Book what the provider kept of each payment, under the line's own reference: once, however often it is told."""
    told = file.lines.filter(payment__isnull=False, payment__state="succeeded", is_reversal=False)
    for line in told.select_related("payment").iterator(chunk_size=CHUNK_LINES):
        fee = -line.amount_minor if line.kind == SettlementLine.Kind.FEE else line.fee_minor
        if fee <= 0 or line.payment is None or line.payment.currency != line.currency:
            continue
        record_processor_fee(
            line.payment.pk,
            amount=Money(fee, line.currency),
            reference=f"{file.account}:{line.line_ref}",
            charged_on=line.booked_on,
            by=by,
            at=at,
        )


@transaction.atomic
def resolve_break(break_id: int, *, how: str, note: str = "", by: Actor, at: datetime) -> Break:
    """This will close a difference with what it was.

    :raises NoSuchBreak, BreakNotOpen: if there is none, or it is closed
    :raises InvalidInput: if `how` is unknown, or nothing explains a difference that stays
    :raises StillNotBooked: if it is said to be booked and is not
    """
    gap = Break.objects.select_for_update(of=("self",)).select_related("file").filter(pk=break_id).first()
    if gap is None:
        raise NoSuchBreak("There is no such difference.")
    if gap.state != Break.State.OPEN:
        raise BreakNotOpen(f"It was closed already: {gap.get_how_display()}.")
    if how not in Break.How.values or (how != Break.How.BOOKED and not note.strip()):
        raise InvalidInput("Please say what the difference was, and why it may be closed.")
    if how == Break.How.BOOKED and gap.kind == Break.Kind.MISSING_IN_BOOKS and not _is_booked(gap):
        raise StillNotBooked(
            "The books do not have it yet. Please record the payment with the sender's reference first."
        )
    close_break(gap, how=how, note=note.strip(), by=by, at=at)
    return gap


def _is_booked(gap: Break) -> bool:
    if gap.line_id is None or gap.file is None:
        ours = Refund.objects.filter(gateway_reference=gap.reference, state__in=["paid", "settled"])
        return bool(gap.reference) and ours.exists()
    match_lines(gap.file)
    line = SettlementLine.objects.select_related("payment", "refund").get(pk=gap.line_id)
    booked = line.payment is not None and line.payment.state == "succeeded"
    return booked or (line.refund is not None and line.refund.state in ("paid", "settled"))
