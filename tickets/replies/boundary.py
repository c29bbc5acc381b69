"""check_advice: a reply that advises is not sent; the referral is offered instead, unless a supervisor decides."""

from __future__ import annotations

from ledger.errors import DomainError, NotAllowed
from ledger.events.actor import Actor
from notifications.wording.boundary import find_boundary
from tickets.replies.advice import Found, Phrase, find_advice, leave_out
from tickets.replies.models import BlockedPhrase

#: Who may send a reply with such words all the same, with the reason kept.
MAY_OVERRIDE = frozenset({"supervisor"})


class AdviceInReply(DomainError):
    """The reply says what only a lawyer, a tax adviser or a debt adviser may say."""


class OverrideNotAllowed(NotAllowed):
    """Only a supervisor may send words that are left to advisers."""


def phrases_in_use() -> list[Phrase]:
    """Return the phrases agents do not use, of every language: replies are written in any."""
    rows = BlockedPhrase.objects.filter(is_in_use=True).order_by("language", "words")
    return [Phrase(row.words, row.why) for row in rows]


def advice_in(text: str) -> list[Found]:
    """Return the phrases of a text that are left to advisers."""
    return find_advice(text, phrases_in_use())


def refer_instead(text: str, language: str) -> str:
    """Return a reply with its advice left out and the referral of the customer's language in its place."""
    return leave_out(text, phrases_in_use(), instead=find_boundary(language or "en").referral)


def check_advice(text: str, *, reason: str = "", by: Actor) -> list[Found]:
    """Return the advice in a text that a supervisor sends for a reason; nothing where there is none.

    :raises AdviceInReply: naming the words and why, if no reason is given
    :raises OverrideNotAllowed: if a reason is given by somebody else
    """
    found = advice_in(text)
    if not found:
        return []
    if not reason.strip():
        named = " ".join(f"“{each.typed}”: {each.why}" for each in found)
        raise AdviceInReply(f"{named} Please point the customer to somebody who may advise.")
    if not by.roles & MAY_OVERRIDE:
        raise OverrideNotAllowed("Only a supervisor may send these words. Please use the referral text.")
    return found
