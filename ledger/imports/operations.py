"""import_file, request_import, import_after_dry_run, and what the worker does with what was requested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.db.models.functions import Now

from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.imports import files
from ledger.imports.engine import carry_out
from ledger.imports.models import ImportRun
from ledger.imports.reading import UnreadableFile
from ledger.imports.report import CHANGED, IMPORTED, KNOWN, LEFT_OUT, REFUSED, Report, report
from ledger.imports.sources import Asked, count_rows
from ledger.imports.writing import Import
from ledger.later import run_later
from ledger.money import exponent

#: A worker that was not seen for so long is taken for dead.
DEAD_AFTER = timedelta(minutes=2)
NOTHING_STAYED = "Nothing was imported, because not every row can be."


class NoSuchImport(NotFound):
    """There is no such import."""


class DryRunMissing(DomainError):
    """A file is imported after a dry run of the very same file, as somebody has to have seen what it does."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to import and how: the kind of rows, the form of the file, what stands for what rows leave open."""

    kind: str
    form: str = "csv"
    file_name: str = ""
    is_dry_run: bool = False
    is_all_or_nothing: bool = False
    country: str = ""
    currency: str = ""


def import_file(open_file: Callable[[], BinaryIO], *, order: Order, by: Actor, at: datetime) -> ImportRun:
    """This will import a file at once, or try to; the run that is returned has counts, totals and problems.

    Nobody is told anything. Rows imported before are left as they are, so repeating is harmless.

    :raises InvalidInput: if the kind, the form, the country or the currency is unknown
    """
    with open_file() as file:
        sha256, size = files.digest_of(file)
    run = _new_run(order, sha256, size, by=by, at=at)
    _take(run.pk)
    return _work_on(run.pk, open_file, at=at)


@transaction.atomic
def request_import(file: BinaryIO, *, order: Order, by: Actor, at: datetime) -> ImportRun:
    """This will keep an uploaded file and have a worker try it; `import_after_dry_run` then imports it.

    :raises DryRunMissing: if the order is not for a dry run
    :raises FileTooLarge: if it is larger than an upload may be
    :raises InvalidInput: if the kind, the form, the country or the currency is unknown
    """
    if not order.is_dry_run:
        raise DryRunMissing("Try the file first; what it does is shown, and then it can be imported.")
    sha256, size = files.keep_file(file, at=at)
    run = _new_run(order, sha256, size, by=by, at=at)
    run_later("ledger.tasks.run_import", run_id=run.pk)
    return run


@transaction.atomic
def import_after_dry_run(run_id: int, *, by: Actor, at: datetime) -> ImportRun:
    """This will have a worker import the file of a dry run for good: the same bytes, read the same way.

    :raises NoSuchImport: if there is no such run
    :raises DryRunMissing: if it was no dry run, is not finished, or its file is no longer kept
    """
    tried = ImportRun.objects.filter(pk=run_id).first()
    if tried is None:
        raise NoSuchImport("There is no such import.")
    if why := why_not_import(tried):
        raise DryRunMissing(why)
    run = _new_run(_order_of(tried), tried.sha256, tried.size, by=by, at=at)
    run_later("ledger.tasks.run_import", run_id=run.pk)
    return run


def why_not_import(tried: ImportRun) -> str | None:
    """Return why the file of a run cannot be imported now, in words; None when it can."""
    if not tried.is_dry_run:
        return "This was no dry run."
    if tried.state != ImportRun.State.FINISHED:
        return "The dry run has not read the file to its end."
    if not files.is_kept(tried.sha256):
        return "The file is imported, or was deleted after a week; upload it again."
    return None


def _order_of(run: ImportRun) -> Order:
    return Order(
        kind=run.kind, form=run.form, file_name=run.file_name, is_all_or_nothing=run.is_all_or_nothing,
        country=run.default_country, currency=run.default_currency,
    )  # fmt: skip


def _new_run(order: Order, sha256: str, size: int, *, by: Actor, at: datetime) -> ImportRun:
    if order.kind not in ImportRun.Kind.values or order.form not in ImportRun.Form.values:
        raise InvalidInput(f"{order.kind!r} from {order.form!r} is nothing that can be imported.")
    if order.currency:
        exponent(order.currency)
    if order.country and not (len(order.country) == 2 and order.country.isascii() and order.country.isupper()):
        raise InvalidInput(f"{order.country!r} is not a country code such as DE.")
    run = ImportRun.objects.create(
        kind=order.kind,
        form=order.form,
        file_name=order.file_name[-200:],
        sha256=sha256,
        size=size,
        is_dry_run=order.is_dry_run,
        is_all_or_nothing=order.is_all_or_nothing,
        default_country=order.country,
        default_currency=order.currency,
        requested_by=str(by),
        requested_at=at,
    )
    record_event(
        kinds.IMPORT_REQUESTED, subject=run, customer_id=None, by=by, at=at, import_kind=run.kind, file=run.file_name,
        sha256=sha256, is_dry_run=run.is_dry_run,
    )  # fmt: skip
    return run


def run_import(run_id: int, *, at: datetime) -> ImportRun | None:
    """This will do what was requested, unless somebody else is at it; safe to run twice and after a worker died."""
    if not _take(run_id):
        return None
    run = ImportRun.objects.get(pk=run_id)
    if not files.is_kept(run.sha256) and run.size:
        return _refuse(run, "The file is no longer kept; upload it again.", at=at)
    run = _work_on(run_id, lambda: files.open_kept(run.sha256), at=at)
    if not run.is_dry_run:
        files.forget_file(run.sha256)
    return run


def resume_imports(*, at: datetime) -> None:
    """This will do what no worker does: imports that wait, or whose worker died; and delete old files."""
    unfinished = ImportRun.objects.filter(state__in=[ImportRun.State.WAITING, ImportRun.State.RUNNING])
    for run_id in list(unfinished.order_by("pk").values_list("pk", flat=True)):
        run_import(run_id, at=at)
    files.forget_old_files(at=at)


@transaction.atomic
def _take(run_id: int) -> bool:
    """Make a run ours; False when it is over, or another worker is at it."""
    run = ImportRun.objects.select_for_update(skip_locked=True).filter(pk=run_id).first()
    now = _clock()
    if run is None or run.state in (ImportRun.State.FINISHED, ImportRun.State.REFUSED):
        return False
    if run.state == ImportRun.State.WAITING:
        run.take(at=now)
    elif run.beat_at and now - run.beat_at < DEAD_AFTER:
        return False
    run.beat_at = now
    run.save(update_fields=["state", "beat_at"])
    return True


def _clock() -> datetime:
    """The server's clock: how long a worker is silent is no fact of the books."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _work_on(run_id: int, open_file: Callable[[], BinaryIO], *, at: datetime) -> ImportRun:
    run = ImportRun.objects.get(pk=run_id)
    asked = Asked(run.kind, run.form, run.default_country, run.default_currency)
    by = Actor.parse(run.requested_by)
    try:
        with report() as found:
            with open_file() as file:
                rows = count_rows(asked, file)
            ImportRun.objects.filter(pk=run_id).update(rows=rows, done=0, beat_at=Now())
            with open_file() as file:
                totals = carry_out(run, asked, file, work=Import(run.pk, by, at, run.is_dry_run), report=found)
            return _finish(run_id, found, totals, by=by, at=at)
    except UnreadableFile as refusal:
        return _refuse(run, str(refusal), at=at)


@transaction.atomic
def _finish(run_id: int, found: Report, totals: list[dict[str, Any]], *, by: Actor, at: datetime) -> ImportRun:
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    found.write_problems(run_id)
    counts = found.counts
    run.imported, run.known, run.changed = counts[IMPORTED], counts[KNOWN], counts[CHANGED]
    run.refused, run.left_out, run.done, run.totals = counts[REFUSED], counts[LEFT_OUT], found.looked_at, totals
    stopped = run.is_all_or_nothing and not run.is_dry_run and run.problems_found
    run.finish(at=_clock(), note=NOTHING_STAYED if stopped else "")
    run.save()
    record_event(
        kinds.IMPORT_FINISHED, subject=run, customer_id=None, by=by, at=at, import_kind=run.kind, file=run.file_name,
        sha256=run.sha256, is_dry_run=run.is_dry_run, imported=run.imported,
        known=run.known, changed=run.changed, refused=run.refused, left_out=run.left_out, totals=totals,
    )  # fmt: skip
    return run


@transaction.atomic
def _refuse(run: ImportRun, why: str, *, at: datetime) -> ImportRun:
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    run.refuse(at=_clock(), why=why)
    run.save()
    by = Actor.parse(run.requested_by)
    record_event(kinds.IMPORT_REFUSED, subject=run, customer_id=None, by=by, at=at, file=run.file_name, why=run.note)
    return run
