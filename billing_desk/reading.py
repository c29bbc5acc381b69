"""In whose language a page is being written: its words in one we have, its figures as the reader's own country does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from notifications.wording.catalogue import LAST_LANGUAGE, languages_to_try

#: Words at hand, or to be looked up in the language of whoever reads them.
Words = str | Promise
_reader: ContextVar[str] = ContextVar("reader", default="")


def page_language(tag: str) -> str:
    """Return the language a page is written in for a reader: `de` for `de-AT`, English for what we do not write.

    The order is the one our messages follow, so that a page and the letter about it are in the same language.
    """
    written = dict(settings.LANGUAGES)
    return next((language for language in languages_to_try(tag) if language in written), LAST_LANGUAGE)


@contextmanager
def written_for(tag: str) -> Iterator[None]:
    """Write what is said in the meantime for a reader of this language tag."""
    token = _reader.set(tag)
    try:
        with translation.override(page_language(tag)):
            yield
    finally:
        _reader.reset(token)


def reader(else_for: str = "") -> str:
    """Return the language tag figures are written for: the reader's own, else the one named, else the page's."""
    return _reader.get() or else_for or translation.get_language() or LAST_LANGUAGE
