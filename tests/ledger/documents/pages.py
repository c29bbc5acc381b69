"""Looks at a PDF as a reader does: its words, where they stand and how large they are."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from pypdfium2 import raw


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF and close it again."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def page_texts(pdf: bytes) -> list[str]:
    """Return the words of each page; every kind of blank is one blank, so that line ends do not matter."""
    with opened(pdf) as document:
        texts = []
        for page in document:
            words = page.get_textpage()
            texts.append(words.get_text_range())
            words.close()
            page.close()
        return texts


def plain(text: str) -> str:
    """Return a text with every run of blanks as one blank."""
    return " ".join(text.split())


def placed(pdf: bytes, words: str) -> tuple[float, float]:
    """Return where words stand on page one, as a share of its height from the top, and their size in points."""
    with opened(pdf) as document:
        page = document[0]
        text = page.get_textpage()
        found = text.search(words).get_next()
        assert found is not None, f"{words!r} is not on page one"
        index, count = found
        boxes = [text.get_charbox(at) for at in range(index, index + count)]
        size = min(raw.FPDFText_GetFontSize(text.raw, ctypes.c_int(at)) for at in range(index, index + count))
        # The drawing may be scaled: the size on paper is the font's size times the scale of its matrix.
        scale = _scale(text, index)
        share = 1 - min(bottom for _, bottom, _, _ in boxes) / page.get_height()
        text.close()
        page.close()
        return share, size * scale


def _scale(text: pypdfium2.PdfTextPage, index: int) -> float:
    matrix = raw.FS_MATRIX()
    assert raw.FPDFText_GetMatrix(text.raw, index, matrix)
    return abs(matrix.d)
