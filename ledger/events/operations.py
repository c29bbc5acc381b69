"""record_event and record_events: the facts and their reactions, in the caller's transaction."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models, transaction

from ledger.errors import DomainError
from ledger.events import outbox
from ledger.events.actor import Actor
from ledger.events.models import Event, Reaction
from ledger.later import run_later

Json = Mapping[str, object]

#: Set while a reaction works: what it records stands for itself, so nothing else is needed; kept for the audit trail.
_cause: ContextVar[str] = ContextVar("cause", default="")


# Ids are drawn in the order given, so that the reactions of one stream keep that order too.
_RECORD_MANY = """
WITH recorded AS (
    INSERT INTO ledger_event (kind, subject, customer_id, actor, on_behalf_of, occurred_at, data, previous_hash, hash)
    SELECT w.kind, w.subject, w.customer_id, %(actor)s, '', %(at)s, w.data, '', ''
    FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(customers)s::bigint[], %(data)s::jsonb[]) WITH ORDINALITY
        AS w (kind, subject, customer_id, data, place)
    ORDER BY w.place
    RETURNING id, kind, subject, customer_id
)
INSERT INTO ledger_reaction (event_id, handler, stream, due_at, attempts, last_error)
SELECT r.id, h.handler, coalesce('customer:' || r.customer_id, r.subject), %(at)s, 0, ''
FROM recorded r JOIN unnest(%(of_kinds)s::text[], %(handlers)s::text[]) AS h (kind, handler) ON h.kind = r.kind
ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact to record with others: what, to which thing ("invoice:42"), whose customer, and its data."""

    kind: str
    subject: str
    customer_id: int | None
    data: Json


class UnknownEventKind(DomainError):
    """The kind is not in the reactions table; an empty tuple there is a decision, a missing line is a mistake."""


def subject_of(thing: models.Model | str) -> str:
    """Return how events name a thing: `refund:42`."""
    if isinstance(thing, str):
        return thing
    return f"{thing._meta.model_name}:{thing.pk}"


@contextlib.contextmanager
def caused_by(reference: str) -> Iterator[None]:
    """Name the cause (a reaction, an API call, a request) of every event recorded inside."""
    token = _cause.set(reference)
    try:
        yield
    finally:
        _cause.reset(token)


def record_event(
    kind: str,
    *,
    subject: models.Model | str,
    customer_id: int | None,
    by: Actor,
    at: datetime,
    on_behalf_of: Actor | None = None,
    **data: object,
) -> Event:
    """Write what happened, and one reaction row per handler, in the caller's transaction.

    Values of `data` must be JSON; amounts travel as minor units with a currency, never as floats.

    :raises UnknownEventKind: if the kind has no line in the reactions table
    """
    handlers = outbox.handlers_of(kind)
    if handlers is None:
        raise UnknownEventKind(f"{kind} has no line in the reactions table.")
    cause = _cause.get()
    # No savepoint: a fact that cannot be written fails the whole act, so there is nothing to go back to.
    with transaction.atomic(savepoint=False):
        event = Event.objects.create(
            kind=kind,
            subject=subject_of(subject),
            customer_id=customer_id,
            actor=str(by),
            on_behalf_of=str(on_behalf_of) if on_behalf_of else "",
            occurred_at=at,
            data={**data, **({"cause": cause} if cause else {}), **({"actor_name": by.name} if by.name else {})},
        )
        if handlers:
            stream = f"customer:{customer_id}" if customer_id else event.subject
            Reaction.objects.bulk_create(
                Reaction(event=event, handler=outbox.name_of(handler), stream=stream, due_at=at) for handler in handlers
            )
            run_later("ledger.tasks.run_reactions_of", event_id=event.pk)
    return event


def record_events(happened: Sequence[Happening], *, by: Actor, at: datetime) -> None:
    """Write many facts and their reactions by one statement, in the order given; else the same as `record_event`.

    :raises UnknownEventKind: if a kind has no line in the reactions table
    """
    if not happened:
        return
    reacting = {kind: _handlers_of(kind) for kind in {fact.kind for fact in happened}}
    cause = _cause.get()
    more = {**({"cause": cause} if cause else {}), **({"actor_name": by.name} if by.name else {})}
    pairs = [(kind, name) for kind, names in reacting.items() for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD_MANY,
            {
                "actor": str(by),
                "at": at,
                "kinds": _text_array([fact.kind for fact in happened]),
                "subjects": _text_array([fact.subject for fact in happened]),
                "customers": [fact.customer_id for fact in happened],
                "data": _text_array([json.dumps({**fact.data, **more}) for fact in happened]),
                "of_kinds": [kind for kind, _ in pairs],
                "handlers": [name for _, name in pairs],
            },
        )
    if pairs:
        run_later("ledger.tasks.run_due_reactions")


def _text_array(values: Sequence[str]) -> str:
    """Return a PostgreSQL array literal: a list of texts costs the driver more than all the rest of the call."""
    return "{" + ",".join(['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]) + "}"


def _handlers_of(kind: str) -> list[str]:
    handlers = outbox.handlers_of(kind)
    if handlers is None:
        raise UnknownEventKind(f"{kind} has no line in the reactions table.")
    return [outbox.name_of(handler) for handler in handlers]
