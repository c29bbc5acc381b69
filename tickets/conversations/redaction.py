"""Masks card numbers and their security codes before a message is stored. Pure.

Everything that comes from outside passes here once: text, HTML, subjects, file names and notes. Card numbers keep their
last four digits (PCI DSS 3.4.1 allows that much); security codes go entirely (PCI DSS 3.3.1 forbids keeping them).
"""

import html as entities
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from tickets.conversations.card_numbers import CardNumber, find_card_numbers

CARD_NUMBER = "card_number"
SECURITY_CODE = "security_code"
CODE_MASK = "•••"

_LABEL = r"(?:c\.?v\.?[vc]\.?2?|cvn2?|csc|cav2|kartenpr(?:ü|ue)f(?:nummer|ziffer|code)|cryptogramme(?: visuel)?)"
_WEAK_LABEL = (
    r"(?:(?:card )?(?:security|verification) (?:code|number|value)|sicherheits(?:code|nummer)"
    r"|pr(?:ü|ue)f(?:ziffer|nummer)|drei (?:ziffern|stellen)[^.\n]{0,30}r(?:ü|ue)ckseite"
    r"|code de s[ée]curit[ée]|c[óo]digo de (?:seguridad|verificaci[óo]n|segurança)|(?:beveiligings|veiligheids)code"
    r"|codice di (?:sicurezza|verifica)|(?:three|3|four|4|last) digits (?:on|at) the back)"
)
_LINK = (
    r"(?:[\s:=\-–—.,()#\"'*\u200b]|\b(?:is|are|was|number|code|no|nr|num|my|the|of|card|on|ist|lautet|war|sind|est|es|son|"
    r"de|la|le|ma|mi|carte|karte|tarjeta|kaart|van|mijn|der|meiner|auf|2|3 digits|digits)\b){1,12}?"
)
_CODE = r"(?P<code>[0-9](?:[ \u200b]?[0-9]){2,3})(?![0-9]|[.,/][0-9])"
LABELLED = re.compile(rf"\b{_LABEL}{_LINK}{_CODE}", re.IGNORECASE)
WEAKLY_LABELLED = re.compile(rf"\b{_WEAK_LABEL}{_LINK}{_CODE}", re.IGNORECASE)
NAMED_AFTERWARDS = re.compile(
    rf"(?<![0-9./,])(?P<code>[0-9]{{3,4}})(?:\s?[(=\-]\s?|\s(?:is|ist|est|es)\s(?:my|the|mein[e]?|der|die|le|mon|el|mi)?\s?){_LABEL}\b",
    re.IGNORECASE,
)
CARD_WORD = re.compile(
    r"\b(?:visa|master ?card|amex|american express|maestro|(?:credit|debit|bank)?cards?|(?:kredit|bank|debit)?karten?|"
    r"cartes?|tarjetas?|(?:krediet|bank)?kaart|carta)\b|••••",
    re.IGNORECASE,
)
#: What people write right after a card number: its expiry, then the code; or the code alone at the end of the line.
AFTER_CARD = re.compile(
    r"[\s,;|/\u200b]{1,6}(?:(?:exp(?:iry|ires|\.)?|valid|bis|until|date)?[\s:.]{0,3}"
    r"(?:0?[1-9]|1[0-2])\s?[/\-. ]\s?(?:20)?[0-9]{2}[\s,;|/\u200b]{1,6}(?P<dated>[0-9]{3,4})(?![0-9.,/])"
    r"|(?P<code>[0-9]{3})(?=[ \t]*(?:\n|$)))",
    re.IGNORECASE,
)
TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>", re.DOTALL)
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
BREAKING = re.compile(r"</?(?:br|p|div|tr|table|li|ul|ol|h[1-6]|blockquote|hr)\b", re.IGNORECASE)
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u200f"}


@dataclass(frozen=True)
class Redacted:
    """The text as it may be stored, and the kinds that were masked in it (`card_number`, `security_code`)."""

    text: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    mask: str
    kind: str


def redact(text: str) -> Redacted:
    """Mask card numbers to their last four digits and security codes beside them entirely. Repeating is harmless."""
    hits = _find_hits(_readable(text))
    return _cut(text, [(hit.start, hit.end, hit.mask) for hit in hits], hits)


def redact_html(html: str) -> Redacted:
    """Do the same in an HTML body: numbers broken up by tags or written as entities are found, the tags stay."""
    letters = list(_letters(html))
    hits = _find_hits(_readable("".join(letter for letter, _, _ in letters)))
    edits: list[tuple[int, int, str]] = []
    for hit in hits:
        mask = hit.mask
        for letter, start, end in letters[hit.start : hit.end]:
            if html[start : start + 1] != "<" and (end - start == 1 or letter):
                edits.append((start, end, mask))
                mask = ""
    inside_tags = [hit for tag in TAG.finditer(html) for hit in _shifted(tag)]
    edits = sorted([*edits, *((hit.start, hit.end, hit.mask) for hit in inside_tags)])
    return _cut(html, edits, [*hits, *inside_tags])


def _shifted(tag: re.Match[str]) -> Iterator[_Hit]:
    for hit in _find_hits(_readable(tag[0])):
        yield _Hit(hit.start + tag.start(), hit.end + tag.start(), hit.mask, hit.kind)


def _cut(text: str, edits: list[tuple[int, int, str]], hits: list[_Hit]) -> Redacted:
    pieces, position = [], 0
    for start, end, mask in edits:
        pieces += [text[position:start], mask]
        position = end
    return Redacted("".join([*pieces, text[position:]]), tuple(dict.fromkeys(hit.kind for hit in hits)))


def _readable(text: str) -> str:
    """Return the text letter for letter with every digit of every script as ASCII and invisible letters as U+200B."""
    if text.isascii():
        return text
    return "".join(letter if letter.isascii() else _plain(letter) for letter in text)


def _plain(letter: str) -> str:
    value = unicodedata.digit(letter, None)
    if value is not None:
        return str(value)
    if letter in _INVISIBLE:
        return "\u200b"
    kind = unicodedata.category(letter)
    return "-" if kind == "Pd" or letter == "\u2212" else " " if kind == "Zs" else "." if letter in "．。" else letter


def _find_hits(text: str) -> list[_Hit]:
    """Return what must be masked, in order and without overlap."""
    cards = find_card_numbers(text)
    hits = [_Hit(card.start, card.end, f"•••• {card.last4}", CARD_NUMBER) for card in cards]
    spans = [*_codes_by_label(text, has_card=bool(cards)), *_codes_after(text, cards)]
    hits += [_Hit(start, end, CODE_MASK, SECURITY_CODE) for start, end in spans]
    apart: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not apart or hit.start >= apart[-1].end:
            apart.append(hit)
    return apart


def _codes_by_label(text: str, *, has_card: bool) -> Iterator[tuple[int, int]]:
    for found in (*LABELLED.finditer(text), *NAMED_AFTERWARDS.finditer(text)):
        yield found.span("code")
    if has_card or CARD_WORD.search(text):
        for found in WEAKLY_LABELLED.finditer(text):
            yield found.span("code")


def _codes_after(text: str, cards: list[CardNumber]) -> Iterator[tuple[int, int]]:
    for card in cards:
        found = AFTER_CARD.match(text, card.end)
        if found:
            yield found.span("dated" if found["dated"] else "code")


def _letters(html: str) -> Iterator[tuple[str, int, int]]:
    """Yield what a reader sees, letter by letter, with its place in the source; a tag is invisible or a line break."""
    position = 0
    while position < len(html):
        opener = html[position]
        found = TAG.match(html, position) if opener == "<" else ENTITY.match(html, position) if opener == "&" else None
        if found is None:
            yield opener, position, position + 1
            position += 1
        elif opener == "<":
            yield "\n" if BREAKING.match(html, position) else "\u200b", position, found.end()
            position = found.end()
        else:
            decoded = entities.unescape(found[0])
            yield decoded if len(decoded) == 1 else " ", position, found.end()
            position = found.end()
