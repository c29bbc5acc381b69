"""The file of a case as it is read: each piece in words, for the document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.utils import timezone

from ledger.money import Money
from tickets.casefile.contents import Piece

PARTS = {"conversation": "The conversation", "decisions": "What it led to", "record": "Who did what, and when"}
SAID = {"in": "from the customer", "out": "to the customer", "note": "note among staff", "event": "event of the case"}
#: What stands in the line above a piece, or is said another way.
_TOLD = frozenset({"part", "is", "at", "hash", "text", "files", "approvals", "evidence", "amount_minor", "currency"})


def values_of(head: Mapping[str, Any], pieces: Iterator[Piece], *, by: str, at: datetime) -> Iterator[str]:
    """Give the JSON that the layout reads, bit by bit; the pieces come part by part."""
    title = f"Case {head['number']} {head['subject']}"
    facts = [[_label(name), _said(value)] for name, value in head.items() if value not in (None, "")]
    facts.append(["Taken out", f"{_moment(at)} by {by}"])
    footer = f"{settings.COMPANY['name']} · case {head['number']} · taken out {_moment(at)}"
    yield json.dumps({"title": title, "seller": settings.COMPANY["name"], "facts": facts, "footer": footer})[:-1]
    yield ', "sections": ['
    for place, (part, inside) in enumerate(groupby(pieces, key=lambda piece: piece["part"])):
        yield f'{", " if place else ""}{{"heading": {json.dumps(PARTS[part])}, "entries": ['
        for number, piece in enumerate(inside):
            yield (", " if number else "") + json.dumps(_entry(piece))
        yield "]}"
    yield "]}"


def _entry(piece: Piece) -> dict[str, Any]:
    return _message(piece) if piece["is"] == "message" else _fact(piece)


def _message(piece: Piece) -> dict[str, Any]:
    who = piece["author_name"] or piece["author"]
    notes = [_file(kept) for kept in piece["files"]]
    if piece["masked"]:
        notes.append(f"Masked: {', '.join(piece['masked'])}")
    mark = "" if piece["kind"] in ("in", "out") else "Internal"
    stranger = "" if piece["is_participant"] else ", not known in this case"
    return {
        "mark": mark,
        "head": f"{_moment(piece['at'])} · {who}{stranger} · {SAID[piece['kind']]} · {piece['channel']}",
        "text": piece["text"],
        "notes": [*notes, *piece["remarks"]],
    }


def _file(kept: Mapping[str, Any]) -> str:
    fate = f"refused: {kept['refused_because']}" if kept["refused_because"] else f"SHA-256 {kept['sha256']}"
    return f"File {kept['name']}, {kept['size']:,} bytes, {fate}"


def _fact(piece: Piece) -> dict[str, Any]:
    title = piece["kind"] if piece["is"] == "event" else _label(piece["is"])
    named = piece.get("number") or piece.get("subject") or ""
    amount = ""
    if piece.get("amount_minor") is not None and piece.get("currency"):
        amount = f" · {Money(piece['amount_minor'], piece['currency'])}"
    facts = [
        f"{_label(name)}: {_said(value)}" for name, value in piece.items() if name not in _TOLD and _is_said(value)
    ]
    return {
        "mark": "",
        "head": f"{_moment(piece['at'])} · {title} {named}{amount}",
        "text": "; ".join(facts),
        "notes": [
            *(_approval(each) for each in piece.get("approvals", ())),
            *(f"Evidence {each['number']}: {each['kind']}, {each['hash']}" for each in piece.get("evidence", ())),
        ],
    }


def _approval(row: Mapping[str, Any]) -> str:
    asked = f"Approval {row['state']}: asked by {row['requested_by']} on {_moment(row['requested_at'])}, {row['why']}"
    decided = f"; decided by {row['decided_by']} on {_moment(row['decided_at'])}" if row["decided_at"] else ""
    return f"{asked}{decided}{': ' if row['reason'] else ''}{row['reason']}"


def _is_said(value: Any) -> bool:
    return value not in (None, "", [], {})


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %Y %H:%M}"
