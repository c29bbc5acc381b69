"""The topic of a message, and the words that decided it."""

import json
from pathlib import Path

import pytest

from tickets.intake.topics import Topic, guess_topic

CASES = json.loads((Path(__file__).parents[2] / "cases" / "topics.json").read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:50])
def test_the_topic_is_told_by_its_words(case: dict[str, str]) -> None:
    guess = guess_topic("", case["text"])

    assert guess.topic == case["topic"]
    assert all(words in case["text"].lower() for words in guess.words)


def test_the_deciding_words_are_named() -> None:
    guess = guess_topic("Charged twice", "I see two charges and want my refund.")

    assert guess.topic is Topic.DUPLICATE_CHARGE
    assert guess.words == ("charged twice", "two charges")
    assert 0.5 < guess.confidence < 1.0  # the refund speaks too, but less


def test_a_wish_that_is_denied_does_not_count() -> None:
    assert guess_topic("", "I do not want a refund, just tell me why my bill is higher").topic is Topic.HIGHER_BILL


def test_a_message_without_any_known_word_is_general_and_unsure() -> None:
    guess = guess_topic("Hello", "How are you?")

    assert (guess.topic, guess.words, guess.confidence) == (Topic.GENERAL, (), 0.0)


def test_the_same_word_many_times_counts_once() -> None:
    assert guess_topic("", "refund " * 500).confidence == guess_topic("", "refund").confidence
