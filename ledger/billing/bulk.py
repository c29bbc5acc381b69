"""Many rows of a model by one statement: one array per column that varies, one value for every other column.

Columns that are not named get what the model would give them, so a column that a model gains later is filled here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

from ledger.books.wire import plain_array, text_array

_QUOTED = ("varchar", "text", "jsonb")


def insert_many(model: type[models.Model], columns: Mapping[str, Sequence[Any]], same: Mapping[str, Any]) -> None:
    """Insert as many rows as the columns are long; `same` holds what is equal in all of them.

    Texts and JSON (as text) are never None; numbers and days may be.
    """
    statement, writers, defaults = _statement(model, tuple(columns), tuple(same))
    arrays = [write(values) for write, values in zip(writers, columns.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*same.values(), *defaults, *arrays])


def draw_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw primary keys ahead of the rows that get them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s::text, 'id')::regclass) FROM generate_series(1, %s::integer)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


@lru_cache(maxsize=32)
def _statement(
    model: type[models.Model], varying: tuple[str, ...], same: tuple[str, ...]
) -> tuple[str, list[Callable[[Iterable[Any]], str]], list[Any]]:
    """Return the statement, how each array is written, and the values of the columns nobody named."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    others = [
        name
        for name, field in fields.items()
        if name not in varying and name not in same and not field.primary_key and not _is_set_by_database(field)
    ]
    types = {name: _type(field) for name, field in fields.items()}
    quote = connection.ops.quote_name
    inserted = [fields[name].column for name in (*same, *others, *varying)]
    values = [f"%s::{types[name]}" for name in (*same, *others)]
    arrays = ", ".join(f"%s::{types[name]}[]" for name in varying)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(str(name)) for name in inserted)}) "
        f"SELECT {', '.join([*values, *(f'w.{quote(name)}' for name in varying)])} "
        f"FROM unnest({arrays}) AS w ({', '.join(map(quote, varying))})"
    )
    writers: list[Callable[[Iterable[Any]], str]] = [
        text_array if types[name].startswith(_QUOTED) else plain_array for name in varying
    ]
    return statement, writers, [_prepared(fields[name]) for name in others]


def _type(field: models.Field[Any, Any]) -> str:
    return (field.rel_db_type(connection) if field.primary_key else field.db_type(connection)) or "text"


def _is_set_by_database(field: models.Field[Any, Any]) -> bool:
    return field.has_db_default() if hasattr(field, "has_db_default") else False


def _prepared(field: models.Field[Any, Any]) -> Any:
    return field.get_db_prep_save(field.get_default(), connection)
