"""Claiming, running and finishing reactions in batches, against bare `SKIP LOCKED` claims of the same size.

The handlers do nothing, so what is measured is the machinery: claim, order within a stream, savepoint, mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.benchmarks.harness import Contender, Figure, backend_of, crew, owner_connection, rounds_of, share
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

if TYPE_CHECKING:
    from ledger.events.models import Event

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVENTS = 90_000
CUSTOMERS = 30_000
EVENT = "bench.happened"


def do_nothing(event: Event, at: datetime) -> None:
    """React to nothing."""


def do_as_little(event: Event, at: datetime) -> None:
    """React to nothing either, so that a batch holds the reactions of two handlers."""


TABLE = {EVENT: (do_nothing, do_as_little)}

LOAD = """
INSERT INTO ledger_event (kind, subject, customer_id, actor, on_behalf_of, occurred_at, data, previous_hash, hash)
SELECT 'bench.happened', 'thing:' || n, 1 + n % {customers}, 'system:bench', '', '{now}', '{{"number": "#1"}}', '', ''
FROM generate_series(1, {events}) n;
INSERT INTO ledger_reaction (event_id, handler, stream, due_at, attempts, last_error)
SELECT e.id, h, 'customer:' || e.customer_id, '{now}', 0, ''
FROM ledger_event e, unnest(ARRAY['{module}.do_nothing', '{module}.do_as_little']) h
WHERE e.kind = 'bench.happened' ORDER BY e.id;
"""

CLAIM = """
SELECT id, event_id FROM ledger_reaction WHERE done_at IS NULL AND due_at <= %s
ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT %s
"""
FINISH = "UPDATE ledger_reaction SET done_at = %s, attempts = attempts + 1 WHERE id = ANY (%s)"


def contenders(url: str) -> dict[str, Contender]:
    """Return a batch of ours and a bare one."""
    from django.conf import settings
    from django.db import connection

    from ledger.events import outbox

    settings.REACTIONS = f"{__name__}.TABLE"
    outbox.table.cache_clear()
    outbox._by_name.cache_clear()
    raw = owner_connection(url)

    def ours() -> int:
        return _some(outbox.run_due_reactions(at=NOW, limit=outbox.BATCH))

    def bare() -> int:
        with raw.transaction():
            claimed = [row[0] for row in raw.execute(CLAIM, [NOW, outbox.BATCH], prepare=True)]
            raw.execute(FINISH, [NOW, claimed], prepare=True)
        return _some(len(claimed))

    return {"ours": Contender(ours, (backend_of(connection),)), "bare": Contender(bare, (backend_of(raw),))}


def _some(done: int) -> int:
    if not done:
        raise RuntimeError("There was nothing left to react to: load more.")
    return done


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Run batches beside bare ones."""
    with server.database("reactions") as url:
        with owner_connection(url) as owner:
            words = {"events": EVENTS, "customers": CUSTOMERS, "now": NOW.isoformat()}
            owner.execute(LOAD.format(module=__name__, **words))
            owner.execute("VACUUM ANALYZE")
        with crew(contenders, url, url) as workers:
            rounds = rounds_of({name: (workers, name) for name in ("ours", "bare")}, options.pairs, 0.2)
    from ledger.events.outbox import BATCH

    yield share(f"reactions, claim-run-finish in batches of {BATCH}", rounds, "ours", "bare", 0.40)
