"""Words in an agent's reply that only a lawyer, a tax adviser or a debt adviser may say (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: What `*` in a phrase stands for: up to so many words.
MOST_BETWEEN = 4


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase agents do not use, and why; `*` stands for up to four words."""

    words: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase as it was typed, with why it is not used."""

    typed: str
    why: str


def find_advice(text: str, phrases: Iterable[Phrase]) -> list[Found]:
    """Return what in a text is advice by the phrases, each once, in the order of the phrases."""
    plain, found = _plain(text), list[Found]()
    for phrase in phrases:
        match = _pattern(phrase.words).search(plain)
        if match:
            found.append(Found(match[0].strip(), phrase.why))
    return found


def leave_out(text: str, phrases: Iterable[Phrase], *, instead: str) -> str:
    """Return a text with each sentence that advises left out, and the referral in the place of the first of them."""
    rows = list(phrases)
    sentences = re.split(r"(?<=[.!?])(\s+)", text)
    kept, is_said = list[str](), False
    for sentence in sentences:
        if not find_advice(sentence, rows):
            kept.append(sentence)
        elif not is_said:
            kept.append(instead)
            is_said = True
    return "".join(kept) if is_said else text


def _plain(text: str) -> str:
    """Return a text as phrases are looked for in it: one form of every letter, single blanks, no emphasis."""
    form = unicodedata.normalize("NFKC", text).replace("’", "'").replace("\u00ad", "").replace("\u200b", "")
    return re.sub(r"[\s_*]+", " ", form)


def _pattern(words: str) -> re.Pattern[str]:
    """Return the pattern of a phrase: whole words, any case; `*` stands for up to four words."""
    parts = [r"\s+".join(map(re.escape, unicodedata.normalize("NFKC", part).split())) for part in words.split("*")]
    between = rf"(?:\s+\S+){{0,{MOST_BETWEEN}}}\s+"
    return re.compile(rf"(?<!\w){between.join(part for part in parts if part)}(?!\w)", re.IGNORECASE)
