"""Fills a wording: the supervisors' version where there is one, else the one we ship; refuses gaps and strangers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ledger.errors import DomainError
from notifications.wording.catalogue import SECRETS, WORDINGS, Wording, languages_to_try
from notifications.wording.models import MessageTemplate

DEFAULTS = Path(__file__).parent / "defaults"
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SUBJECT_LINE = "Subject: "


class UnknownWording(DomainError):
    """There is no message of this name."""


class UnknownPlaceholder(DomainError):
    """The text or the values name something this message cannot be filled with."""


class MissingPlaceholder(DomainError):
    """Something this message needs was not given, or the text leaves out what it must say."""


@dataclass(frozen=True, slots=True)
class Text:
    """A wording before it is filled: `source` names it as messages keep it, e.g. `refund_paid.de.3`."""

    subject: str
    body: str
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A wording filled for one customer."""

    subject: str
    body: str
    template: str
    language: str


def wording_of(key: str) -> Wording:
    """Return what a message may be filled with.

    :raises UnknownWording: if there is no such message
    """
    if key not in WORDINGS:
        raise UnknownWording(f"There is no message called {key!r}.")
    return WORDINGS[key]


def find_text(key: str, language: str) -> Text:
    """Return the text in use for a language or the nearest one: `de-DE`, `de`, then English.

    :raises UnknownWording: if there is no such message
    """
    wording_of(key)
    order = languages_to_try(language)
    edited = {row.language: row for row in MessageTemplate.objects.filter(key=key, language__in=order, is_in_use=True)}
    for each in order:
        if each in edited:
            row = edited[each]
            return Text(row.subject, row.body, each, f"{key}.{each}.{row.version}")
        shipped = shipped_text(key, each)
        if shipped:
            return shipped
    raise UnknownWording(f"The message {key!r} has no text in any language.")


@lru_cache(maxsize=256)
def shipped_text(key: str, language: str) -> Text | None:
    """Return the text we ship for exactly this language, or None."""
    path = DEFAULTS / language / f"{key}.txt"
    if not re.fullmatch(r"[A-Za-z-]{2,12}", language) or not path.is_file():
        return None
    first, _, body = path.read_text("utf-8").partition("\n")
    return Text(first.removeprefix(SUBJECT_LINE).strip(), body.strip() + "\n", language, f"{key}.{language}.0")


def render(key: str, language: str, values: Mapping[str, str]) -> Rendered:
    """Return the message filled with exactly its declared values.

    :raises UnknownWording: if there is no such message
    :raises UnknownPlaceholder: if a value is given that the message does not have
    :raises MissingPlaceholder: if a value of the message is not given
    """
    declared = set(wording_of(key).placeholders)
    if missing := declared - set(values):
        raise MissingPlaceholder(f"The message {key!r} needs {_listed(missing)}.")
    if strange := set(values) - declared:
        raise UnknownPlaceholder(f"The message {key!r} cannot be filled with {_listed(strange)}.")
    text = find_text(key, language)
    return Rendered(one_line(fill(text.subject, values)), fill(text.body, values), text.source, text.language)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place in one pass: braces inside a value stay as they are.

    :raises UnknownPlaceholder: if the text names something that is not among the values
    """

    def value_of(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise UnknownPlaceholder(f"The text names {{{{{found[1]}}}}}, which this message does not have.")
        return values[found[1]]

    return PLACEHOLDER.sub(value_of, text)


def one_line(text: str) -> str:
    """Return text fit for a header: control characters and line ends become single spaces; at most 200 characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:200]


def check_text(key: str, *, subject: str, body: str) -> None:
    """Refuse a text that names strangers, leaves out what it must say, or has stray braces.

    :raises UnknownPlaceholder: if a placeholder is not one of the message's, or braces do not match
    :raises MissingPlaceholder: if it leaves out what the message must say, or has no subject or body
    """
    wording = wording_of(key)
    whole = f"{subject}\n{body}"
    named = set(PLACEHOLDER.findall(whole))
    if strange := named - set(wording.placeholders):
        raise UnknownPlaceholder(
            f"This message cannot say {_listed(strange)}; it knows {_listed(wording.placeholders)}."
        )
    if stray := re.search(r"\{\{|\}\}", PLACEHOLDER.sub("", whole)):
        raise UnknownPlaceholder(f"There is a {stray[0]!r} that does not belong to a placeholder.")
    if not subject.strip() or not body.strip():
        raise MissingPlaceholder("The subject and the text must not be empty.")
    if secret := set(PLACEHOLDER.findall(subject)) & SECRETS:
        raise UnknownPlaceholder(f"{_listed(secret)} is secret and belongs in the text, not in the subject.")
    if missing := set(wording.must) - named:
        raise MissingPlaceholder(f"This message must say {_listed(missing)}.")


def _listed(names: set[str] | tuple[str, ...]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in sorted(names)) or "nothing"
