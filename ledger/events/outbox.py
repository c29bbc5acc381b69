"""Runs reactions: claim a batch, call each handler, mark them done, in one transaction.

A worker that dies takes its whole transaction with it: no effect, nothing marked, and the next sweep begins again.
A handler that raises loses only its own effects (a savepoint), keeps its error and rests; its neighbours complete.
Within a batch the reactions of one handler run after each other; between handlers no order is promised, but for those
marked `in_one_order`: they take turns in the order of the events, as if they were one handler.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.module_loading import import_string

from ledger.events.models import Event, Reaction

log = logging.getLogger(__name__)

#: A handler gets the event and the moment; it writes only to the database and is safe to run twice.
Handler = Callable[[Event, datetime], None]
Marked = TypeVar("Marked", bound=Callable[..., None])
#: Handlers whose order among each other matters, by name.
_in_one_order: set[str] = set()

FIRST_RETRY_S = 5
LONGEST_RETRY_S = 3600
BATCH = 50

# Due, not held by another worker, and the oldest undone of its handler (or of all in one order) in its stream; with its
# event.
CLAIM = """
SELECT r.id, r.handler, r.attempts, {columns}
FROM ledger_reaction r JOIN ledger_event e ON e.id = r.event_id
WHERE r.done_at IS NULL AND r.due_at <= %s {of_one_event}
  AND NOT EXISTS (SELECT 1 FROM ledger_reaction earlier
                  WHERE earlier.handler = ANY (CASE WHEN r.handler = ANY (%s) THEN %s ELSE ARRAY[r.handler::text] END)
                    AND earlier.stream = r.stream
                    AND earlier.done_at IS NULL AND earlier.id < r.id)
ORDER BY r.due_at, r.id
FOR UPDATE OF r SKIP LOCKED
LIMIT %s
"""
FIELDS = [field.attname for field in Event._meta.concrete_fields]
COLUMNS = ", ".join(f'e."{field.column}"' for field in Event._meta.concrete_fields)
CLAIM_DUE = CLAIM.format(columns=COLUMNS, of_one_event="")
CLAIM_OF_EVENT = CLAIM.format(columns=COLUMNS, of_one_event="AND r.event_id = %s")
FINISH = "UPDATE ledger_reaction SET done_at = %s, last_error = '', attempts = attempts + 1 WHERE id = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed reaction: what its handler is called with, and how often it failed before."""

    reaction_id: int
    handler: str
    attempts: int
    event: Event


@lru_cache(maxsize=1)
def table() -> Mapping[str, tuple[Handler, ...]]:
    """Return the reactions table named by the setting REACTIONS (the one place where lower apps meet higher ones)."""
    loaded: Mapping[str, tuple[Handler, ...]] = import_string(settings.REACTIONS)
    return loaded


def handlers_of(kind: str) -> tuple[Handler, ...] | None:
    """Return who reacts to a kind of event; None when the kind is not in the table."""
    return table().get(kind)


def in_one_order(handler: Marked) -> Marked:
    """Mark a handler that tells customers something: what happened first is told first, whichever handler tells it."""
    _in_one_order.add(name_of(handler))
    return handler


def name_of(handler: Callable[..., None]) -> str:
    """Return the stable name under which a handler's reactions are kept."""
    return f"{handler.__module__}.{handler.__qualname__}"


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Handler]:
    return {name_of(handler): handler for handlers in table().values() for handler in handlers}


def _order() -> list[list[str]]:
    """Return the names of the handlers in one order, as often as the claim asks for them."""
    table()
    return [sorted(_in_one_order)] * 2


def run_due_reactions(*, at: datetime, limit: int = 1000) -> int:
    """Run what is due, oldest first, until nothing is left or `limit` is reached; return how many were claimed."""
    done = 0
    while done < limit:
        claimed = _run_batch(CLAIM_DUE, [at, *_order(), min(BATCH, limit - done)], at=at)
        if not claimed:
            break
        done += claimed
    return done


def run_reactions_of(event_id: int, *, at: datetime) -> int:
    """Run the due reactions of one event; return how many were claimed."""
    return _run_batch(CLAIM_OF_EVENT, [at, event_id, *_order(), BATCH], at=at)


@transaction.atomic
def _run_batch(claim: str, parameters: list[Any], *, at: datetime) -> int:
    by_handler: dict[str, list[Due]] = {}
    for due in _claim(claim, parameters):
        by_handler.setdefault("" if due.handler in _in_one_order else due.handler, []).append(due)
    done = [due.reaction_id for group in by_handler.values() for due in _run_group(group, at=at)]
    if done:
        with connection.cursor() as cursor:
            cursor.execute(FINISH, [at, done])
    return sum(map(len, by_handler.values()))


def _claim(claim: str, parameters: list[Any]) -> list[Due]:
    """Return reactions with their events, built straight from the rows: a queryset costs twice as much."""
    data: Any = Event._meta.get_field("data")
    place = FIELDS.index("data")
    found = []
    with connection.cursor() as cursor:
        cursor.execute(claim, parameters)
        for reaction_id, handler, attempts, *values in cursor.fetchall():
            values[place] = data.from_db_value(values[place], None, connection)
            found.append(Due(reaction_id, handler, attempts, Event.from_db(connection.alias, FIELDS, values)))
    return found


def _run_group(group: list[Due], *, at: datetime) -> list[Due]:
    """Run the reactions of one handler, or of those in one order; return those that are done.

    They share one savepoint, because one for each costs more than the rest of the work. When one fails, all of them are
    undone and run again one by one, so that the failing one alone loses its effects.
    """
    if len(group) > 1:
        try:
            with transaction.atomic():
                for due in group:
                    _by_name()[due.handler](due.event, at)
            return group
        except OperationalError:
            raise
        except Exception:
            log.info("a reaction of %s failed: they are run one by one", group[0].handler, exc_info=True)
    return [due for due in group if _run(due, at=at)]


def _run(due: Due, *, at: datetime) -> bool:
    """Call the handler in a savepoint; on failure keep the error and a later due time, and return False."""
    try:
        with transaction.atomic():
            _by_name()[due.handler](due.event, at)
    except OperationalError:
        # The connection or a lock gave way, not the handler: the whole claim is rolled back and swept again.
        raise
    except Exception as problem:
        log.exception("reaction %s of event %s failed", due.handler, due.event.pk)
        attempts = due.attempts + 1
        Reaction.objects.filter(pk=due.reaction_id).update(
            attempts=attempts,
            last_error=f"{type(problem).__name__}: {problem}",
            due_at=at + retry_after(attempts),
        )
        return False
    return True


def retry_after(attempts: int) -> timedelta:
    """Return how long a failed reaction rests: five seconds, doubling, at most an hour."""
    return timedelta(seconds=min(FIRST_RETRY_S * 2 ** min(attempts - 1, 12), LONGEST_RETRY_S))
