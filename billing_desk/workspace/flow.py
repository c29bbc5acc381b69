"""The conversation as it is drawn: messages as boxes, notes on other paper, events as lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from billing_desk.templatetags.words import CHANNELS, object_address, object_words
from billing_desk.workspace.names import names_of
from tickets.conversations.models import Message, Reference

#: What an event line speaks of by number, so that the number can be a link.
NUMBERS = re.compile(r"\b(?:INV|CN|R|P|D)-[0-9-]*\d\b")
MASKED_WORDS = {"card_number": "card number masked", "cvv": "security code masked", "card": "card number masked"}


@dataclass(frozen=True)
class FlowItem:
    """One message, note or event line, ready to be drawn."""

    message: Message
    author: str
    channel: str
    text: SafeString
    whole: str
    masked: list[str]
    links: list[dict[str, Any]]
    choices: list[dict[str, Any]]
    refused: list[Reference]
    tone: str

    @property
    def kind(self) -> str:
        """in, out, note or event."""
        return str(self.message.kind)


def flow_of(messages: Sequence[Message], people: Mapping[str, str]) -> list[FlowItem]:
    """Return the items of a conversation in order; what the messages speak of is looked up once for all of them."""
    references = [each for message in messages for each in message.found_references.all()]
    spoken_of = {subject for each in references for subject in (each.subject, *each.candidates) if subject}
    names = names_of(spoken_of, with_amounts=True)
    return [_item(message, people, names) for message in messages]


def _item(message: Message, people: Mapping[str, str], names: Mapping[str, str]) -> FlowItem:
    references = list(message.found_references.all())
    shown = message.new_text or message.text
    whole = message.text if message.new_text and message.new_text.strip() != message.text.strip() else ""
    is_event = message.kind == Message.Kind.EVENT
    return FlowItem(
        message=message,
        author=_author(message, people),
        channel=CHANNELS.get(message.channel, message.channel),
        text=_event_text(message) if is_event else _with_chips(shown, references),
        whole=whole,
        masked=[MASKED_WORDS.get(kind, f"{kind.replace('_', ' ')} masked") for kind in message.masked],
        links=[_link(reference, names) for reference in references if reference.subject],
        choices=[
            _choice(reference, names) for reference in references if reference.candidates and not reference.subject
        ],
        refused=[reference for reference in references if reference.refused_because and not reference.subject],
        tone=_tone(message) if is_event else "",
    )


def _author(message: Message, people: Mapping[str, str]) -> str:
    kind, _, name = message.author.partition(":")
    if message.author_name:
        return message.author_name
    return people.get(name, message.author) if kind == "agent" else message.author


def _link(reference: Reference, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "words": reference.words,
        "subject": reference.subject,
        "name": names[reference.subject],
        "address": object_address(reference.subject),
    }


def _choice(reference: Reference, names: Mapping[str, str]) -> dict[str, Any]:
    options = [{"subject": subject, "name": names[subject]} for subject in reference.candidates]
    return {"id": reference.pk, "words": reference.words, "options": options}


def _with_chips(text: str, references: Sequence[Reference]) -> SafeString:
    """Return the text, escaped, with the words that were recognised marked and linked."""
    out: str = escape(text)
    for reference in references:
        words = escape(reference.words)
        if not reference.subject or not words or words not in out:
            continue
        address = object_address(reference.subject)
        title = escape(object_words(reference.subject))
        out = out.replace(words, f'<a class="ref" href="{escape(address)}" title="{title}">{words}</a>', 1)
    return mark_safe(out)


def _event_text(message: Message) -> SafeString:
    """Return an event's words with the number of its object as a link."""
    text: str = escape(message.text)
    address = object_address(message.about)
    if address:
        text = NUMBERS.sub(lambda found: f'<a href="{escape(address)}">{found.group()}</a>', text, count=1)
    return mark_safe(text)


def _tone(message: Message) -> str:
    words = message.text.lower()
    if any(
        word in words for word in ("refused", "failed", "declined", "rejected", "locked", "late", "broken", "missed")
    ):
        return "bad"
    if any(word in words for word in ("verified", "paid", "upheld", "kept", "approved", "restored")):
        return "good"
    return ""
