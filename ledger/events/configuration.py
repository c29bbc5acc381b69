"""What changed in a row of configuration, as an event keeps it: field by field, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event

HIDDEN = "(hidden)"


def values_of(row: Model, *, hide: Sequence[str] = ()) -> dict[str, Any]:
    """Return a row's own columns as JSON can hold them; the fields named in `hide` keep only that they are set."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        values[field.attname] = (HIDDEN if value else "") if field.name in hide else _plain(value)
    return values


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    try:
        return DjangoJSONEncoder().default(value)
    except TypeError:
        return str(value)


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two sides of what differs."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def record_change(
    kind: str,
    subject: Model | str,
    *,
    what: str,
    before: dict[str, Any],
    after: dict[str, Any],
    by: Actor,
    at: datetime,
) -> Event:
    """This will put a change of configuration on the audit trail."""
    return record_event(kind, subject=subject, customer_id=None, by=by, at=at, what=what, before=before, after=after)
