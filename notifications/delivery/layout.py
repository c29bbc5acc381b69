"""How a message looks: the foot with our name, phone and hours, and a plain HTML version of the text."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils.html import escape

URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
FOOT = {
    "en": "{name} · Billing\nPhone {phone}, {hours}\nYou can simply reply to this message.",
    "de": "{name} · Abrechnung\nTelefon {phone}, {hours}\nSie können auf diese Nachricht einfach antworten.",
}
FELL_BACK = {
    "en": "You asked for text messages. We cannot send them at the moment, so this comes by e-mail.",
    "de": "Sie möchten Textnachrichten bekommen. Zurzeit können wir keine senden, daher kommt dies per E-Mail.",
}
STYLE = "font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#ffffff;max-width:36em;margin:0;padding:1em"


def foot(language: str) -> str:
    """Return who writes and how to reach a person, in the message's language."""
    company = settings.COMPANY
    return _in(FOOT, language).format(
        name=company["name"], phone=company["billing_phone"], hours=company["billing_hours"]
    )


def fell_back_note(language: str) -> str:
    """Return the sentence for customers who wanted a text message and get a mail."""
    return _in(FELL_BACK, language)


def as_html(text: str, *, language: str) -> str:
    """Return the text as a small HTML page: escaped, links clickable, nothing loaded from elsewhere."""
    paragraphs = "".join(f"<p>{_lines(part)}</p>" for part in re.split(r"\n\s*\n", text.strip()))
    small = f'<p style="color:#5a5a5a;font-size:14px">{_lines(foot(language))}</p>'
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"></head>'
        f'<body style="{STYLE}">{paragraphs}<hr>{small}</body></html>'
    )


def _lines(text: str) -> str:
    pieces, last = [], 0
    for found in URL.finditer(text):
        pieces += [escape(text[last : found.start()]), f'<a href="{escape(found[0])}">{escape(found[0])}</a>']
        last = found.end()
    return "".join([*pieces, escape(text[last:])]).replace("\n", "<br>\n")


def _in(table: dict[str, str], language: str) -> str:
    return table.get(language.partition("-")[0].lower(), table["en"])
