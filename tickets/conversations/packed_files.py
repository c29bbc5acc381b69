"""Looks into office and PDF files without unpacking them. Pure."""

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

#: What the archive library raises for bytes it cannot read: damaged, encrypted, or packed in a way it does not know.
UNREADABLE_ARCHIVE = (BadZipFile, ValueError, OSError, RuntimeError, EOFError)
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_RATIO = 100
#: Below this size a high ratio is harmless: an empty sheet compresses very well.
SMALL_BYTES = 1024 * 1024
MAX_RELATION_BYTES = 1024 * 1024
RUNNING_PARTS = re.compile(
    r"vbaproject|macrosheets?/|activex/|embeddings/|\.(?:exe|dll|js|vbs|bat|cmd|ps1|scr|jar|lnk|hta|bin)$"
)
ARCHIVES = re.compile(r"\.(?:zip|jar|gz|tgz|bz2|xz|7z|rar|tar|docx|xlsx|docm|xlsm)$")
FOREIGN = re.compile(
    rb"(?:attachedTemplate|oleObject|frame|externalLinkPath|subDocument)[^>]{0,2000}TargetMode\s*=\s*[\"']External"
    rb"|TargetMode\s*=\s*[\"']External[\"'][^>]{0,2000}(?:attachedTemplate|oleObject|frame|externalLinkPath|subDocument)",
    re.IGNORECASE,
)
PDF_DANGERS = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])")
PDF_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def find_danger_in_office_file(content: bytes) -> str:
    """Return what is dangerous in a Word or Excel file, as a sentence for the sender; empty when nothing is."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            return _danger_in_entries(entries, len(content)) or _danger_in_relations(archive, entries)
    except UNREADABLE_ARCHIVE:
        return "it cannot be opened."


def _danger_in_entries(entries: list[ZipInfo], packed: int) -> str:
    """Judge an archive by its table of contents alone: sizes as declared, which the reader enforces on reading."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        return "opened, it would be far too large."
    if any(
        entry.file_size > SMALL_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1) for entry in entries
    ):
        return "opened, it would be far too large."
    if unpacked > SMALL_BYTES and unpacked > MAX_RATIO * packed:
        return "opened, it would be far too large."
    starts = [entry.header_offset for entry in entries]
    if len(set(starts)) != len(starts):
        return "its parts overlap."
    names = [entry.filename.lower() for entry in entries]
    if any(ARCHIVES.search(name) for name in names):
        return "it holds another archive."
    if any(RUNNING_PARTS.search(name) and "printersettings" not in name for name in names):
        return "it holds macros or embedded files. Please save it without them."
    if any(entry.flag_bits & 1 for entry in entries):
        return "it is encrypted. Please send it without a password."
    return "it holds a path that leads outside." if any(".." in name or name.startswith("/") for name in names) else ""


def _danger_in_relations(archive: ZipFile, entries: list[ZipInfo]) -> str:
    for entry in entries:
        if entry.filename.lower().endswith(".rels"):
            with archive.open(entry) as part:
                text = part.read(MAX_RELATION_BYTES)
            if FOREIGN.search(text):
                return "it loads content from a foreign address. Please save it without links to other files."
    return ""


def find_danger_in_pdf(content: bytes) -> str:
    """Return what is dangerous in a PDF, as a sentence for the sender; parts inside compressed streams are not seen."""
    names = PDF_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)
    if PDF_DANGERS.search(names):
        return "it holds scripts or embedded files. Please print it to a new PDF."
    return "" if b"%%EOF" in content[-2048:] else "it is damaged or cut off."
