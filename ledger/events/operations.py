"""record_event: the fact and its reactions, in the caller's transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime

from django.db import models, transaction

from ledger.errors import DomainError
from ledger.events import outbox
from ledger.events.actor import Actor
from ledger.events.models import Event, Reaction
from ledger.later import run_later

Json = Mapping[str, object]

#: Set while a reaction works: what it records stands for itself, so nothing else is needed; kept for the audit trail.
_cause: ContextVar[str] = ContextVar("cause", default="")


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
    with transaction.atomic():
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
