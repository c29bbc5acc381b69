"""How a message looks: the foot with our name and the billing line, and a plain HTML version of the text."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils.html import escape
from django.utils.module_loading import import_string

from ledger.documents.contact import ContactBlock

URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
FOOT = {
    "en": "{name} · Billing\nPhone {phone}, {hours}\nYou can simply reply to this message.",
    "de": "{name} · Abrechnung\nTelefon {phone}, {hours}\nSie können auf diese Nachricht einfach antworten.",
}
FELL_BACK = {
    "en": "You asked for text messages. We cannot send them at the moment, so this comes by e-mail.",
    "de": "Sie möchten Textnachrichten bekommen. Zurzeit können wir keine senden, daher kommt dies per E-Mail.",
}
MOVED = {
    "en": "We could not reach you at {}. Please tell us the address we should use.",
    "de": "Unter {} konnten wir Sie nicht erreichen. Bitte nennen Sie uns die Adresse, die wir verwenden sollen.",
}
STYLE = "font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#ffffff;max-width:36em;margin:0;padding:1em"


def foot(language: str, country: str = "") -> str:
    """Return who writes and whom a reader in a country may call, as the line stands now, in the message's language."""
    line: ContactBlock = import_string(settings.BILLING_CONTACT)(country, _known(language))
    return _in(FOOT, language).format(name=settings.COMPANY["name"], phone=line.display, hours=line.hours)


def fell_back_note(language: str) -> str:
    """Return the sentence for customers who wanted a text message and get a mail."""
    return _in(FELL_BACK, language)


def moved_note(language: str, address: str) -> str:
    """Return the sentence for customers whose first address refused the message; the address is masked."""
    return _in(MOVED, language).format(address)


def as_html(text: str, *, language: str, small: str) -> str:
    """Return the text above its foot as a small HTML page: escaped, links clickable, nothing loaded from elsewhere."""
    paragraphs = "".join(f"<p>{_lines(part)}</p>" for part in re.split(r"\n\s*\n", text.strip()))
    under = f'<p style="color:#5a5a5a;font-size:14px">{_lines(small)}</p>'
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"></head>'
        f'<body style="{STYLE}">{paragraphs}<hr>{under}</body></html>'
    )


def _lines(text: str) -> str:
    pieces, last = [], 0
    for found in URL.finditer(text):
        pieces += [escape(text[last : found.start()]), f'<a href="{escape(found[0])}">{escape(found[0])}</a>']
        last = found.end()
    return "".join([*pieces, escape(text[last:])]).replace("\n", "<br>\n")


def _known(language: str) -> str:
    first = language.partition("-")[0].lower()
    return first if first in FOOT else "en"


def _in(table: dict[str, str], language: str) -> str:
    return table[_known(language)]
