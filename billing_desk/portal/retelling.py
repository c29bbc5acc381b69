"""Sentences that the apps below write in English for staff and customers alike, said in the language of the page.

A refusal is known by its class: the English of the page is the operation's own sentence, every other language has one
sentence for each refusal a customer can meet. What nobody wrote words for stays English and is marked as English.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from billing_desk.portal.refusal_words import REFUSALS
from ledger.errors import DomainError
from notifications.wording.catalogue import LAST_LANGUAGE

#: Sentences with figures that customers read, as the ledger writes them.
SENTENCES = (
    gettext_noop("A term is agreed on; {day} is the earliest end."),
    gettext_noop("What is used until {day} is billed then."),
    gettext_noop("{plan} allows {limit} a period; {used} were used in one."),
    gettext_noop("The account was opened on {day}; nothing was owed before."),
    gettext_noop("That is not a day we can read; these are today's figures."),
)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def say(refusal: DomainError) -> str:
    """Return why something was refused, in the language of the page."""
    if _is_english():
        return str(refusal)
    words = next((REFUSALS[kind.__name__] for kind in type(refusal).__mro__ if kind.__name__ in REFUSALS), None)
    return str(words) if words is not None else in_english(str(refusal))


def retell(sentence: str) -> str:
    """Return an English sentence of the ledger in the language of the page, with its days and figures."""
    if not sentence or _is_english():
        return sentence
    for pattern, english in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return _(english).format(**{name: _figure(value) for name, value in found.groupdict().items()})
    return in_english(sentence)


def in_english(sentence: str) -> str:
    """Mark a sentence as English, for whom a page in another language is read out."""
    return format_html('<span lang="en">{}</span>', sentence) if sentence else ""


def _is_english() -> bool:
    return (get_language() or LAST_LANGUAGE).startswith("en")


def _figure(text: str) -> str:
    return str(date_format(date.fromisoformat(text), "DATE_FORMAT")) if DAY.fullmatch(text) else text


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return how each sentence is recognised, with its English as it stands in the catalogue."""
    return [(re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(text))), text) for text in SENTENCES]
