"""Sanitises HTML bodies and turns them into the text a reader sees. Pure."""

import re
from html import unescape
from html.parser import HTMLParser

import nh3

MAX_HTML_CHARS = 1_000_000
MAX_DEPTH = 400
OPEN_OR_CLOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})")
SELF_CLOSING = {
    *("p", "li", "td", "th", "tr", "dd", "dt", "br", "hr", "img", "meta", "link", "input", "col", "wbr", "option"),
    *("area", "base"),
}
SHOWN_TAGS = {
    *(
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
    ),
    *(
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
    ),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"),
}
SHOWN_ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "blockquote": {"type"},
}
BLOCKS = {
    *("address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul"),
}
HIDDEN = {"script", "style", "head", "title", "template", "noscript"}


def is_nested_too_deeply(html: str) -> bool:
    """Say whether elements are open within elements beyond every real mail: the sanitiser's time grows with the square.

    Elements that HTML closes by itself are not counted.
    """
    depth = 0
    for found in OPEN_OR_CLOSE.finditer(html[:MAX_HTML_CHARS]):
        if found[2].lower() not in SELF_CLOSING:
            depth = max(depth - 1, 0) if found[1] else depth + 1
            if depth > MAX_DEPTH:
                return True
    return False


def strip_tags(html: str) -> str:
    """Return the text between the tags of HTML that is too broken to be read as such."""
    return tidy_lines(unescape(re.sub(r"<[^<>]{0,2000}>", "\n", html[:MAX_HTML_CHARS])))


def sanitise_html(html: str) -> str:
    """Return the HTML without scripts, styles, forms, remote pictures and every address but web, mail and phone."""
    return nh3.clean(
        html[:MAX_HTML_CHARS],
        tags=SHOWN_TAGS,
        clean_content_tags={"script", "style", "title", "template", "noscript"},
        attributes=SHOWN_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def normalise_html(html: str) -> str:
    """Return well-formed HTML without scripts that still carries the marks by which quotations are told."""
    return nh3.clean(
        html[:MAX_HTML_CHARS],
        tags={*SHOWN_TAGS, "font", "img", "section", "article", "footer", "header"},
        clean_content_tags={"script", "style", "title", "template", "noscript"},
        attributes={"*": {"class", "id", "style", "type", "dir", "alt"}, "a": {"href"}},
        generic_attribute_prefixes={"data-"},
        link_rel=None,
        strip_comments=True,
    )


def html_to_text(html: str) -> str:
    """Return the text a reader sees: blocks on lines of their own, attributes and hidden parts left out."""
    reader = _Reader()
    reader.feed(normalise_html(html))
    reader.close()
    return tidy_lines("".join(reader.pieces))


def tidy_lines(text: str) -> str:
    """Return the text without blanks at line ends and with never more than one empty line."""
    lines = "\n".join(
        line.strip(" \t\u00a0") if not line.startswith(">") else line.rstrip() for line in text.split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


class _Reader(HTMLParser):
    """Collects the visible text of well-formed HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag in BLOCKS:
            self._break()
        elif tag in {"td", "th"}:
            self.pieces.append(" ")
        self._preformatted += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._break()
            if tag == "p":
                self.pieces.append("\n")
        self._preformatted -= tag == "pre"

    def handle_data(self, data: str) -> None:
        self.pieces.append(data if self._preformatted else re.sub(r"[ \t\n\u00a0]+", " ", data))

    def _break(self) -> None:
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append("\n")
