"""Finds what the customer newly wrote in an HTML mail, by the containers mail programs put quotations in. Pure."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tickets.channels.html_body import BLOCKS, normalise_html, tidy_lines
from tickets.channels.reply_text import QUOTE_MARK, reply_text

#: The element's text announces a quotation.
HEADINGS = re.compile(
    r"(?:^|\s)(?:x_)*(?:gmail_attr|moz-cite-prefix|moz-email-headers-table|OutlookMessageHeader)(?:\s|$)"
)
#: From this element on everything is quoted.
CUTS = re.compile(
    r"(?:^|\s)(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container|isForwardContent|"
    r"protonmail_quote|yahoo_quoted\w*|zmail_extra|zmail_extra_hr|tutanota_quote|ymail_quoted|aol_quoted|"
    r"moz-forward-container|reply_delimiter|yahoo-quoted-begin|messageReplySection|_rp_forward)(?:\s|$)"
)
#: Outlook for Windows marks the quoted mail only by the line it draws above it.
RULED = re.compile(
    r"border:\s*none;\s*border-top:\s*solid (?:#[0-9a-f]{3,6}|windowtext|[a-z]+) 1(?:\.0)?pt;\s*padding:\s*3(?:\.0)?pt",
    re.IGNORECASE,
)
SIGNATURES = re.compile(
    r"(?:^|\s)(?:x_)*(?:gmail_signature(?:_prefix)?|moz-signature|protonmail_signature_block(?:-\w+)?|ms-outlook-mobile-signature|"
    r"ymail_signature|yahoo-signature|Signature|AppleMailSignature|zmail_signature)(?:\s|$)"
)
INDENTS = re.compile(
    r"webkit-indent-blockquote|border:\s*none|margin:\s*0(?:px)? 0(?:px)? 0(?:px)? 40px", re.IGNORECASE
)
VOID = {"br", "hr", "img", "wbr", "col", "input"}


def reply_text_from_html(html: str) -> str | None:
    """Return the new part of an HTML mail as plain text, or None when its structure marks no quotation at all."""
    reader = _QuoteReader()
    reader.feed(normalise_html(html))
    reader.close()
    return reply_text(tidy_lines(reader.text())) if reader.has_quotation else None


@dataclass
class _Element:
    tag: str
    role: str


@dataclass
class _QuoteReader(HTMLParser):
    """Writes an HTML mail as text, its quotations marked the plain-text way: `>`, and a mark where one is announced."""

    pieces: list[tuple[str, int]] = field(default_factory=list)
    has_quotation: bool = False
    _open: list[_Element] = field(default_factory=list)
    _is_cut: bool = False
    _quotes: int = 0
    _hidden: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def text(self) -> str:
        """Return the lines, with `>` before what stands in a blockquote."""
        lines, line, depth = [], "", 0
        for piece, level in [*self.pieces, ("\n", 0)]:
            if piece == "\n":
                lines.append(f"> {line.strip()}".rstrip() if depth else line.strip())
                line, depth = "", 0
            else:
                line, depth = line + piece, level if not line.strip() else depth
        return "\n".join(lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        role = _role(tag, dict(attrs))
        if role == "cut":
            self._is_cut, self.has_quotation = True, True
        if role == "heading":
            self._mark()
        self.has_quotation = self.has_quotation or role in {"quote", "heading"}
        if tag in BLOCKS or tag == "br":
            self._write("\n")
        if tag in {"td", "th"}:
            self._write(" ")
        if tag not in VOID:
            self._open.append(_Element(tag, role))
            self._count(role, 1)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1].tag == tag:  # always so: the HTML was made well-formed before
            self._count(self._open.pop().role, -1)
        if tag in BLOCKS:
            self._write("\n")
        if tag == "p":
            self._write("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._write(re.sub(r"[ \t\n\u00a0]+", " ", data))

    def _mark(self) -> None:
        self._write("\n")
        self._write(QUOTE_MARK)
        self._write("\n")

    def _write(self, piece: str) -> None:
        if not self._is_cut:
            self.pieces.append((piece, self._quotes))

    def _count(self, role: str, step: int) -> None:
        self._quotes += step * (role == "quote")
        self._hidden += step * (role in {"heading", "signature"})


def _role(tag: str, attributes: dict[str, str | None]) -> str:
    """Say what the element is to the reader: quote, heading, cut, signature or nothing special."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('data-smartmail') or ''}"
    style = attributes.get("style") or ""
    if CUTS.search(names) or (tag == "div" and RULED.search(style)):
        return "cut"
    if HEADINGS.search(names):
        return "heading"
    if SIGNATURES.search(names):
        return "signature"
    is_indent = attributes.get("type") != "cite" and INDENTS.search(f"{names} {style}") and "gmail_quote" not in names
    return "quote" if tag == "blockquote" and not is_indent else ""
