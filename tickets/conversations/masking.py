"""Masks what a message brings before any of it is stored: texts, subjects, names, and files made of text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tickets.conversations.redaction import redact, redact_html
from tickets.conversations.uploads import CleanUpload, UploadRefused, check_upload

#: Files whose bytes are text a card number can stand in.
TEXT_TYPES = ("text/plain", "text/csv", "message/rfc822")


@dataclass(frozen=True)
class Content:
    """What a message says, in the forms we keep; `new_text` is the part that is new, for reading."""

    text: str
    new_text: str = ""
    html: str = ""
    masked: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptFile:
    """A file as it will be stored: cleaned, or refused with the reason and without its bytes."""

    name: str
    size: int
    media_type: str = ""
    sha256: str = ""
    content: bytes | None = None
    refused_because: str = ""


def mask_content(content: Content) -> Content:
    """Return the content with card numbers and security codes masked, and what kinds were found."""
    text, new_text, html = redact(content.text), redact(content.new_text), redact_html(content.html)
    found = dict.fromkeys((*content.masked, *text.found, *new_text.found, *html.found))
    return replace(content, text=text.text, new_text=new_text.text, html=html.text, masked=tuple(found))


def mask_line(text: str, longest: int = 300) -> str:
    """Return one line of text, masked, without NUL, at most `longest` characters."""
    return redact(" ".join(text.replace("\x00", "").split())).text[:longest]


def check_file(name: str, declared_type: str, content: bytes) -> KeptFile:
    """Return the file as it may be kept; a refused one keeps its name, its size and the reason, never its bytes."""
    try:
        clean = check_upload(name, declared_type, content)
    except UploadRefused as refusal:
        safe = mask_line(name.replace("/", "_").replace("\\", "_"), 255) or "file"
        return KeptFile(safe, len(content), declared_type[:100], refused_because=str(refusal)[:300])
    return _mask_file(clean)


def _mask_file(clean: CleanUpload) -> KeptFile:
    content = clean.content
    if clean.media_type in TEXT_TYPES:
        masked = redact(content.decode("utf-8", "surrogateescape"))
        if masked.found:
            content = masked.text.encode("utf-8", "surrogateescape")
    digest = clean.sha256 if content is clean.content else check_upload(clean.name, clean.media_type, content).sha256
    return KeptFile(mask_line(clean.name, 255), len(content), clean.media_type, digest, content)
