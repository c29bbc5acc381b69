"""typeset: a sheet as a PDF/A-3b with tags, the same bytes for the same sheet and moment.

One compiler per process, because making one costs more than forty bills; one sheet at a time, because it keeps state.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import facturx
import typst

from ledger.documents.glyphs import clean, font_folders, refuse_missing
from ledger.documents.sheet import Sheet, as_values, texts

LAYOUT = Path(__file__).parent / "layout" / "sheet.typ"
#: Raise it when the layout or the words change, so that a stored document says by which it was made.
TEMPLATE_VERSION = 1
#: factur-x marks what it made as PDF/A-3b whatever it was given, so it is given nothing else.
STANDARD = "a-3b"
# In a PDF text a sign may stand as itself or as its octal number, so both spellings of ":", "+" and "'" are met.
PDF_MOMENT = re.compile(rb"(D(?::|\\072))\d{14}(?=(?:\+|\\053)00(?:'|\\047)00)")
XMP_MOMENT = re.compile(rb"(?<=>)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00(?=<)")

_one_at_a_time = Lock()
# It reports every file at INFO; what we make is recorded as an event.
logging.getLogger("factur-x").setLevel(logging.WARNING)


@lru_cache(maxsize=1)
def _compiler() -> Any:
    return typst.Compiler(
        str(LAYOUT), root=str(LAYOUT.parent), font_paths=list(font_folders()), ignore_system_fonts=True
    )


def typeset(sheet: Sheet, *, at: datetime) -> bytes:
    """Return the PDF of a sheet, dated `at`.

    :raises MissingGlyph: if it holds a letter our fonts cannot draw
    """
    values = _cleaned(as_values(sheet))
    refuse_missing(texts(values))
    with _one_at_a_time:
        made: bytes = _compiler().compile(
            format="pdf",
            sys_inputs={"sheet": json.dumps(values, ensure_ascii=False)},
            pdf_standards=STANDARD,
            # Typst takes whole seconds only.
            timestamp=at.astimezone(UTC).replace(microsecond=0),
        )
    return made


def embed_invoice(pdf: bytes, xml: bytes, *, sheet: Sheet, at: datetime) -> bytes:
    """Return the PDF with the electronic invoice inside (Factur-X 1.0.9, profile EN 16931), dated `at`."""
    made: bytes = facturx.generate_from_binary(
        pdf,
        xml,
        flavor="factur-x",
        level="en16931",
        check_xsd=False,
        pdf_metadata={
            "author": sheet.seller_name,
            "title": sheet.document_title,
            "subject": sheet.title,
            "keywords": "Factur-X",
        },
        lang=sheet.language,
        afrelationship="alternative",
        xmp_compression=False,
    )
    # The library stamps the time of day; the same invoice must give the same bytes. Both forms keep their length.
    moment = at.astimezone(UTC)
    made = PDF_MOMENT.sub(rb"\g<1>" + moment.strftime("%Y%m%d%H%M%S").encode(), made)
    return XMP_MOMENT.sub(moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").encode(), made)


def _cleaned(values: Any) -> Any:
    if isinstance(values, str):
        return clean(values)
    if isinstance(values, dict):
        return {key: _cleaned(each) for key, each in values.items()}
    if isinstance(values, list):
        return [_cleaned(each) for each in values]
    return values
