"""Uploaded files: kept in pieces in the database, where every worker finds them, until they are imported."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from ledger.errors import InvalidInput
from ledger.imports.models import ImportFilePart
from ledger.imports.reading import Readable

PART = 1024 * 1024
#: The largest file that is taken by upload; the commands take any.
LARGEST_UPLOAD = 256 * 1024 * 1024
KEPT_FOR = timedelta(days=7)


class FileTooLarge(InvalidInput):
    """The file is larger than an upload may be."""


class _Parts(io.RawIOBase):
    """The pieces of one file as a stream, one in memory at a time."""

    def __init__(self, sha256: str) -> None:
        self._parts = _contents(sha256)
        self._left = b""

    def readable(self) -> bool:
        """Only read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer with what comes next; 0 at the end."""
        if not self._left:
            self._left = next(self._parts, b"")
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._left))
        view[:count], self._left = self._left[:count], self._left[count:]
        return count


def _contents(sha256: str) -> Iterator[bytes]:
    position = 0
    while True:
        found = (
            ImportFilePart.objects.filter(sha256=sha256, position=position).values_list("content", flat=True).first()
        )
        if found is None:
            return
        yield bytes(found)
        position += 1


def digest_of(file: Readable) -> tuple[str, int]:
    """Return the SHA-256 of a file and its size."""
    digest, size = hashlib.sha256(), 0
    while content := file.read(PART):
        digest.update(content)
        size += len(content)
    return digest.hexdigest(), size


def keep_file(file: BinaryIO, *, at: datetime) -> tuple[str, int]:
    """This will keep an uploaded file, once however often it comes; returns its SHA-256 and size.

    :raises FileTooLarge: if it is larger than an upload may be
    """
    sha256, size = digest_of(file)
    if size > LARGEST_UPLOAD:
        raise FileTooLarge(f"A file of at most {LARGEST_UPLOAD // PART} MB can be uploaded; use the command for more.")
    file.seek(0)
    ImportFilePart.objects.filter(sha256=sha256).delete()
    for position, content in enumerate(iter(lambda: file.read(PART), b"")):
        ImportFilePart.objects.create(sha256=sha256, position=position, content=content, kept_at=at)
    return sha256, size


def open_kept(sha256: str) -> io.BufferedReader:
    """Return a kept file as a stream."""
    return io.BufferedReader(_Parts(sha256), PART)


def is_kept(sha256: str) -> bool:
    """Return whether a file is still kept."""
    return ImportFilePart.objects.filter(sha256=sha256).exists()


def forget_file(sha256: str) -> None:
    """This will delete a file that is imported; repeating is harmless."""
    ImportFilePart.objects.filter(sha256=sha256).delete()


def forget_old_files(*, at: datetime) -> None:
    """This will delete files nobody imported for a week; repeating is harmless."""
    ImportFilePart.objects.filter(kept_at__lt=at - KEPT_FOR).delete()
