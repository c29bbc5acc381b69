"""A small picture for a mail, made of nothing but the standard library."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 240, 150
PAPER, INK = b"\xfa\xfa\xf5", b"\x35\x3c\x4a"


def bill_png() -> bytes:
    """Return a PNG of something like a bank statement: bars of text on paper. Format: ISO/IEC 15948."""
    rows = b"".join(b"\x00" + _row(y) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _row(y: int) -> bytes:
    if 20 <= y < 130 and y % 16 < 5:
        words = 60 + y * 37 % 120
        return PAPER * 20 + INK * words + PAPER * (WIDTH - 20 - words)
    return PAPER * WIDTH


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
