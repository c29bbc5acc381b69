"""Bytes and header words of any mail program → clean text. Pure; never raises."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from tickets.conversations.inbound import Address

#: Charsets that mail programs name wrongly, and the larger set that holds what they really send.
WIDER_CHARSETS = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "cp-850": "cp850",
}
MAX_HEADER_CHARS = 20_000
MAX_SUBJECT_CHARS = 500
MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,900})\s*>")
BARE_ID = re.compile(r"[^<>\s,;\"()]{1,450}@[^<>\s,;\"()@]{1,450}")
ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]{1,64}@[a-z0-9.\-\u0080-\U0010ffff]{1,253}")
QUOTED_NAME = re.compile(r'"[^"]*"')
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decode_bytes(content: bytes, charset: str) -> str:
    """Return the text in the charset named, in the one it really is in if the name is wrong, damage marked U+FFFD."""
    named = charset.strip().strip("\"'").lower().replace("_", "-")
    named = WIDER_CHARSETS.get(named, WIDER_CHARSETS.get(charset.strip().lower(), named))
    for candidate in (named, "utf-8", "cp1252"):
        try:
            return clean_text(content.decode(candidate))
        except (LookupError, ValueError):
            continue
    try:
        return clean_text(content.decode(named, "replace"))
    except (LookupError, ValueError):
        return clean_text(content.decode("latin-1"))


def clean_text(text: str) -> str:
    """Return the text with plain line ends, without control characters and lone surrogates."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.encode("utf-8", "replace").decode("utf-8") if not plain.isascii() else plain
    return CONTROLS.sub("", plain)


def header(mail: Message, name: str) -> str:
    """Return the first header of that name, decoded, on one line; empty when there is none."""
    return next(iter(headers(mail, name)), "")


def headers(mail: Message, name: str) -> list[str]:
    """Return every header of that name, decoded, each on one line."""
    return [decode_words(value) for value in _raw_values(mail, name)]


def _raw_values(mail: Message, name: str) -> list[str]:
    """Return the values as they came; bytes above 127 are surrogates, which only the raw items keep apart."""
    return [str(value)[:MAX_HEADER_CHARS] for each, value in mail.raw_items() if each.lower() == name.lower()]


def decode_words(value: str | Header) -> str:
    """Return an RFC 2047 header value as one line of text, however badly it was encoded."""
    written = str(value)[:MAX_HEADER_CHARS]
    written = _from_raw(written)
    try:
        parts = decode_header(re.sub(r"[\r\n]+", " ", written))
    except (HeaderParseError, ValueError, LookupError):
        parts = [(written, None)]
    words = [part if isinstance(part, str) else decode_bytes(part, charset or "utf-8") for part, charset in parts]
    return " ".join(clean_text("".join(words)).split())


def _from_raw(value: str) -> str:
    """Return a header value whose bytes above 127, kept as surrogates, are read as UTF-8 or else as Windows-1252."""
    if value.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in value):
        return value
    return decode_bytes(value.encode("utf-8", "surrogateescape"), "utf-8")


def message_ids(mail: Message, name: str) -> tuple[str, ...]:
    """Return the Message-IDs in a header, with angle brackets, each once, the last hundred of them."""
    text = " ".join(headers(mail, name))
    found = [f"<{each}>" for each in MESSAGE_ID.findall(text)] or [f"<{each}>" for each in BARE_ID.findall(text)]
    return tuple(dict.fromkeys(found))[-100:]


def addresses(mail: Message, *names: str) -> list[Address]:
    """Return the addresses in the headers named, in order, each once."""
    found: dict[str, Address] = {}
    for name in names:
        for value in _raw_values(mail, name):
            for address in _split_addresses(value):
                found.setdefault(address.address, address)
    return list(found.values())


def _split_addresses(value: str) -> list[Address]:
    flat = re.sub(r"[\r\n]+", " ", _from_raw(value))
    bare = QUOTED_NAME.sub("", flat).replace(" ", "")
    is_damaged = bare.count("<") != bare.count(">") or "<<" in bare
    try:
        pairs = getaddresses([flat])
    except (ValueError, IndexError, RecursionError):
        pairs = []
    if not any(address for _, address in pairs):
        pairs = [("", flat)]
    found = [mend_address(name, address) for name, address in pairs if address.strip() or name.strip()]
    return [replace(each, is_deliverable=False) for each in found] if is_damaged else found


def mend_address(name: str, address: str) -> Address:
    """Return the address in lower case; what had to be mended to get one is marked as not deliverable."""
    written = decode_words(address).strip().lower()
    shown = decode_words(name).strip(" \"'<>")[:200]
    if ADDRESS.fullmatch(written) and ".." not in written and not written.endswith("."):
        return Address(written, shown)
    found = ADDRESS.search(re.sub(r"[\s<>()\[\]\"',;:\\]+", "", written))
    return Address(
        found[0].strip(".") if found else "", shown or ("" if found else written[:200]), is_deliverable=False
    )


def sent_at(mail: Message) -> datetime | None:
    """Return what the sender's clock said, in UTC; None when the Date header is missing or senseless."""
    try:
        moment = parsedate_to_datetime(header(mail, "Date"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
