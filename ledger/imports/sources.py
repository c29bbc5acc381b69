"""Rows of ours from a file of any kind and form; memory stays flat, and every wrong row comes with all its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ledger.errors import DomainError
from ledger.imports import csv_rows, reading, stripe_csv, stripe_invoices, stripe_rows
from ledger.imports.cells import LeftOut, RowRefused
from ledger.imports.json_reading import JsonObjects
from ledger.imports.reading import Cells, Readable, UnreadableFile, read_csv
from ledger.imports.rows import Placed, Row

_CSV: dict[str, Callable[[Cells], Row]] = {
    "prices": csv_rows.price_of,
    "subscriptions": csv_rows.subscription_of,
}
_STRIPE: dict[str, Callable[[dict[str, Any]], Row]] = {
    "products": stripe_rows.product_of,
    "prices": stripe_rows.price_of,
    "subscriptions": stripe_rows.subscription_of,
    "invoices": stripe_invoices.invoice_of,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file is, and what stands for what its rows leave open."""

    kind: str
    form: str = "csv"
    country: str = ""
    currency: str = ""


def count_rows(asked: Asked, stream: Readable) -> int:
    """Return how many rows (or bills) a file has; read to its end, so that what is unreadable is found before a write.

    :raises UnreadableFile: if it cannot be read as a whole
    """
    if asked.form == "stripe":
        return sum(1 for _ in JsonObjects(stream))
    rows = _cells(asked, stream)
    if asked.form == "csv" and asked.kind == "invoices":
        return sum(1 for _ in csv_rows.invoices_of(rows))
    return sum(1 for _ in rows)


def rows_of(asked: Asked, stream: Readable) -> Iterator[Placed]:
    """Yield every row of a file, the wrong ones with what is wrong.

    :raises UnreadableFile: if it cannot be read as a whole
    """
    if asked.form == "stripe":
        for place, thing in JsonObjects(stream):
            given = thing.get("id")
            yield _placed(place, given if isinstance(given, str) else "", _of_stripe, asked, thing)
        return
    rows = _cells(asked, stream)
    if asked.form == "csv" and asked.kind == "invoices":
        for together, count in csv_rows.invoices_of(rows):
            first = together[0]
            yield _placed(first.line, first.values.get("number", ""), _bill, together, count)
        return
    name = "code" if asked.kind == "prices" else "id"
    for cells in rows:
        yield _placed(cells.line, cells.values.get(name, ""), _of_cells, asked, cells)


def _cells(asked: Asked, stream: Readable) -> Iterator[Cells]:
    """Yield the rows below a header that was checked."""
    is_ours = asked.form == "csv"
    if asked.kind not in (csv_rows.COLUMNS if is_ours else stripe_csv.REQUIRED):
        raise UnreadableFile(f"There is no CSV form for {asked.kind}.")
    rows = read_csv(stream, tidy=is_ours)
    header = next(rows).values
    if is_ours:
        kind = asked.kind
        reading.check_columns(header, known=csv_rows.COLUMNS[kind], required=csv_rows.REQUIRED[kind])
    else:
        stripe_csv.check_columns(asked.kind, header)
    return rows


def _of_cells(asked: Asked, cells: Cells) -> Row:
    if cells.problem:
        raise RowRefused(cells.problem)
    if asked.form == "stripe_csv":
        if asked.kind == "invoices":
            return stripe_csv.invoice_of(cells)
        return stripe_csv.customer_of(cells, country=asked.country, currency=asked.currency)
    if asked.kind == "customers":
        return csv_rows.customer_of(cells, country=asked.country, currency=asked.currency)
    return _CSV[asked.kind](cells)


def _of_stripe(asked: Asked, thing: dict[str, Any]) -> Row:
    if asked.kind == "customers":
        return stripe_rows.customer_of(thing, country=asked.country, currency=asked.currency)
    return _STRIPE[asked.kind](thing)


def _bill(together: list[Cells], count: int) -> Row:
    broken = next((f"Line {cells.line}: {cells.problem}" for cells in together if cells.problem), "")
    if broken:
        raise RowRefused(broken)
    return csv_rows.invoice_of(together, count)


def _placed(line: int, named: str, read: Callable[..., Row], *given: Any) -> Placed:
    named = "".join(letter for letter in named[:100] if letter.isprintable())
    try:
        row = read(*given)
    except LeftOut:
        return Placed(line, None, named)
    except RowRefused as refusal:
        return Placed(line, None, named, refusal.reasons)
    except DomainError as refusal:
        return Placed(line, None, named, (str(refusal),))
    return Placed(line, row, row.external_id)
