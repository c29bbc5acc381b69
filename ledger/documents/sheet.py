"""A document before it is typeset (pure): who, to whom, whom to call, facts, and blocks in reading order.

Every value is finished text in the reader's language; layout/sheet.typ only places it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.documents.contact import ContactBlock

#: Countries that print on letter paper. Source: Unicode CLDR, supplemental data, measurementData "paperSize" US-Letter.
LETTER_COUNTRIES = frozenset("BZ CA CL CO CR GT MX NI PA PH PR SV US VE".split())

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of rows: the first that grows takes the room that is left."""

    label: str
    right: bool = False
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document, ready to be typeset."""

    language: str
    country: str
    title: str
    document_title: str
    number: str
    page_words: str
    seller_name: str
    sender_line: str
    address: tuple[str, ...]
    contact_label: str
    contact: ContactBlock
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    footer: tuple[tuple[str, ...], ...]


def lead(label: str, amount: str, text: Sequence[str]) -> Block:
    """The figure a reader looks for first, and what to do about it."""
    return {"kind": "lead", "label": label, "amount": amount, "text": list(text)}


def heading(text: str) -> Block:
    """The title of a part."""
    return {"kind": "heading", "text": text}


def paragraph(text: str) -> Block:
    """Running text."""
    return {"kind": "text", "text": text}


def cell(text: str, notes: Sequence[str] = ()) -> Block | str:
    """One cell, with small lines below it."""
    return {"text": text, "notes": list(notes)} if notes else text


def rows(columns: Sequence[Column], content: Sequence[Sequence[Block | str]]) -> Block:
    """Rows under a header that is repeated on every page."""
    heads = [{"label": column.label, "right": column.right, "grows": column.grows} for column in columns]
    return {"kind": "rows", "columns": heads, "rows": [list(row) for row in content]}


def totals(content: Sequence[tuple[str, str, bool]]) -> Block:
    """Sums below rows: label, amount, and whether it is the one that counts."""
    return {"kind": "totals", "rows": [{"label": a, "value": b, "strong": strong} for a, b, strong in content]}


def note(title: str, text: Sequence[str]) -> Block:
    """Something that must not be missed."""
    return {"kind": "note", "title": title, "text": list(text)}


def as_values(sheet: Sheet) -> dict[str, Any]:
    """Return what the layout reads."""
    first, _, region = sheet.language.partition("-")
    return {
        "language": first,
        "region": region if len(region) == 2 else None,
        "paper": "us-letter" if sheet.country in LETTER_COUNTRIES else "a4",
        "title": sheet.title,
        "document_title": sheet.document_title,
        "number": sheet.number,
        "page_words": sheet.page_words,
        "seller": {"name": sheet.seller_name, "sender_line": sheet.sender_line},
        "address": list(sheet.address),
        "contact": {
            "label": sheet.contact_label,
            "number": sheet.contact.display,
            "link": sheet.contact.link,
            "hours": sheet.contact.hours,
            "languages": sheet.contact.languages,
        },
        "facts": [list(fact) for fact in sheet.facts],
        "blocks": list(sheet.blocks),
        "footer": [list(column) for column in sheet.footer],
    }


def texts(values: object) -> Iterator[str]:
    """Yield every text anywhere in values."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        for each in values.values():
            yield from texts(each)
    elif isinstance(values, list | tuple):
        for each in values:
            yield from texts(each)
