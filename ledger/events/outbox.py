"""Runs reactions: claim a batch, call each handler, mark them done, in one transaction.

A worker that dies takes its whole transaction with it: no effect, nothing marked, and the next sweep begins again.
A handler that raises loses only its own effects (a savepoint), keeps its error and rests; its neighbours complete.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils.module_loading import import_string

from ledger.events.models import Event, Reaction

log = logging.getLogger(__name__)

#: A handler gets the event and the moment; it writes only to the database and is safe to run twice.
Handler = Callable[[Event, datetime], None]

FIRST_RETRY_S = 5
LONGEST_RETRY_S = 3600
BATCH = 50

# Due, not held by another worker, and the oldest undone of its handler in its stream.
CLAIM = """
SELECT r.* FROM ledger_reaction r
WHERE r.done_at IS NULL AND r.due_at <= %s AND (%s::bigint IS NULL OR r.event_id = %s::bigint)
  AND NOT EXISTS (SELECT 1 FROM ledger_reaction earlier
                  WHERE earlier.handler = r.handler AND earlier.stream = r.stream
                    AND earlier.done_at IS NULL AND earlier.id < r.id)
ORDER BY r.due_at, r.id
FOR UPDATE OF r SKIP LOCKED
LIMIT %s
"""


@lru_cache(maxsize=1)
def table() -> Mapping[str, tuple[Handler, ...]]:
    """Return the reactions table named by the setting REACTIONS (the one place where lower apps meet higher ones)."""
    loaded: Mapping[str, tuple[Handler, ...]] = import_string(settings.REACTIONS)
    return loaded


def handlers_of(kind: str) -> tuple[Handler, ...] | None:
    """Return who reacts to a kind of event; None when the kind is not in the table."""
    return table().get(kind)


def name_of(handler: Handler) -> str:
    """Return the stable name under which a handler's reactions are kept."""
    return f"{handler.__module__}.{handler.__qualname__}"


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Handler]:
    return {name_of(handler): handler for handlers in table().values() for handler in handlers}


def run_due_reactions(*, at: datetime, limit: int = 1000) -> int:
    """Run what is due, oldest first, until nothing is left or `limit` is reached; return how many were claimed."""
    done = 0
    while done < limit:
        claimed = _run_batch(at=at, size=min(BATCH, limit - done))
        if not claimed:
            break
        done += claimed
    return done


def run_reactions_of(event_id: int, *, at: datetime) -> int:
    """Run the due reactions of one event; return how many were claimed."""
    return _run_batch(at=at, size=BATCH, event_id=event_id)


@transaction.atomic
def _run_batch(*, at: datetime, size: int, event_id: int | None = None) -> int:
    claimed = list(Reaction.objects.raw(CLAIM, [at, event_id, event_id, size]))
    events = Event.objects.in_bulk({reaction.event_id for reaction in claimed})
    done = [reaction.pk for reaction in claimed if _run(reaction, events[reaction.event_id], at=at)]
    if done:
        Reaction.objects.filter(pk__in=done).update(done_at=at, last_error="", attempts=F("attempts") + 1)
    return len(claimed)


def _run(reaction: Reaction, event: Event, *, at: datetime) -> bool:
    """Call the handler in a savepoint; on failure keep the error and a later due time, and return False."""
    try:
        with transaction.atomic():
            _by_name()[reaction.handler](event, at)
    except OperationalError:
        # The connection or a lock gave way, not the handler: the whole claim is rolled back and swept again.
        raise
    except Exception as problem:
        log.exception("reaction %s of event %s failed", reaction.handler, reaction.event_id)
        reaction.attempts += 1
        reaction.last_error = f"{type(problem).__name__}: {problem}"
        reaction.due_at = at + retry_after(reaction.attempts)
        reaction.save(update_fields=["attempts", "last_error", "due_at"])
        return False
    return True


def retry_after(attempts: int) -> timedelta:
    """Return how long a failed reaction rests: five seconds, doubling, at most an hour."""
    return timedelta(seconds=min(FIRST_RETRY_S * 2 ** min(attempts - 1, 12), LONGEST_RETRY_S))
