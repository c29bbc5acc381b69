"""External ids: what a caller calls a thing, so that the same request twice makes it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from ledger.errors import DomainError

Row = TypeVar("Row", bound=models.Model)


def insert_or_find(row: Row, *, same: tuple[str, ...], reused: Callable[[str], DomainError]) -> Row | None:
    """Insert a row and return None, or return the one its `external_id` already stands for.

    Two callers at the same moment are told apart by the unique index, not by looking first. An IntegrityError that has
    another cause than the external id is raised as it came.

    :raises DomainError: the one `reused` makes of the id, if a field of `same` differs from what was asked then
    """
    wanted: Any = row
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            return None
    except IntegrityError:
        known = known_by_external_id(type(row), wanted.external_id)
        if known is None:
            raise
    if any(getattr(known, field) != getattr(row, field) for field in same):
        raise reused(wanted.external_id)
    return known


def known_by_external_id(model: type[Row], external_id: str | None) -> Row | None:
    """Return the row an external id stands for, if any."""
    return model._default_manager.filter(external_id=external_id).first() if external_id else None
