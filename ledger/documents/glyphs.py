"""Whether our fonts can draw a text: what is missing is refused, because a box on a bill is worse than no bill.

Reads the fonts' own character maps (OpenType specification 1.9, "cmap", formats 4 and 12).
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ledger.errors import DomainError

#: The packages that bring the fonts, and where in them the files are.
FONT_PACKAGES = (("fontpkg_noto_sans", "files"), ("noto_cjk_sans_jp_regular", ""))
#: What shapes or breaks a line and is never drawn itself.
INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
#: What would turn the order of letters around: a name must not rewrite the figures beside it.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class MissingGlyph(DomainError):
    """The document holds a letter that none of our fonts can draw."""


class FontsMissing(DomainError):
    """The fonts are not installed."""


@lru_cache(maxsize=1)
def font_folders() -> tuple[str, ...]:
    """Return the folders of our fonts.

    :raises FontsMissing: if a package is not installed
    """
    found = []
    for package, folder in FONT_PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise FontsMissing(f"The fonts of {package} are not installed.")
        found.append(str(Path(spec.origin).parent / folder))
    return tuple(found)


@lru_cache(maxsize=1)
def coverage() -> frozenset[int]:
    """Return every code point that an upright font of ours can draw."""
    files = [file for folder in font_folders() for file in sorted(Path(folder).glob("*.[ot]tf"))]
    return frozenset(point for file in files if "Italic" not in file.name for point in _points(file.read_bytes()))


def clean(text: str) -> str:
    """Return a text without control characters and without marks that turn the order of letters around."""
    kept = (" " if letter in "\t\n\r" else letter for letter in unicodedata.normalize("NFC", text))
    return "".join(letter for letter in kept if letter not in TURNING and unicodedata.category(letter) != "Cc")


def refuse_missing(texts: Iterable[str]) -> None:
    """Refuse texts with letters none of our fonts can draw.

    :raises MissingGlyph: with the letters, so that somebody can change or transcribe the name
    """
    drawn = coverage()
    missing = {letter for text in texts for letter in text if ord(letter) not in drawn and letter not in INVISIBLE}
    if missing:
        named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in sorted(missing)[:10])
        raise MissingGlyph(f"Our fonts cannot draw {named}, so the document was not made.")


def _points(font: bytes) -> Iterator[int]:
    """Yield the code points of a font's best character map; glyph 0 is the box that stands for a missing one."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    base = tables[b"cmap"]
    maps = [base + struct.unpack_from(">I", font, base + 8 + 8 * n)[0] for n in range(_short(font, base + 2))]
    formats = {_short(font, at): at for at in maps}
    if 12 in formats:
        yield from _format_12(font, formats[12])
    elif 4 in formats:
        yield from _format_4(font, formats[4])


def _short(font: bytes, at: int) -> int:
    return int(struct.unpack_from(">H", font, at)[0])


def _format_12(font: bytes, at: int) -> Iterator[int]:
    for group in range(struct.unpack_from(">I", font, at + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, at + 16 + 12 * group)
        yield from range(first if glyph else first + 1, last + 1)


def _format_4(font: bytes, at: int) -> Iterator[int]:
    segments = _short(font, at + 6) // 2
    ends, starts = at + 14, at + 16 + 2 * segments
    deltas, offsets = starts + 2 * segments, starts + 4 * segments
    for n in range(segments):
        delta, offset_at = _short(font, deltas + 2 * n), offsets + 2 * n
        offset, first = _short(font, offset_at), _short(font, starts + 2 * n)
        for point in range(first, min(_short(font, ends + 2 * n), 0xFFFE) + 1):
            index = _short(font, offset_at + offset + 2 * (point - first)) if offset else point
            if index and (index + delta) % 65536:
                yield point
