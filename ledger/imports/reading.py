"""From bytes to rows of cells: UTF-8 with or without BOM, comma, semicolon or tab; memory stays flat.

What makes the file as a whole unreadable is `UnreadableFile`, before anything is written: `check_file` reads it first.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ledger.errors import InvalidInput

#: The longest line, and the longest JSON object, that is read: a row of ours has a few hundred bytes.
LONGEST_LINE = 1024 * 1024
SEPARATORS = ",;\t"
#: How Office files begin, which are archives.
_ZIP = b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class UnreadableFile(InvalidInput):
    """The file cannot be read as a whole; the message says why, and what to do."""


class Readable(Protocol):
    """What a file is read from."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of a CSV file by column, with the line it begins on; `problem` says what is wrong with the row."""

    line: int
    values: Mapping[str, str]
    problem: str = ""


def lines_of(stream: Readable) -> Iterator[str]:
    """Yield the lines of a text file.

    :raises UnreadableFile: if it is no UTF-8 text, or a line is longer than any row is
    """
    number = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            if raw.startswith(_UTF16):
                raise UnreadableFile("The file is UTF-16. Save it as UTF-8 (in Excel: CSV UTF-8).")
            if raw.startswith(_ZIP):
                raise UnreadableFile("This is an Excel file. Save it as CSV UTF-8.")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) > LONGEST_LINE:
            raise UnreadableFile(f"Line {number} is longer than {LONGEST_LINE:,} bytes: this is no file of rows.")
        if b"\0" in raw:
            raise UnreadableFile(f"Line {number} holds bytes that no text has: this is no text file.")
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise UnreadableFile(
                f"Line {number} is not UTF-8 text. Save the file as UTF-8 (in Excel: CSV UTF-8)."
            ) from problem


def read_csv(stream: Readable, *, tidy: bool = True) -> Iterator[Cells]:
    """Yield the header as the first row (its values map each column to itself), then the rows, without empty ones.

    :raises UnreadableFile: if there is no header, a column stands twice, or a quote is never closed
    """
    lines = lines_of(stream)
    first = next(lines, "")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(_again(first, lines), delimiter=separator, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise UnreadableFile(
                f"Line {line}: a quote is opened and not closed as it should be ({problem})."
            ) from problem
        if cells is None:
            break
        if not header:
            header = _header([_tidy(cell) if tidy else cell.strip() for cell in cells])
            yield Cells(line, {name: name for name in header})
        elif any(cell.strip() for cell in cells):
            yield _row(line, header, cells)
    if not header:
        raise UnreadableFile("The file is empty: its first line names the columns.")


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _tidy(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _header(names: list[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFile(f"The column {twice[0]!r} stands twice in the first line.")
    return names


def _row(line: int, header: list[str], cells: list[str]) -> Cells:
    values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    if len(cells) == len(header):
        return Cells(line, values)
    hint = " A text with a separator in it stands in quotes." if len(cells) > len(header) else ""
    return Cells(line, values, f"The row has {len(cells)} cells, the first line {len(header)}.{hint}")


def check_columns(found: Mapping[str, str], *, known: tuple[str, ...], required: tuple[str, ...]) -> None:
    """Refuse a header that lacks a column, or has one nobody would read.

    :raises UnreadableFile: naming every such column
    """
    missing = [name for name in required if name not in found]
    unknown = [name for name in found if name not in known]
    problems = []
    if missing:
        problems.append(f"The first line lacks {_listed(missing)}.")
    if unknown:
        problems.append(f"Nobody reads {_listed(unknown)}; take it out.")
    if problems:
        raise UnreadableFile(f"{' '.join(problems)} Columns are {', '.join(known)}.")


def _listed(names: list[str]) -> str:
    shown = [repr(name[:40]) for name in names[:8]]
    return ", ".join(shown) + (" and more" if len(names) > 8 else "")
