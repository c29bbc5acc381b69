"""What leaves the house, at length: the journal as SAF-T and the file of a case, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryFile
from typing import Any

from tests.benchmarks.harness import Figure, owner_connection, use_database
from tests.benchmarks.ledger_reading import FIRST_DAY, LAST_DAY
from tests.benchmarks.ledger_reading import load as load_books
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

LIMIT_MB = 512
ENTRIES, MESSAGES = 100_000, 5_000
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)

CUSTOMERS = """
INSERT INTO ledger_customer (id, number, name, kind, language, country, region, street, address_more, postal_code, city,
                             time_zone, currency, vat_id, opened_at)
SELECT n, 'B-' || n, 'Customer ' || n, 'consumer', 'en', 'DE', '', '', '', '', '', 'Europe/Berlin', 'EUR', '', now()
FROM generate_series(1, 2) n
"""


def write_journal() -> int:
    """Write the journal as SAF-T; return its bytes."""
    from ledger.exports.saft import saft_lines

    with TemporaryFile() as file:
        for piece in saft_lines(FIRST_DAY, LAST_DAY, currency="EUR", created_on=date(2026, 4, 1)):
            file.write(piece.encode())
        return file.tell()


def open_case() -> int:
    """Let a mail open a case and fill it; return its number."""
    from tests.tickets.worlds import open_desk, opened
    from tickets.conversations.models import Message

    open_desk()
    ticket = opened(at=NOW)
    said = (
        Message(
            ticket=ticket, kind=("out", "in", "in")[number % 3], channel="email", author="ana@example.com",
            text=f"{number}" + " Please look at my bill again." * 16, written_at=NOW + timedelta(minutes=number),
        )
        for number in range(MESSAGES)
    )  # fmt: skip
    Message.objects.bulk_create(said, batch_size=500)
    return int(ticket.pk)


def write_case(ticket_id: int, form: str) -> int:
    """Write the file of a case; return its bytes."""
    from ledger.events.actor import Actor
    from tickets.casefile.operations import export_case_file

    made = export_case_file(ticket_id, form=form, by=Actor.system("bench"), at=NOW)
    made.content.close()
    return made.size


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Write 100,000 entries as SAF-T, and a case of 5,000 messages as JSON and as PDF, each once and alone."""
    with server.database("exports") as url:
        load_books(url, ENTRIES // 11 + 1)
        with owner_connection(url) as owner:
            owner.execute(CUSTOMERS)
        yield _figure(f"SAF-T of {ENTRIES:,} entries", url, write_journal)
        ticket_id = _alone(url, open_case)[0]
        for form in ("json", "pdf"):
            yield _figure(f"case of {MESSAGES:,} messages as {form.upper()}", url, write_case, ticket_id, form)


def _figure(subject: str, url: str, act: Callable[..., int], *given: Any) -> Figure:
    size, seconds, mine, children = _alone(url, act, *given)
    notes = [f"{seconds:.1f} s", f"{size / 1e6:.1f} MB written", f"peak {mine:.0f} MB"]
    if children:
        notes.append(f"its typesetter {children:.0f} MB")
    return Figure(f"{subject}: memory of {LIMIT_MB} MB", [mine / LIMIT_MB], 1.0, is_growth=True, notes=notes)


def _alone(url: str, act: Callable[..., int], *given: Any) -> tuple[int, float, float, float]:
    """Return what an act returned in a process of its own, its seconds, and the peaks of it and its children in MB."""
    context = multiprocessing.get_context("fork")
    near, far = context.Pipe()
    process = context.Process(target=_child, args=(far, url, act, given))
    process.start()
    far.close()
    answer = near.recv()
    process.join()
    if isinstance(answer, str):
        sys.exit(f"An export failed:\n{answer}")
    told: tuple[int, float, float, float] = answer
    return told


def _child(pipe: Any, url: str, act: Callable[..., int], given: tuple[Any, ...]) -> None:
    try:
        use_database(url)
        started = time.perf_counter()
        done = act(*given)
        seconds = time.perf_counter() - started
        pipe.send((done, seconds, _peak(resource.RUSAGE_SELF), _peak(resource.RUSAGE_CHILDREN)))
    except BaseException:
        pipe.send(traceback.format_exc())
        raise


def _peak(who: int) -> float:
    # Linux counts in kilobytes, macOS in bytes. Source: getrusage(2), ru_maxrss.
    return resource.getrusage(who).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
