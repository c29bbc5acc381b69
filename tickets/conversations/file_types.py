"""Sees what a file is from its bytes. Pure."""

import re
from io import BytesIO
from zipfile import ZipFile

import puremagic

from tickets.conversations.packed_files import UNREADABLE_ARCHIVE

#: The types that are kept, with the extension a nameless file of that type gets.
ALLOWED = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/csv": "csv",
    "message/rfc822": "eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
EXTENSIONS = {extension: media_type for media_type, extension in ALLOWED.items()} | {"jpeg": "image/jpeg"}
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"MZ", "application/x-dosexec"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-java"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"#!", "text/x-shellscript"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
)
MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|object|embed|link|meta|svg|img|form|a\s+href|style|base)\b"
    rb"|<\?php|<%@|javascript:|<!entity",
    re.IGNORECASE,
)
MAIL_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9\-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2,}\r?\n")
MAIL_FIELDS = re.compile(rb"^(?:from|received|message-id|return-path|date|subject):", re.IGNORECASE | re.MULTILINE)


def sniff_type(content: bytes, name: str = "", declared_type: str = "") -> str:
    """Return the media type of the bytes, "" if unknown. Name and declaration only part plain text from CSV."""
    for beginning, media_type in SIGNATURES:
        if content.startswith(beginning):
            return _office_type(content) if media_type == "application/zip" else media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in content[:8]:
        return "application/pdf"
    if _is_text(content):
        return _text_type(content, name, declared_type)
    return _by_puremagic(content)


def _text_type(content: bytes, name: str, declared_type: str) -> str:
    extension = name.rpartition(".")[2].lower()
    beginning = MAIL_HEADER.match(content[:65_536])
    if beginning and len(MAIL_FIELDS.findall(beginning[0])) >= 2 and extension not in {"txt", "csv"}:
        return "message/rfc822"
    # A text file may speak of HTML further down; one that begins with it would be shown as a page.
    is_text_by_name = extension in {"txt", "csv", "log", "md"}
    if (
        MARKUP.match(content[:512].lstrip(b"\xef\xbb\xbf \t\r\n"))
        if is_text_by_name
        else MARKUP.search(content[:1_000_000])
    ):
        is_svg = b"<svg" in content[:65_536].lower()
        return "image/svg+xml" if is_svg else "text/html"
    is_csv = extension == "csv" or (not extension and declared_type == "text/csv")
    return "text/csv" if is_csv else "text/plain"


def _is_text(content: bytes) -> bool:
    """Say whether the bytes are text: UTF-8, UTF-16 with its mark, or an 8-bit set without control characters."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return "\x00" not in content.decode("utf-16")
        except UnicodeDecodeError:
            return False
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", content) and not content.startswith((b"%!", b"\x1b"))


def _office_type(content: bytes) -> str:
    """Tell Word and Excel files from other ZIP archives by the parts they must hold. Source: ECMA-376, part 2."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = {entry.filename for entry in archive.infolist()[:5_000]}
    except UNREADABLE_ARCHIVE:
        return "application/zip"
    if "[Content_Types].xml" not in names:
        return "application/zip"
    if "word/document.xml" in names:
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    is_sheet = "xl/workbook.xml" in names
    return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" if is_sheet else "application/zip"


def _by_puremagic(content: bytes) -> str:
    try:
        found: str = puremagic.from_string(content[:262_144], mime=True)
    except (puremagic.PureError, ValueError, IndexError, LookupError):
        return ""
    return found if found not in ALLOWED else ""
