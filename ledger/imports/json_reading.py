"""From bytes to JSON objects, one in memory at a time: one a line, in an array, or in the lists an API answers with."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from ledger.imports.reading import LONGEST_LINE, Readable, UnreadableFile

_BLOCK = 64 * 1024
#: Within so many characters a list names its data, and ends after it.
_AHEAD = 2048
_TOO_LONG = f"longer than {LONGEST_LINE:,} characters"
#: Between entries: white space, and the commas of a list.
_SPACE = " \t\r\n,"
# What stands in a list object before and after its data; Stripe, API reference, "Pagination".
_PLAIN_KEYS = r'(?:\s*"(?:object|url|has_more|next_page|previous_page|total_count)"\s*:\s*[^,\[\]{}]*,)*'
_LIST_BEGINS = re.compile(r"\{" + _PLAIN_KEYS + r'\s*"data"\s*:\s*\[')
_LIST_ENDS = re.compile(r"\](?:[^\[\]{}]*\})?")


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


class JsonObjects:
    """The objects of a file in their order, each with its place: its number, counted from 1."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._ended = False
        self._depth = 0
        self.place = 0

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield place and object.

        :raises UnreadableFile: if the file is not JSON, or an object larger than any row is
        """
        while self._skip_space():
            if self._text[0] == "]" and self._depth:
                self._end_list()
            elif self._text[0] == "[" and not self._depth:
                self._text, self._depth = self._text[1:], 1
            elif not self._depth and self._begin_list():
                self._depth = 1
            else:
                self.place += 1
                yield self.place, self._next_object()
        if self._depth:
            raise UnreadableFile("The list is not closed: the file was cut off.")

    def _fill(self) -> bool:
        if self._ended:
            return False
        raw = self._stream.read(_BLOCK)
        try:
            self._text += self._decode.decode(raw, final=not raw)
        except UnicodeDecodeError as problem:
            raise UnreadableFile(f"Entry {self.place + 1} is not UTF-8 text.") from problem
        if "\0" in self._text:
            raise UnreadableFile("The file holds bytes that no text has: this is no text file.")
        self._ended = not raw
        return not self._ended

    def _skip_space(self) -> bool:
        """Move to the next character that says something; False at the end."""
        while True:
            self._text = self._text.lstrip(_SPACE)
            if self._text or not self._fill():
                return bool(self._text)

    def _look_ahead(self) -> None:
        while len(self._text) < _AHEAD and self._fill():
            continue

    def _begin_list(self) -> bool:
        """Step into a list object, if one begins here."""
        self._look_ahead()
        found = _LIST_BEGINS.match(self._text)
        if found:
            self._text = self._text[found.end() :]
        return found is not None

    def _end_list(self) -> None:
        self._look_ahead()
        found = _LIST_ENDS.match(self._text)
        self._text, self._depth = self._text[found.end() if found else 1 :], 0

    def _next_object(self) -> dict[str, Any]:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text)
            except RecursionError as problem:
                raise UnreadableFile(f"Entry {self.place} is nested too deeply.") from problem
            except ValueError as problem:
                if len(self._text) > LONGEST_LINE or not self._fill():
                    raise UnreadableFile(f"Entry {self.place} is not JSON, or {_TOO_LONG}: {problem}.") from problem
                continue
            if end > LONGEST_LINE:
                raise UnreadableFile(f"Entry {self.place} is {_TOO_LONG}.")
            if not isinstance(value, dict):
                raise UnreadableFile(f"Entry {self.place} is no object: every entry is in braces.")
            self._text = self._text[end:]
            return value
