"""Guesses the billing topic from the words used (pure, explainable rules).

Every rule is a phrase with a weight. A phrase in the subject counts half as much again; a phrase counts once however
often it is written; a wish right behind a "not" does not count. The topic with the most weight wins; of equal ones the
more particular, in the order of `Topic`. The words that decided are returned, so an agent sees why.
"""

import re
from dataclasses import dataclass
from functools import cache

from tickets.intake.topic_names import Topic
from tickets.intake.topic_rules import RULES

__all__ = ["Topic", "TopicGuess", "guess_topic"]

MAX_CHARS = 8_000
SUBJECT_FACTOR = 1.5
#: With this much weight and no rival the guess is sure.
ENOUGH = 6.0
NEGATION = re.compile(
    r"(?:\b(?:not|don't|do not|didn't|never|no|without|nicht|keine?n?|nie|ne pas|pas de|niet|geen|no quiero|sin)"
    r"(?: (?:want|need|ask|asking|to|a|an|for|my|the|meine|die|das|de|la|le|el|mi|un|una|willen|wil|quiero)){0,4}\s)$"
)
#: "I do not want a refund" asks for none, while "I can not log in" is about logging in.
WISHES = {Topic.REFUND_REQUEST, Topic.CANCEL, Topic.PLAN_CHANGE}
APOSTROPHES = str.maketrans("’‘`´\u00a0", "'''' ")


@dataclass(frozen=True)
class TopicGuess:
    """The topic, the words that decided (as the customer wrote them), and how sure the rules are, from 0.0 to 1.0."""

    topic: Topic
    words: tuple[str, ...]
    confidence: float


def guess_topic(subject: str, text: str) -> TopicGuess:
    """Return the billing topic of a message; `general` with no words when no rule speaks."""
    parts = ((_plain(subject), SUBJECT_FACTOR), (_plain(text), 1.0))
    scores: dict[Topic, float] = {}
    deciding: dict[Topic, list[str]] = {}
    for topic, weight, phrase in _rules():
        found, factor = next(
            ((hit, by) for part, by in parts if (hit := _find(phrase, part, is_wish=topic in WISHES))), ("", 0.0)
        )
        if found:
            scores[topic] = scores.get(topic, 0.0) + weight * factor
            deciding.setdefault(topic, []).append(found)
    if not scores:
        return TopicGuess(Topic.GENERAL, (), 0.0)
    order = list(Topic)
    best = max(scores, key=lambda topic: (scores[topic], -order.index(topic)))
    rival = max((score for topic, score in scores.items() if topic is not best), default=0.0)
    lead = scores[best] / (scores[best] + rival)
    confidence = round(min(scores[best] / ENOUGH, 1.0) * lead, 2)
    return TopicGuess(best, _longest(deciding[best]), confidence)


@cache
def _rules() -> tuple[tuple[Topic, int, re.Pattern[str]], ...]:
    return tuple(
        (topic, weight, re.compile(r"\b" + re.escape(phrase).replace(r"\ …\ ", r"(?: [^\s.!?]+){0,4}? ") + r"\b"))
        for topic, by_weight in RULES.items()
        for weight, phrases in by_weight.items()
        for phrase in phrases
    )


def _find(phrase: re.Pattern[str], text: str, *, is_wish: bool) -> str:
    """Return the words found; a wish is not found where a negation stands right before it."""
    for found in phrase.finditer(text):
        if not is_wish or not NEGATION.search(text[max(found.start() - 40, 0) : found.start()]):
            return found[0]
    return ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text[:MAX_CHARS].translate(APOSTROPHES).lower())


def _longest(found: list[str]) -> tuple[str, ...]:
    """Return the words found, each once, without those that stand inside others."""
    distinct = dict.fromkeys(found)
    return tuple(words for words in distinct if not any(words != other and words in other for other in distinct))
